-- Forum posts first to last, with two replies each; one post in five hundred is of an eclipse.

insert into public.forum_posts (id, author_id, category_id, title, content, status, view_count, created_at, updated_at)
select scale.id(f.at, 15, f.n), scale.client(scale.draw(f.n, 91, f.clients)), c.ids[1 + scale.draw(f.n, 92, cardinality(c.ids))],
       scale.word('{My first,Another,A strange,The third,An honest,A cold}', f.n, 93) || ' ' || scale.word('{reading,spread,chart,dream,rune,omen}', f.n, 94),
       (select string_agg(scale.word('{moon,card,house,mother,tower,river,letter,winter,star,door,wolf,silence,bridge,coin,mirror,crown,garden,night,road,lantern,bread,storm,ladder,key}', f.n * 64 + k, 95), ' ')
        from generate_series(0, 30) k) || case when scale.draw(f.n, 96, 500) = 0 then ' eclipse' else '' end,
       case when scale.dice(f.n, 97) < 0.97 then 'PUBLISHED' else 'DRAFT' end::public.post_status, scale.draw(f.n, 98, 1000)::integer, f.at, f.at
from (
    select n, s.clients, s.begins + (s.ends - s.begins) * ((n + 0.5) / s.forum_posts) as at
    from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n
) f, (select array_agg(c.id order by c.sort_order) as ids from public.forum_categories c) c;

insert into public.forum_replies (id, post_id, author_id, content, created_at, updated_at)
select scale.id(f.at + k * interval '1 hour', 16, f.n * 2 + k), scale.id(f.at, 15, f.n), scale.client(scale.draw(f.n * 2 + k, 99, f.clients)),
       scale.word('{I had the same.,Tell us more.,That card again!,Sleep on it.,Thank you for writing this.}', f.n * 2 + k, 100),
       f.at + k * interval '1 hour', f.at + k * interval '1 hour'
from (
    select n, s.clients, s.begins + (s.ends - s.begins) * ((n + 0.5) / s.forum_posts) as at
    from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n
) f cross join generate_series(0, 1) k;
