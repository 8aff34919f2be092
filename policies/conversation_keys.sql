-- conversation_keys: the person a key is wrapped for.

revoke all on public.conversation_keys from anon, authenticated, service_role;
grant select on public.conversation_keys to authenticated, service_role;

drop policy if exists "own wrapped keys" on public.conversation_keys;
create policy "own wrapped keys" on public.conversation_keys for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own wrapped keys" on public.conversation_keys is 'Wrapped copies for somebody else''s devices are of no use to anyone.';
