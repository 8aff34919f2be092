-- squawk-disable-assume-in-transaction
set lock_timeout = '4s';
create index concurrently if not exists readers_name on public.readers (last_name);
