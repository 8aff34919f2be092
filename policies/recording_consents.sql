-- recording_consents: both sides of the session. Written by consent_to_recording.

revoke all on public.recording_consents from anon, authenticated, service_role;
grant select on public.recording_consents to authenticated, service_role;

drop policy if exists "participants read" on public.recording_consents;
create policy "participants read" on public.recording_consents for select to authenticated
    using (session_id in (select s.id from public.sessions s
        where s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid())));
comment on policy "participants read" on public.recording_consents is 'Each side sees whether the other agrees.';
