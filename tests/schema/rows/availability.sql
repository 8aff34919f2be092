insert into public.availability (reader_id, day_of_week, start_time, end_time)
values ('0190a000-0000-7000-8000-000000000002', 6, '22:00', '02:00');
