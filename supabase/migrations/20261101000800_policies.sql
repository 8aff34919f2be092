-- Cut from policies/ by `soulseer policies build`. Edit there, not here.

set lock_timeout = '4s';

-- Which functions each role may call. Whatever is not here, nobody from outside can.

-- What clients call, and what those thin calls reach.
grant execute on function public.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) to authenticated;
grant execute on function private.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) to authenticated;
grant execute on function public.review_reader_application(uuid, boolean, text) to authenticated;
grant execute on function private.review_reader_application(uuid, boolean, text) to authenticated;
grant execute on function public.set_reader_status(public.reader_status) to authenticated;
grant execute on function private.set_reader_status(public.reader_status) to authenticated;
grant execute on function public.request_session(uuid, public.session_type, text, timestamptz, integer) to authenticated;
grant execute on function private.request_session(uuid, public.session_type, text, timestamptz, integer) to authenticated;
grant execute on function public.accept_session(uuid) to authenticated;
grant execute on function private.accept_session(uuid) to authenticated;
grant execute on function public.decline_session(uuid) to authenticated;
grant execute on function public.cancel_session(uuid) to authenticated;
grant execute on function private.withdraw_session(uuid, boolean) to authenticated;
grant execute on function public.join_session(uuid) to authenticated;
grant execute on function private.join_session(uuid) to authenticated;
grant execute on function public.heartbeat_session(uuid) to authenticated;
grant execute on function private.heartbeat_session(uuid) to authenticated;
grant execute on function public.end_session(uuid) to authenticated;
grant execute on function private.end_session(uuid) to authenticated;
grant execute on function public.request_payout(text, bigint) to authenticated;
grant execute on function private.request_payout(text, bigint) to authenticated;

-- admins: own row, and administrators with manage_users.

revoke all on public.admins from anon, authenticated, service_role;
grant select on public.admins to authenticated, service_role;

drop policy if exists "own row or manage_users" on public.admins;
create policy "own row or manage_users" on public.admins for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "own row or manage_users" on public.admins is 'Who administers is not public.';

-- clients: own row only; administrators with manage_users read.

revoke all on public.clients from anon, authenticated, service_role;
grant select on public.clients to authenticated, service_role;
grant update (first_name, last_name, avatar, bio, date_of_birth, timezone, preferences, preferred_session_types, preferred_categories)
    on public.clients to authenticated;

drop policy if exists "own profile or manage_users" on public.clients;
create policy "own profile or manage_users" on public.clients for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "own profile or manage_users" on public.clients is 'What a client tells about themselves is theirs.';

drop policy if exists "change own profile" on public.clients;
create policy "change own profile" on public.clients for update to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active()))
    with check (user_id = (select auth.uid()));
comment on policy "change own profile" on public.clients is 'An account that is not ACTIVE loses its writes at once.';

-- payout_attempts: administrators with manage_finances only; readers follow the payout.

revoke all on public.payout_attempts from anon, authenticated, service_role;
grant select on public.payout_attempts to authenticated, service_role;

drop policy if exists "manage_finances" on public.payout_attempts;
create policy "manage_finances" on public.payout_attempts for select to authenticated
    using ((select private.has_permission('manage_finances')));
comment on policy "manage_finances" on public.payout_attempts is 'What was sent to Stripe, for whoever looks after money.';

-- payouts: the reader, and administrators with manage_finances.

revoke all on public.payouts from anon, authenticated, service_role;
grant select on public.payouts to authenticated, service_role;

drop policy if exists "own payouts or manage_finances" on public.payouts;
create policy "own payouts or manage_finances" on public.payouts for select to authenticated
    using (reader_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own payouts or manage_finances" on public.payouts is 'Earnings are the reader''s own.';

-- reader_accounts: own row, and administrators with manage_finances. Nobody writes it directly.

revoke all on public.reader_accounts from anon, authenticated, service_role;
grant select on public.reader_accounts to authenticated, service_role;

drop policy if exists "own account or manage_finances" on public.reader_accounts;
create policy "own account or manage_finances" on public.reader_accounts for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own account or manage_finances" on public.reader_accounts is 'Stripe account, documents and earnings are nobody else''s business.';

-- reader_applications: own rows, and administrators with manage_users. Written by apply and review only.

revoke all on public.reader_applications from anon, authenticated, service_role;
grant select on public.reader_applications to authenticated, service_role;

drop policy if exists "own applications or manage_users" on public.reader_applications;
create policy "own applications or manage_users" on public.reader_applications for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "own applications or manage_users" on public.reader_applications is 'An application is between its person and the reviewers.';

-- readers: the public profile, readable by everyone; its reader edits what describes them.

revoke all on public.readers from anon, authenticated, service_role;
grant select on public.readers to anon, authenticated, service_role;
grant update (first_name, last_name, avatar, bio, headline, specialties, experience, certifications, languages, session_types, pricing, timezone)
    on public.readers to authenticated;

drop policy if exists "profiles are public" on public.readers;
create policy "profiles are public" on public.readers for select to anon, authenticated using (true);
comment on policy "profiles are public" on public.readers is 'Everything private of a reader is in reader_accounts.';

drop policy if exists "change own profile" on public.readers;
create policy "change own profile" on public.readers for update to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active()))
    with check (user_id = (select auth.uid()));
