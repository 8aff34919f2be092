-- A small world to look at: eight readers in seven time zones, six clients, an administrator, a shop, gifts, a forum.
-- For local databases: `supabase start` and `supabase db reset` apply it, `soulseer seed` does on the local stack.
-- Everyone signs in with the password soulseer-demo, as <name>@soulseer.example. Run it as often as you like: what is
-- there stays as it is. Money is not seeded: it comes in by top-ups, or in bulk by `soulseer seed --scale`.

----------------------------------------------------------------------
-- People. Their cards, client profiles and accounts are made by the trigger on auth.users.
----------------------------------------------------------------------

with secret as materialized (
    select extensions.crypt('soulseer-demo', extensions.gen_salt('bf', 10)) as hash
)
insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
    created_at, updated_at,
    -- The Auth server reads these as text and takes no null.
    confirmation_token, recovery_token, email_change_token_new, email_change)
select '00000000-0000-0000-0000-000000000000', ('0190a000-0000-7000-8000-0000000000' || p.n)::uuid, 'authenticated', 'authenticated',
       p.name || '@soulseer.example', s.hash, now(), '{"provider": "email", "providers": ["email"]}', '{}',
       now(), now(), '', '', '', ''
from secret s, (values
    ('01', 'amara'), ('02', 'bjorn'), ('03', 'chiyo'), ('04', 'dolores'), ('05', 'eirlys'), ('06', 'farid'), ('07', 'grace'), ('08', 'harriet'),
    ('11', 'nora'), ('12', 'oskar'), ('13', 'priya'), ('14', 'quentin'), ('15', 'rosa'), ('16', 'samuel'), ('21', 'admin')) p (n, name)
on conflict do nothing;

insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
select u.id::text, u.id, jsonb_build_object('sub', u.id, 'email', u.email, 'email_verified', true), 'email', now(), now(), now()
from auth.users u where u.email like '%@soulseer.example'
on conflict do nothing;

update public.users u set username = v.username
from (values
    ('01', 'amara_reads'), ('02', 'bjorn_runes'), ('03', 'chiyo'), ('04', 'dolores_tarot'), ('05', 'eirlys'), ('06', 'farid_stars'),
    ('07', 'grace_m'), ('08', 'harriet_h'), ('11', 'nora'), ('12', 'oskar'), ('13', 'priya'), ('14', 'quentin'), ('15', 'rosa'),
    ('16', 'samuel'), ('21', 'house')) v (n, username)
where u.id = ('0190a000-0000-7000-8000-0000000000' || v.n)::uuid and u.username is null;

update public.clients c
set first_name = v.first_name, last_name = v.last_name, timezone = v.timezone,
    preferred_session_types = v.types::public.session_type[], preferred_categories = v.categories::text[]
from (values
    ('11', 'Nora', 'Lindqvist', 'Europe/Stockholm', '{CHAT}', '{tarot,love}'),
    ('12', 'Oskar', 'Brandt', 'Europe/Berlin', '{CALL}', '{astrology}'),
    ('13', 'Priya', 'Raman', 'Asia/Kolkata', '{CHAT,VIDEO}', '{astrology,career}'),
    ('14', 'Quentin', 'Moreau', 'Europe/Paris', '{VIDEO}', '{mediumship}'),
    ('15', 'Rosa', 'Delgado', 'America/Mexico_City', '{CHAT,CALL}', '{tarot,family}'),
    ('16', 'Samuel', 'Okafor', 'America/New_York', '{CHAT}', '{dreams}')
) v (n, first_name, last_name, timezone, types, categories)
where c.user_id = ('0190a000-0000-7000-8000-0000000000' || v.n)::uuid and c.first_name is null;

insert into public.admins (user_id, first_name, last_name, permissions)
values ('0190a000-0000-7000-8000-000000000021', 'House', 'Keeper', enum_range(null::public.admin_permission))
on conflict do nothing;
update public.users u set role = 'ADMIN' where u.id = '0190a000-0000-7000-8000-000000000021' and u.role = 'CLIENT';

