-- What the registration state keeps by name is kept in arrays, no longer in objects with names as their properties: each of those has a shape
-- of its own for every subscriber, which made them dearer to read than all else in the row.
--   sets: [{name, since, state, profileOutdated, privateIdentities: [{since, identity, registered, restoration, authenticationPendingSinceMs}]}]
--   sequence_numbers: [[private identity, highest SQN given]]
-- An instance of an older release does not find what is stored like this, and must not run any more.
update registration_state set
  sets = case when sets = '{}' then '[]' else (
    select jsonb_agg(jsonb_build_object('name', s.key) || s.value || jsonb_build_object('privateIdentities', (
      select coalesce(jsonb_agg(jsonb_build_object('identity', p.key) || p.value order by p.n), '[]')
      from jsonb_each(s.value -> 'privateIdentities') with ordinality as p (key, value, n))) order by s.n)
    from jsonb_each(sets) with ordinality as s (key, value, n)) end,
  sequence_numbers = case when sequence_numbers = '{}' then '[]' else (
    select jsonb_agg(jsonb_build_array(q.key, q.value) order by q.n) from jsonb_each(sequence_numbers) with ordinality as q (key, value, n)) end;

alter table registration_state alter column sets set default '[]', alter column sequence_numbers set default '[]';
