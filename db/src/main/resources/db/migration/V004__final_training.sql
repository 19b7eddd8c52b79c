-- What exported models show, and trainings of found networks to their end.

alter table trial add column onnx_test_score double precision;
alter table trial add column onnx_milliseconds double precision;
alter table trial add column onnx_bytes bigint;
alter table trial add column int8_test_score double precision;
alter table trial add column int8_milliseconds double precision;
alter table trial add column int8_bytes bigint;

create table final_run (
  study bigint not null,
  trial int not null,
  number int not null,
  ended boolean not null,
  -- whole, as JSON: nothing is asked by what is in it
  run text not null,
  primary key (study, trial, number),
  foreign key (study, trial) references trial (study, number) on delete cascade
);

alter table ranked add column int8_drop double precision;
alter table ranked add column final_test_mean double precision;
alter table ranked add column final_test_deviation double precision;
