-- What triggers would have kept: ratings. Then the plan goes.

update public.readers r set average_rating = v.average
from (select v.reader_id, round(avg(v.rating), 2) as average from public.reviews v where not v.is_hidden group by 1) v
where r.user_id = v.reader_id and r.average_rating <> v.average;

insert into private.directory_entries (facet, average_rating, reader_id, is_online, session_types, languages)
select f.facet, r.average_rating, r.user_id, r.status = 'ONLINE', r.session_types, r.languages
from public.readers r cross join lateral private.facets_of(r.specialties, r.languages, r.session_types) f (facet)
where r.is_verified
on conflict do nothing;

drop schema scale cascade;
