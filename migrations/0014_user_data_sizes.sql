-- How long the User-Data of each implicit registration set gets at most, so that a change of a shared set can tell by these two numbers which
-- subscriptions to look at: own octets + copies * the longest shared profile is an upper bound (docs/decisions/0012-bounds-of-what-is-sent.md).
alter table implicit_registration_set
  add column if not exists user_data_octets integer,                                                 -- [29.228-6.6] octets that no shared set changes; null where nobody measured
  add column if not exists shared_copies integer;                                                    -- [29.229-7.1.1] copies of shared profiles and shared iFC sets in it

-- What is there already is estimated from above; a subscription that is written again is measured. XML is at most 8 times as long as the JSON of
-- filter criteria and 6 times as long as a text (&apos;).
with groups as (
  select subscription_key, set_position, service_profile, service_profile_is_shared,
    count(distinct alias_group) + (count(*) > count(alias_group))::integer as copies,
    sum(1536 + 6 * octet_length(concat(identity, display_name, alias_group, service_level_trace_info))
      + 8 * coalesce(octet_length(extended_priorities::text), 0)) as identities
  from public_identity group by 1, 2, 3, 4),
sizes as (
  select g.subscription_key, g.set_position,
    sum(g.identities + case when g.service_profile_is_shared then 0 else g.copies * (1024
      + 8 * octet_length(f.initial_filter_criteria::text) + 8 * coalesce(octet_length(array_to_json(f.service_ids)::text), 0)) end) as octets,
    sum(g.copies * case when g.service_profile_is_shared then 1 else cardinality(f.shared_ifc_sets) end) as copies
  from groups g left join service_profile f on f.subscription_key = g.subscription_key and f.name = g.service_profile
  group by 1, 2)
update implicit_registration_set r
set user_data_octets = least(2147483647, 4096 + z.octets
    + 8 * octet_length(concat(s.reference_access_type, s.reference_access_info, s.reference_access_value))
    + 16 * octet_length(concat(array_to_json(s.waf_names), array_to_json(s.wwsf_names)))
    + 600 * (select count(*) from private_identity p where p.subscription_key = s.subscription_key)),
  shared_copies = z.copies
from sizes z join ims_subscription s on s.subscription_key = z.subscription_key
where r.subscription_key = z.subscription_key and r.position = z.set_position;
