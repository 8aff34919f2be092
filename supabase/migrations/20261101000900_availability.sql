-- Availability: when a reader takes appointments, in the reader's own wall-clock time, and what is booked already.

set lock_timeout = '4s';

create function private.week_minutes(p_day integer, p_start time, p_end time)
returns int4multirange
language sql
immutable
set search_path = ''
as $$
    with span as (
        select p_day * 1440 + (extract(epoch from p_start) / 60)::integer as starts,
               p_day * 1440 + (extract(epoch from p_end) / 60)::integer + case when p_end <= p_start then 1440 else 0 end as ends
    )
    -- Saturday night runs into Sunday morning: what passes the end of the week comes back at its beginning.
    select int4multirange(int4range(s.starts, least(s.ends, 10080)), int4range(0, greatest(s.ends - 10080, 0))) from span s
$$;
comment on function private.week_minutes(integer, time, time) is 'A weekly slot as minutes of the week, Sunday 00:00 being 0; an end at or before the start is on the next day.';

create function private.local_span(p_date date, p_start time, p_end time)
returns tsrange
language sql
immutable
set search_path = ''
as $$
    select tsrange(p_date + p_start, p_date + p_end + case when p_end <= p_start then interval '1 day' else interval '0' end)
$$;
comment on function private.local_span(date, time, time) is 'A slot on a date as local timestamps; an end at or before the start is on the next day.';

create table public.availability (
    id            uuid primary key default private.uuid_v7(),
    reader_id     uuid not null references public.users (id) on delete cascade,
    day_of_week   integer not null check (day_of_week between 0 and 6),
    start_time    time(0) not null check (extract(second from start_time) = 0),
    end_time      time(0) not null check (extract(second from end_time) = 0),
    is_recurring  boolean not null default true,
    specific_date date,
    is_available  boolean not null default true,
    created_at    timestamptz not null default private.now(),
    updated_at    timestamptz not null default private.now(),
    week_minutes  int4multirange not null generated always as (private.week_minutes(day_of_week, start_time, end_time)) stored,
    local_span    tsrange generated always as (
                      case when specific_date is not null then private.local_span(specific_date, start_time, end_time) end) stored,
    constraint recurring_or_dated check (is_recurring = (specific_date is null)),
    constraint dated_on_its_weekday check (specific_date is null or extract(dow from specific_date) = day_of_week),
    constraint recurring_adds_time check (is_available or not is_recurring),
    constraint slot_is_not_empty check (start_time <> end_time),
    constraint slot_given_once unique nulls not distinct (reader_id, day_of_week, start_time, end_time, specific_date),
    constraint recurring_slots_apart exclude using gist (reader_id with =, week_minutes with &&) where (is_recurring),
    constraint dated_slots_apart exclude using gist (reader_id with =, (is_available::integer) with =, local_span with &&)
        where (not is_recurring)
);
comment on table public.availability is
    'When a reader takes appointments: weekly slots, and dated ones that add time or take it away and win over weekly ones. Wall-clock times in readers.timezone; a slot may cross midnight.';
comment on column public.availability.day_of_week is '0 is Sunday.';
comment on column public.availability.is_available is 'False on a dated slot takes time away.';
alter table public.availability enable row level security;
create trigger touch before update on public.availability for each row execute function private.touch_updated_at();
grant execute on function private.week_minutes(integer, time, time), private.local_span(date, time, time) to authenticated, service_role;

create table public.bookings (
    session_id uuid primary key references public.sessions (id) on delete cascade,
    reader_id  uuid not null references public.users (id) on delete restrict,
    client_id  uuid not null references public.users (id) on delete restrict,
    during     tstzrange not null,
    created_at timestamptz not null default private.now(),
    constraint booking_has_length check (not isempty(during) and lower(during) is not null and upper(during) is not null),
    constraint reader_booked_once exclude using gist (reader_id with =, during with &&),
    constraint client_booked_once exclude using gist (client_id with =, during with &&)
);
comment on table public.bookings is 'Appointments that stand: a session and the time it takes. The exclusion constraints make a double booking impossible.';
alter table public.bookings enable row level security;

