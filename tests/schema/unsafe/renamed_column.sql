set lock_timeout = '4s';
alter table public.readers rename column bio to story;
