set lock_timeout = '4s';
alter table public.readers add column motto text not null default '';
comment on column public.readers.motto is 'A few words.';
