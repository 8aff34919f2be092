insert into public.live_streams (reader_id, title, category, status, started_at)
values ('0190a000-0000-7000-8000-000000000002', 'Full moon', 'astrology', 'LIVE', private.now());
insert into public.virtual_gifts (name, price, image_url) values ('Rose', 100, 'gifts/rose.png');
