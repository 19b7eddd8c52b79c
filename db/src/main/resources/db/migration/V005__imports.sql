-- What a study knew when it began of networks measured elsewhere: it is not trained again.

create table imported (
  study bigint not null,
  number int not null,
  -- whole, as JSON: nothing is asked by what is in it
  network text not null,
  primary key (study, number),
  foreign key (study) references study (id) on delete cascade
);
