-- People from before everything else was built: a client, a reader, an administrator.
insert into auth.users (id, email) values
    ('0190a000-0000-7000-8000-000000000001', 'client@example.com'),
    ('0190a000-0000-7000-8000-000000000002', 'reader@example.com'),
    ('0190a000-0000-7000-8000-000000000003', 'admin@example.com');
insert into public.reader_applications (user_id, first_name, last_name, bio, session_types, pricing, timezone)
values ('0190a000-0000-7000-8000-000000000002', 'Ada', 'Reader', 'Reads.', '{CHAT}', '{"CHAT": 399}', 'Europe/Berlin');
select private.make_reader(a) from public.reader_applications a;
select worker_api.appoint_admin('0190a000-0000-7000-8000-000000000003', '{manage_users}');
