set lock_timeout = '4s';
alter table public.readers add constraint readers_experience check (experience < 80) not valid;