----------------------------------------------------------------------
-- Readers. Prices in minor units per minute.
----------------------------------------------------------------------

insert into public.readers (
    user_id, first_name, last_name, headline, bio, specialties, experience, certifications, languages, session_types, pricing,
    timezone, status, is_verified)
select ('0190a000-0000-7000-8000-0000000000' || v.n)::uuid, v.first_name, v.last_name, v.headline, v.bio, v.specialties::text[], v.experience,
       v.certifications::text[], v.languages::text[], v.types::public.session_type[], v.pricing::jsonb, v.timezone,
       v.status::public.reader_status, true
from (values
    ('01', 'Amara', 'Diallo', 'Clear answers, kindly said',
     'I grew up with my grandmother''s cowrie shells in Dakar and read tarot in Berlin today. Ask me about love that has gone quiet and about work that no longer fits.',
     '{tarot,love,career}', 14, '{Certified Tarot Consultant}', '{en,fr,de}', '{CHAT,CALL,VIDEO}', '{"CHAT": 299, "CALL": 399, "VIDEO": 499}', 'Europe/Berlin', 'ONLINE'),
    ('02', 'Björn', 'Eklund', 'Runes for plain decisions',
     'Three runes, one question, no riddles. I read the Elder Futhark for people who stand before a choice.',
     '{runes,career}', 9, '{}', '{sv,en}', '{CHAT,CALL}', '{"CHAT": 199, "CALL": 249}', 'Europe/Stockholm', 'ONLINE'),
    ('03', 'Chiyo', 'Tanaka', 'Dreams, read slowly',
     'Write down what you still remember. We go through it image by image, until it says something you did not know you knew.',
     '{dreams,numerology}', 21, '{Jungian Dreamwork}', '{ja,en}', '{CHAT}', '{"CHAT": 349}', 'Asia/Tokyo', 'OFFLINE'),
    ('04', 'Dolores', 'Vega', 'Tarot en español y en inglés',
     'Family is where every story begins. I read the Marseille deck for mothers, daughters, and those who are neither.',
     '{tarot,family,love}', 30, '{}', '{es,en}', '{CHAT,VIDEO}', '{"CHAT": 249, "VIDEO": 449}', 'America/Mexico_City', 'ONLINE'),
    ('05', 'Eirlys', 'Morgan', 'Medium, without the theatre',
     'I say what comes and I say when nothing comes. Evidence first: names, habits, small things only you would know.',
     '{mediumship,grief}', 17, '{Spiritualists'' National Union}', '{en,cy}', '{CALL,VIDEO}', '{"CALL": 599, "VIDEO": 799}', 'Europe/London', 'AWAY'),
    ('06', 'Farid', 'Nazari', 'Your chart, to the minute',
     'Natal charts, transits, and the honest admission that a birth time of "around noon" is not a birth time.',
     '{astrology,career,love}', 12, '{ISAR C.A.P.}', '{fa,en,de}', '{CHAT,CALL,VIDEO}', '{"CHAT": 399, "CALL": 499, "VIDEO": 599}', 'Asia/Dubai', 'ONLINE'),
    ('07', 'Grace', 'Mensah', 'Energy work and steady company',
     'For days on which a plan is too much to ask. We sit, we breathe, and then we look at what is next.',
     '{reiki,grief}', 6, '{Reiki Master}', '{en}', '{CALL}', '{"CALL": 149}', 'America/New_York', 'OFFLINE'),
    ('08', 'Harriet', 'Hale', 'Astrology from the other hemisphere',
     'Southern skies, upside-down seasons, the same questions. Synastry for couples is what I do best.',
     '{astrology,love}', 8, '{}', '{en}', '{CHAT,VIDEO}', '{"CHAT": 179, "VIDEO": 329}', 'Australia/Sydney', 'ONLINE')
) v (n, first_name, last_name, headline, bio, specialties, experience, certifications, languages, types, pricing, timezone, status)
on conflict do nothing;

