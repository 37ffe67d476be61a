-- The equipment identity register (EIR, S13): a status for an IMEI, for an IMEI with one software version, for a range of IMEIs or for a TAC.
-- One value is found by the primary key. Ranges and TACs are found by `imeis`, of which the narrowest counts.

create table shared_equipment (
  value                   text primary key,                                             -- [29.272-6.2.1.3] TAC (8 digits), IMEI (14), IMEISV (16) or range (IMEI-IMEI)
  status                  text not null check (status in ('permitted', 'prohibited', 'tracking')), -- [29.272-7.3.51] Equipment-Status
  note                    text,                                                         -- [store] for people
  imeis                   int8range,                                                    -- [29.272-7.3.4] first to last IMEI of a range or TAC; null for a single IMEI
  revision                bigint not null                                               -- [store] ETag
);
create index shared_equipment_imeis on shared_equipment using gist (imeis) where imeis is not null;

-- Who used which equipment when, where the configuration says that it is recorded. A use belongs to an IMSI and not to a subscription: who roams
-- in has none here.
create table equipment_use (
  imsi                    text not null,                                                -- [23.003-2.2] IMSI
  imei                    text not null,                                                -- [29.272-7.3.4] IMEI, 14 digits
  software_version        text not null default '',                                     -- [29.272-7.3.5] Software Version Number, 2 digits; '' where not told
  first_at                timestamptz not null default now(),                           -- [store] first time told
  last_at                 timestamptz not null default now(),                           -- [store] last time told
  peer                    text not null,                                                -- [6733-6.3] Origin-Host of who told it last
  primary key (imsi, imei, software_version)
) with (fillfactor = 70);
-- None on last_at: an update then stays on its page (HOT), and what is too old is looked for once an hour.
create index equipment_use_imei on equipment_use (imei);
