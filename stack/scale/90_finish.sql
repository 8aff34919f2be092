-- What triggers would have kept: ratings. Then the plan goes.

update public.readers r set average_rating = v.average
from (select v.reader_id, round(avg(v.rating), 2) as average from public.reviews v where not v.is_hidden group by 1) v
where r.user_id = v.reader_id and r.average_rating <> v.average;
drop schema scale cascade;
