alter table public.readers add column motto text;
