-- The two tables that serving requests touches are written with their subscription, in its transaction, by a key that has just been
-- made or locked. A foreign key would look that key up again for each row: a seventh of what an import costs the database. What goes
-- with a subscription goes by one statement for all that are deleted together.
alter table subscription_image drop constraint subscription_image_subscription_key_fkey;
alter table registration_state drop constraint registration_state_subscription_key_fkey;

create function delete_copies() returns trigger
language plpgsql as $$
begin
  delete from subscription_image where subscription_key in (select subscription_key from gone);
  delete from registration_state where subscription_key in (select subscription_key from gone);
  return null;
end
$$;
create trigger delete_copies after delete on ims_subscription referencing old table as gone
  for each statement execute function delete_copies();
