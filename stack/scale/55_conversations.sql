-- Who writes to whom: pairs that had a session, once each.

create unlogged table scale.conversations as
select row_number() over (order by p.first_at, p.client, p.reader) - 1 as n, p.client, p.reader, p.first_at,
       scale.id(p.first_at, 12, row_number() over (order by p.first_at, p.client, p.reader) - 1) as id
from (select p.client, p.reader, min(p.starts_at) as first_at from scale.plan p group by 1, 2
      order by first_at, p.client, p.reader limit (select s.conversations from scale.shape s)) p;
create index on scale.conversations (n);
analyze scale.conversations;
update scale.shape set conversations = (select count(*) from scale.conversations);

insert into public.conversations (id, first_id, second_id, key_version, created_at, updated_at)
select c.id, least(scale.client(c.client), scale.reader(c.reader)), greatest(scale.client(c.client), scale.reader(c.reader)), 1, c.first_at, c.first_at
from scale.conversations c;