create function private.zone_offsets(p_zone text, p_from timestamptz, p_to timestamptz)
returns table (during tstzrange, utc_offset interval)
language sql
stable
set search_path = ''
as $$
    with days as (
        select d.at, lead(d.at) over (order by d.at) as next_at,
               (d.at at time zone p_zone) - (d.at at time zone 'UTC') as utc_offset
        from generate_series(date_trunc('day', p_from, 'UTC'), date_trunc('day', p_to, 'UTC') + interval '1 day', interval '1 day') d (at)
    ), changing as (
        select d.*, lead(d.utc_offset) over (order by d.at) as next_offset from days d
    ), starts as (
        select min(c.at) as at, (array_agg(c.utc_offset order by c.at))[1] as utc_offset from changing c
        union all
        -- Only a day that ends with another offset is searched, minute by minute: two days a year.
        select m.at, c.next_offset
        from changing c
        cross join lateral (
            select min(m) as at from generate_series(c.at + interval '1 minute', c.next_at, interval '1 minute') m
            where (m at time zone p_zone) - (m at time zone 'UTC') <> c.utc_offset) m
        where c.next_offset <> c.utc_offset
    )
    select tstzrange(s.at, lead(s.at) over (order by s.at)), s.utc_offset from starts s
$$;
comment on function private.zone_offsets(text, timestamptz, timestamptz) is
    'A zone''s offsets from UTC over an interval, each with the time it holds; daylight saving begins and ends where one follows another.';

create function private.free_time(p_reader_id uuid, p_from timestamptz, p_to timestamptz)
returns tstzmultirange
language sql
stable
security definer
set search_path = ''
as $$
    with zone as (
        select r.timezone as name from public.readers r join public.users u on u.id = r.user_id
        where r.user_id = p_reader_id and r.is_verified and u.status = 'ACTIVE'
    ), days as (
        select d::date as day from zone z,
            generate_series((p_from at time zone z.name)::date - 1, (p_to at time zone z.name)::date + 1, interval '1 day') d
    ), spans as (
        select a.is_recurring, a.is_available,
               coalesce(a.local_span, private.local_span(d.day, a.start_time, a.end_time)) as span
        from public.availability a
        left join days d on a.is_recurring and extract(dow from d.day) = a.day_of_week
        where a.reader_id = p_reader_id
          and (d.day is not null or a.specific_date between (select min(day) from days) and (select max(day) from days))
    ), instants as (
        -- Open is when the reader's clock shows a time of the slot: the hour that daylight saving repeats counts twice, the
        -- one it skips never. Times that do not exist or exist twice are so never guessed at.
        select s.is_recurring, s.is_available,
               tstzrange((lower(s.span) - o.utc_offset) at time zone 'UTC', (upper(s.span) - o.utc_offset) at time zone 'UTC')
                   * o.during as span
        from spans s, zone z
        cross join lateral private.zone_offsets(z.name, p_from - interval '3 days', p_to + interval '3 days') o
    ), totals as (
        select coalesce(range_agg(i.span) filter (where i.is_recurring), '{}') as weekly,
               coalesce(range_agg(i.span) filter (where not i.is_recurring and not i.is_available), '{}') as taken,
               coalesce(range_agg(i.span) filter (where not i.is_recurring and i.is_available), '{}') as added
        from instants i
    ), booked as (
        select coalesce(range_agg(b.during), '{}') as span from (
            select o.during from public.bookings o where o.reader_id = p_reader_id and o.during && tstzrange(p_from, p_to)
            union all
            select o.during from public.bookings o where o.client_id = p_reader_id and o.during && tstzrange(p_from, p_to)) b
    )
    select ((t.weekly - t.taken) + t.added - b.span) * tstzmultirange(tstzrange(p_from, p_to)) from totals t, booked b
$$;
comment on function private.free_time(uuid, timestamptz, timestamptz) is
    'A reader''s bookable time within an interval: weekly slots, less what dated ones take, plus what they add, less bookings in either role.';

create function private.free_slots(p_reader_id uuid, p_from timestamptz, p_to timestamptz)
returns table (starts_at timestamptz, ends_at timestamptz)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_from is null or p_to is null or p_to <= p_from or p_to - p_from > interval '62 days' then
        perform private.fail('invalid_argument', 'p_from comes before p_to, at most 62 days before.');
    end if;
    return query select lower(s.slot), upper(s.slot)
        from unnest(private.free_time(p_reader_id, p_from, p_to)) as s (slot) order by 1;
end
$$;
comment on function private.free_slots(uuid, timestamptz, timestamptz) is 'free_time as rows.';

create function public.free_slots(p_reader_id uuid, p_from timestamptz, p_to timestamptz)
returns table (starts_at timestamptz, ends_at timestamptz)
language sql stable set search_path = '' as $$ select * from private.free_slots(p_reader_id, p_from, p_to) $$;
comment on function public.free_slots(uuid, timestamptz, timestamptz) is
    'When a reader can still be booked, as UTC intervals in order. An unknown reader has none. Refuses with invalid_argument.';
