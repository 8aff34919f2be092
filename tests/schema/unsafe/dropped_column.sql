set lock_timeout = '4s';
alter table public.readers drop column headline;