comment on policy "change own profile" on public.readers is 'Status, verification and statistics are kept out by the column grant.';

-- realtime.messages: who may receive on which topic. Clients send nothing on a topic the database speaks on.

drop policy if exists "receive on own topics" on realtime.messages;
create policy "receive on own topics" on realtime.messages for select to authenticated
    using (extension in ('broadcast', 'presence') and (
        (select realtime.topic()) in ('readers', 'user:' || (select auth.uid())::text)
        or (select realtime.topic()) in (
            select 'session:' || s.id from public.sessions s
            where (select auth.uid()) in (s.client_id, s.reader_id))));
comment on policy "receive on own topics" on realtime.messages is 'A person''s own topic, their sessions'' topics, and the readers'' statuses.';

-- sessions: the two participants, and administrators with manage_users. Written by the session calls only.

revoke all on public.sessions from anon, authenticated, service_role;
grant select on public.sessions to authenticated, service_role;

drop policy if exists "participants or manage_users" on public.sessions;
create policy "participants or manage_users" on public.sessions for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "participants or manage_users" on public.sessions is 'A session is its two sides''.';

-- system_settings: public ones are readable by everyone, all by administrators with manage_settings.

revoke all on public.system_settings from anon, authenticated, service_role;
grant select on public.system_settings to anon, authenticated, service_role;

drop policy if exists "public settings" on public.system_settings;
create policy "public settings" on public.system_settings for select to anon using (is_public);
comment on policy "public settings" on public.system_settings is 'What a screen must know before anyone signs in.';

drop policy if exists "public settings or manage_settings" on public.system_settings;
create policy "public settings or manage_settings" on public.system_settings for select to authenticated
    using (is_public or (select private.has_permission('manage_settings')));
comment on policy "public settings or manage_settings" on public.system_settings is 'The others are for administrators.';

-- transactions: the owner, and administrators with manage_finances. Written by the money functions only.

revoke all on public.transactions from anon, authenticated, service_role;
grant select on public.transactions to authenticated, service_role;

drop policy if exists "own transactions or manage_finances" on public.transactions;
create policy "own transactions or manage_finances" on public.transactions for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own transactions or manage_finances" on public.transactions is 'A reader never sees the client''s row.';

-- users: the public card. Signed-in people see every card; a person changes their own user name only.

revoke all on public.users from anon, authenticated, service_role, supabase_auth_admin;
grant select on public.users to authenticated, service_role;
grant update (username) on public.users to authenticated;
grant select (id, role, status) on public.users to supabase_auth_admin;

drop policy if exists "cards are readable" on public.users;
create policy "cards are readable" on public.users for select to authenticated using (true);
comment on policy "cards are readable" on public.users is 'A card holds nothing private.';

drop policy if exists "own user name" on public.users;
create policy "own user name" on public.users for update to authenticated
    using (id = (select auth.uid()) and (select private.is_active()))
    with check (id = (select auth.uid()));
comment on policy "own user name" on public.users is 'Role and status are kept out by the column grant.';

drop policy if exists "token hook reads roles" on public.users;
create policy "token hook reads roles" on public.users for select to supabase_auth_admin using (true);
comment on policy "token hook reads roles" on public.users is 'For custom_access_token_hook, which runs as supabase_auth_admin.';

-- wallets and reader_earnings: views over ledger.accounts, which runs its own row-level security as the reader of the view.

revoke all on public.wallets, public.reader_earnings from anon, authenticated, service_role;
grant select on public.wallets, public.reader_earnings to authenticated, service_role;

revoke all on ledger.accounts from anon, authenticated, service_role;
grant select (id, user_id, kind, currency, credits, debits, held, frozen_at, created_at, updated_at)
    on ledger.accounts to authenticated, service_role;

drop policy if exists "own accounts or manage_finances" on ledger.accounts;
create policy "own accounts or manage_finances" on ledger.accounts for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own accounts or manage_finances" on ledger.accounts is 'The schema is not exposed; this is what the views show to whom.';
