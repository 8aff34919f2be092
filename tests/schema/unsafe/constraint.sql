set lock_timeout = '4s';
alter table public.readers add constraint readers_experience check (experience < 80);
alter table public.gifts add constraint gifts_product foreign key (gift_id) references public.products (id);
