-- by how much greater the validation error is with 8 bits
alter table trial add column int8_validation_drop double precision;
-- number of the trial whose weights it began with
alter table trial add column provenance_parent int;
