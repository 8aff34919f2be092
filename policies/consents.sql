-- consents: own rows. Written by give_consent and withdraw_consent.

revoke all on public.consents from anon, authenticated, service_role;
grant select on public.consents to authenticated, service_role;

drop policy if exists "own consents" on public.consents;
create policy "own consents" on public.consents for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own consents" on public.consents is 'Proof of what was agreed.';
