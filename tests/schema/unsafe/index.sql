set lock_timeout = '4s';
create index readers_name on public.readers (last_name);
