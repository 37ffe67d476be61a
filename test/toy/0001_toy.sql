-- What the toy application keeps: who wants to hear of a subscription.
create table toy_watch (
  subscription_key bigint  primary key references ims_subscription on delete cascade,
  version          bigint  not null,
  host             text    not null,
  realm            text    not null,
  is_released      boolean not null
);
