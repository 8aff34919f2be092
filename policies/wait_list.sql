-- wait_list: who waits, and the reader they wait for.

revoke all on public.wait_list from anon, authenticated, service_role;
grant select on public.wait_list to authenticated, service_role;

drop policy if exists "both people" on public.wait_list;
create policy "both people" on public.wait_list for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()));
comment on policy "both people" on public.wait_list is 'Others see nothing of the queue.';