update public.users u set role = 'READER'
where u.role = 'CLIENT' and u.id in (select r.user_id from public.readers r where r.user_id::text like '0190a000-0000-7000-8000-0000000000%');
insert into public.reader_accounts (user_id, status)
select r.user_id, r.status from public.readers r where r.user_id::text like '0190a000-0000-7000-8000-0000000000%'
on conflict do nothing;
select ledger.open_accounts(r.user_id, array['reader_earnings']::ledger.account_kind[])
from public.readers r where r.user_id::text like '0190a000-0000-7000-8000-0000000000%';

----------------------------------------------------------------------
-- Hours, in each reader's own zone; 0 is Sunday
----------------------------------------------------------------------

insert into public.availability (reader_id, day_of_week, start_time, end_time)
select ('0190a000-0000-7000-8000-0000000000' || v.n)::uuid, d, v.start_time::time, v.end_time::time
from (values
    ('01', 1, 5, '09:00', '12:30'), ('01', 1, 4, '14:00', '18:00'), ('02', 2, 6, '17:00', '22:00'), ('03', 0, 6, '20:00', '23:30'),
    -- Nights: these cross midnight.
    ('04', 4, 6, '21:00', '02:00'), ('05', 1, 3, '10:00', '16:00'), ('06', 0, 4, '08:00', '20:00'), ('07', 5, 6, '22:00', '03:00'),
    ('08', 1, 5, '06:30', '11:00')) v (n, first_day, last_day, start_time, end_time)
cross join lateral generate_series(v.first_day, v.last_day) d
on conflict do nothing;

----------------------------------------------------------------------
-- Shop and gifts. Prices in minor units.
----------------------------------------------------------------------

insert into public.products (id, name, description, type, category, price, stock_quantity, sku, file_url, weight, images, featured, reader_id)
select ('0190a000-0000-7000-9000-0000000000' || v.n)::uuid, v.name, v.description, v.type::public.product_type, v.category, v.price, v.stock, v.sku,
       v.file_url, v.weight, array[v.image], v.featured, ('0190a000-0000-7000-8000-0000000000' || v.reader)::uuid
from (values
    ('01', 'Marseille deck, 78 cards', 'The deck Dolores reads from: linen finish, tuck box, no booklet, since she wrote a better one.', 'PHYSICAL', 'decks', 3400::bigint, 40, 'DECK-MARS', null, 0.42, 'products/deck-marseille.webp', true, '04'),
    ('02', 'Reading the Marseille deck', 'A booklet of 64 pages to print or to keep on the phone.', 'DIGITAL', 'guides', 900, null, 'GUIDE-MARS', '0190a000-0000-7000-8000-000000000004/reading-marseille.pdf', null, 'products/guide-marseille.webp', false, '04'),
    ('03', 'Rune set, birch', 'Twenty-four staves cut and burned by hand, in a felt bag.', 'PHYSICAL', 'tools', 4800, 12, 'RUNE-BIRCH', null, 0.3, 'products/runes-birch.webp', true, '02'),
    ('04', 'Natal chart report', 'Thirty pages on your chart, by Farid, within a week. Your birth time must be exact.', 'SERVICE', 'reports', 7900, null, 'REP-NATAL', null, null, 'products/report-natal.webp', true, '06'),
    ('05', 'Couple''s chart report', 'Two charts laid over one another, in plain words, by Harriet.', 'SERVICE', 'reports', 6900, null, 'REP-SYN', null, null, 'products/report-synastry.webp', false, '08'),
    ('06', 'Evening breath, audio', 'Twenty quiet minutes with Grace for the end of a loud day.', 'DIGITAL', 'audio', 600, null, 'AUD-BREATH', '0190a000-0000-7000-8000-000000000007/evening-breath.m4a', null, 'products/audio-breath.webp', false, '07'),
    ('07', 'Dream journal', 'Unlined, lies flat, takes a pencil in the dark.', 'PHYSICAL', 'tools', 2200, 85, 'JOUR-DREAM', null, 0.35, 'products/journal-dream.webp', false, null)
) v (n, name, description, type, category, price, stock, sku, file_url, weight, image, featured, reader)
on conflict do nothing;

