-- Scores of other tasks than classification: bits per byte, mean squared error.

alter table trial alter column validation_accuracy rename to validation_score;
alter table trial alter column test_accuracy rename to test_score;
alter table trial add metric varchar(40);
update trial set metric = 'ACCURACY' where validation_score is not null;

alter table epoch alter column validation_accuracy rename to validation_score;

drop index ranked_best;
drop index ranked_worst;
drop index ranked_cheapest;
drop index ranked_dearest;
alter table ranked alter column validation_accuracy rename to validation_score;
alter table ranked add metric varchar(40) default 'ACCURACY' not null;

-- an index is read in one direction only
create index ranked_greatest on ranked (metric, validation_score desc, study, trial);
create index ranked_least on ranked (metric, validation_score, study, trial);
create index ranked_cheapest on ranked (metric, multiply_adds, study, trial);
create index ranked_dearest on ranked (metric, multiply_adds desc, study, trial);
