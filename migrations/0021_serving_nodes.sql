-- Where a subscriber is attached: the MME and the SGSN of each IMSI of a subscription [29.272-5.2.1], as src/apps/s6a/state has them.

create table serving_nodes (
  subscription_key bigint not null primary key references ims_subscription on delete cascade, -- [store] distribution column
  version          bigint not null,                                                          -- [store] of this row
  nodes            json   not null                                                           -- [29.272-5.2.1.1.3] by IMSI: MME and SGSN, terminal, P-GWs
);
