-- The registration state is read and written as a whole, as JSON text; nothing looks into it on the way. As jsonb each commit took it apart and each load put it
-- together again.
alter table registration_state alter column sets drop default, alter column sequence_numbers drop default;
alter table registration_state alter column sets type json using sets::json, alter column sequence_numbers type json using sequence_numbers::json;
alter table registration_state alter column sets set default '[]', alter column sequence_numbers set default '[]';

-- Who owns an identity is answered by the index alone.
alter table public_identity drop constraint public_identity_identity_key,
  add constraint public_identity_identity_key unique (identity) include (subscription_key);
alter table private_identity drop constraint private_identity_identity_key,
  add constraint private_identity_identity_key unique (identity) include (subscription_key);
