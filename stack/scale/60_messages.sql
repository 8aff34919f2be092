-- Direct messages and chat messages first to last; few conversations have many messages.

insert into public.messages (id, conversation_id, sender_id, receiver_id, content, read_at, created_at)
select scale.id(m.at, 13, m.n), c.id, case when m.back then c.second_id else c.first_id end,
       case when m.back then c.first_id else c.second_id end, scale.envelope(m.conversation, m.n),
       case when scale.dice(m.n, 81) < 0.95 then m.at + interval '5 minutes' end, m.at
from (
    select n, floor(s.conversations * power(scale.dice(n, 82), 2))::bigint as conversation, scale.dice(n, 83) < 0.5 as back,
           s.begins + (s.ends - s.begins) * ((n + 0.5) / s.sessions) as at
    from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n
) m
join scale.conversations k on k.n = m.conversation
join public.conversations c on c.id = k.id;

insert into public.chat_messages (id, session_id, sender_id, content, created_at)
select scale.id(p.starts_at + k * interval '20 seconds', 14, p.i * 2 + k), scale.id(p.starts_at, 7, p.i),
       case k when 0 then scale.client(p.client) else scale.reader(p.reader) end, scale.envelope(p.client, k),
       p.starts_at + k * interval '20 seconds'
from scale.plan p cross join generate_series(0, 1) k
where p.i between %(first)s and %(last)s and p.minutes > 0 and p.type = 'CHAT';
