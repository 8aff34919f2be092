insert into public.forum_categories (id, name) values ('0190a000-0000-7000-8000-000000000051', 'Welcome');
insert into public.forum_posts (id, author_id, category_id, title, content)
values ('0190a000-0000-7000-8000-000000000052', '0190a000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000051', 'Hello', 'Everyone.');
insert into public.forum_replies (post_id, author_id, content)
values ('0190a000-0000-7000-8000-000000000052', '0190a000-0000-7000-8000-000000000002', 'Welcome.');
