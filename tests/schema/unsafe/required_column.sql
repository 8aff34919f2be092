set lock_timeout = '4s';
alter table public.readers add column motto text not null;
