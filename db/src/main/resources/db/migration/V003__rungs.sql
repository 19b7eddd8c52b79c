-- Trainings that pause at rungs: epochs, time and objectives of each, as JSON.
alter table trial add column rungs varchar default '[]' not null;
-- how often a strategy drew what it had proposed before
alter table study add column duplicates bigint default 0 not null;
-- of one example, forward, on the worker that trained it
alter table trial add column latency_millis double precision;
-- kept from token to token when they come one at a time
alter table trial add column state_bytes bigint;
