-- The months of chat_messages are made together with those of the record.
insert into public.chat_messages (session_id, sender_id, message_type, content)
values ('0190a000-0000-7000-8000-000000000021', '0190a000-0000-7000-8000-000000000001', 'SYSTEM', '{"system": "hello"}');
