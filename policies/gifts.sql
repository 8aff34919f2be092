-- gifts: sender and receiver.

revoke all on public.gifts from anon, authenticated, service_role;
grant select on public.gifts to authenticated, service_role;

drop policy if exists "both people" on public.gifts;
create policy "both people" on public.gifts for select to authenticated
    using (sender_id = (select auth.uid()) or receiver_id = (select auth.uid()));
comment on policy "both people" on public.gifts is 'On a stream, viewers hear of gifts on its topic.';
