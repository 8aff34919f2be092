-- consents: own rows, and administrators with manage_users. Written by give_consent and withdraw_consent.

revoke all on public.consents from anon, authenticated, service_role;
grant select on public.consents to authenticated, service_role;

drop policy if exists "own consents or manage_users" on public.consents;
create policy "own consents or manage_users" on public.consents for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "own consents or manage_users" on public.consents is 'Proof of what was agreed.';
