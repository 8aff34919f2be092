set lock_timeout = '4s';
alter table public.readers validate constraint readers_experience;
