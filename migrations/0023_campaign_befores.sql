-- What a shared set was before the changes that a campaign carries, where the application needs it to tell what has changed.

alter table shared_push_campaign add column befores json;                               -- [29.272-5.2.2.1.3] documents of the set before, first one first; null where nobody needs them
