-- What probes saw inside trained networks, and all that networks cost on the leaderboard.

create table inspection (
  study bigint not null,
  trial int not null,
  -- whole, as JSON: nothing is asked by what is in it
  inspection text not null,
  primary key (study, trial),
  foreign key (study, trial) references trial (study, number) on delete cascade
);

alter table ranked add column fourier bigint default 0 not null;
alter table ranked add column elementwise bigint default 0 not null;
alter table ranked add column softmax bigint default 0 not null;
alter table ranked add column peak_activations bigint default 0 not null;
alter table ranked add column state_bytes bigint;
alter table ranked add column products double precision;
alter table ranked add column spike_operations double precision;
alter table ranked add column most_spike_operations bigint;

update ranked set (fourier, elementwise, softmax, peak_activations, state_bytes) = (
  select t.fourier, t.elementwise, t.softmax, t.peak_activations, t.state_bytes
  from trial t where t.study = ranked.study and t.number = ranked.trial
);
