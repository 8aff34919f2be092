set lock_timeout = '4s';
alter table public.sessions alter column max_minutes type bigint;
alter table public.readers add column score double precision not null default random();
