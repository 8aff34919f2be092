insert into public.conversations (id, first_id, second_id)
values ('0190a000-0000-7000-8000-000000000061', '0190a000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000002');
insert into public.messages (conversation_id, sender_id, receiver_id, message_type, content)
values ('0190a000-0000-7000-8000-000000000061', '0190a000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000002',
        'SYSTEM', '{"system": "hello"}');
