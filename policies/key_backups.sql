-- key_backups: the person whose keys they are. Not even the services read them.

revoke all on public.key_backups from anon, authenticated, service_role;
grant select on public.key_backups to authenticated;

drop policy if exists "own backup" on public.key_backups;
create policy "own backup" on public.key_backups for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own backup" on public.key_backups is 'Sealed, and a passphrase may be guessed: nobody else gets to try.';
