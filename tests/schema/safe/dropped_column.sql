set lock_timeout = '4s';
-- Nothing has read it since the last release: the second of the two steps.
-- squawk-ignore ban-drop-column
alter table public.forum_categories drop column icon;