insert into public.virtual_gifts (name, description, price, image_url)
values ('Candle', 'A small light.', 100, 'gifts/candle.webp'), ('Rose', 'For a kind word.', 300, 'gifts/rose.webp'),
       ('Crystal', 'For a clear one.', 900, 'gifts/crystal.webp'), ('Crescent moon', 'For a long night.', 1900, 'gifts/moon.webp'),
       ('Phoenix', 'For a new beginning.', 9900, 'gifts/phoenix.webp')
on conflict do nothing;

----------------------------------------------------------------------
-- Forum
----------------------------------------------------------------------

insert into public.forum_categories (name, description, icon, sort_order)
values ('Introductions', 'Say who you are.', 'wave', 10), ('Tarot', 'Cards, spreads, decks.', 'cards', 20),
       ('Astrology', 'Charts and transits.', 'orbit', 30), ('Dreams', 'What the night said.', 'moon', 40),
       ('After a reading', 'What came of it.', 'chat', 50), ('Help', 'How this place works.', 'question', 60)
on conflict do nothing;

insert into public.forum_posts (id, author_id, category_id, title, content, is_pinned)
select ('0190a000-0000-7000-a000-0000000000' || v.n)::uuid, ('0190a000-0000-7000-8000-0000000000' || v.author)::uuid, c.id, v.title, v.content, v.pinned
from (values
    ('01', '21', 'Help', 'What a minute costs, and when it is charged', 'Every minute is charged when it begins. If your reader ends the session, the seconds you did not use come back. The price is on the profile before you start.', true),
    ('02', '11', 'Introductions', 'Hello from Stockholm', 'Skeptic, night owl, came for the tarot and stayed for Amara''s laugh.', false),
    ('03', '15', 'Tarot', 'Marseille or Rider for a beginner?', 'My mother read Marseille. Everybody online tells me to begin with Rider–Waite. Is it a mistake to start where my family did?', false),
    ('04', '13', 'Astrology', 'Birth time unknown: is a chart worth anything?', 'The hospital burned down and nobody remembers. Farid says noon is not a birth time. Is there another way?', false),
    ('05', '16', 'Dreams', 'The same staircase for twenty years', 'Always the seventh step missing. Has somebody had a dream that kept returning, and did it stop?', false),
    ('06', '14', 'After a reading', 'She knew about the watch', 'I am not going to argue that it proves anything. My father''s watch stopped in March and I had told nobody.', false)
) v (n, author, category, title, content, pinned)
join public.forum_categories c on c.name = v.category
on conflict do nothing;

insert into public.forum_replies (id, post_id, author_id, content)
select ('0190a000-0000-7000-b000-0000000000' || v.n)::uuid, ('0190a000-0000-7000-a000-0000000000' || v.post)::uuid,
       ('0190a000-0000-7000-8000-0000000000' || v.author)::uuid, v.content
from (values
    ('01', '02', '01', 'Welcome, Nora! The laugh is free of charge.'),
    ('02', '03', '04', 'Start where your family did. The pictures already know you.'),
    ('03', '03', '11', 'Rider is easier to look up, Marseille is easier to keep.'),
    ('04', '04', '06', 'There is: we work back from dates of things that happened. It takes an hour and five good dates.'),
    ('05', '05', '03', 'Draw the staircase before you sleep, with the seventh step in it. Tell me what changes.')
) v (n, post, author, content)
on conflict do nothing;
