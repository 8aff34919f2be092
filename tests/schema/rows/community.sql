insert into public.reviews (session_id, client_id, reader_id, rating)
values ('0190a000-0000-7000-8000-000000000021', '0190a000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000002', 5);
insert into public.consents (user_id, kind, version) values ('0190a000-0000-7000-8000-000000000001', 'TERMS', '1');
