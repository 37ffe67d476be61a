-- Entries of the outbox are requests of any application: "kind" is the name of the application, a dot, and the command.
-- Entries that are open or completed already are Cx's.
alter table outbox
  drop constraint outbox_command_check;
alter table outbox
  rename column command to kind;
update outbox set kind = 'cx.' || kind;
