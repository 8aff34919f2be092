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
grant execute on function public.request_session(uuid, public.session_type, text, timestamptz, numeric) to authenticated;
grant execute on function private.request_session(uuid, public.session_type, text, timestamptz, integer) to authenticated;
grant execute on function public.accept_session(uuid) to authenticated;
grant execute on function private.accept_session(uuid) to authenticated;
grant execute on function public.decline_session(uuid) to authenticated;
grant execute on function public.cancel_session(uuid) to authenticated;
grant execute on function private.withdraw_session(uuid, boolean) to authenticated;
grant execute on function public.booking_terms(uuid, public.session_type, numeric) to authenticated;
grant execute on function private.booking_terms(uuid, public.session_type, integer) to authenticated;
grant execute on function public.join_wait_list(uuid, public.session_type) to authenticated;
grant execute on function private.join_wait_list(uuid, public.session_type) to authenticated;
grant execute on function public.leave_wait_list(uuid) to authenticated;
grant execute on function private.leave_wait_list(uuid) to authenticated;
grant execute on function public.wait_list_position(uuid) to authenticated;
grant execute on function private.wait_list_position(uuid) to authenticated;
grant execute on function public.admin_end_session(uuid, text) to authenticated;
grant execute on function private.admin_end_session(uuid, text) to authenticated;
grant execute on function public.join_session(uuid) to authenticated;
grant execute on function private.join_session(uuid) to authenticated;
grant execute on function public.heartbeat_session(uuid) to authenticated;
grant execute on function private.heartbeat_session(uuid) to authenticated;
grant execute on function public.end_session(uuid) to authenticated;
grant execute on function private.end_session(uuid) to authenticated;
grant execute on function public.request_payout(text, numeric) to authenticated;
grant execute on function private.request_payout(text, bigint) to authenticated;
grant execute on function public.retry_payout(uuid) to authenticated;
grant execute on function private.retry_payout(uuid) to authenticated;
grant execute on function public.withdraw_paid_message(uuid) to authenticated;
grant execute on function private.withdraw_paid_message(uuid) to authenticated;
grant execute on function public.place_order(jsonb, text, jsonb) to authenticated;
grant execute on function private.place_order(jsonb, text, jsonb) to authenticated;
grant execute on function public.ship_order(uuid, text) to authenticated;
grant execute on function private.ship_order(uuid, text) to authenticated;
grant execute on function public.deliver_order(uuid) to authenticated;
grant execute on function private.deliver_order(uuid) to authenticated;
grant execute on function public.cancel_order(uuid) to authenticated;
grant execute on function private.cancel_order(uuid) to authenticated;
grant execute on function public.buy_gifts(uuid, numeric, text) to authenticated;
grant execute on function private.buy_gifts(uuid, integer, text) to authenticated;
grant execute on function public.send_gift(uuid, uuid, text, uuid, uuid, text, uuid) to authenticated;
grant execute on function private.send_gift(uuid, uuid, text, uuid, uuid, text, uuid) to authenticated;
grant execute on function public.send_tip(uuid, numeric, text) to authenticated;
grant execute on function private.send_tip(uuid, bigint, text) to authenticated;
grant execute on function public.send_message(uuid, jsonb, text, public.message_type, numeric) to authenticated;
grant execute on function private.send_message(uuid, jsonb, text, public.message_type, bigint) to authenticated;
grant execute on function public.set_notification_preferences(boolean, text[]) to authenticated;
grant execute on function private.set_notification_preferences(boolean, text[]) to authenticated;
grant execute on function public.mark_read(uuid, uuid) to authenticated;
grant execute on function private.mark_read(uuid, uuid) to authenticated;
grant execute on function public.register_device(uuid, text, text, text, text) to authenticated;
grant execute on function private.register_device(uuid, text, text, text, text) to authenticated;
grant execute on function public.revoke_device(uuid) to authenticated;
grant execute on function private.revoke_device(uuid) to authenticated;
grant execute on function public.open_conversation(uuid) to authenticated;
grant execute on function private.open_conversation_with(uuid) to authenticated;
grant execute on function public.open_session_conversation(uuid) to authenticated;
grant execute on function private.open_session_conversation(uuid) to authenticated;
grant execute on function public.start_conversation_key(uuid, numeric, uuid, jsonb) to authenticated;
grant execute on function private.start_conversation_key(uuid, integer, uuid, jsonb) to authenticated;
grant execute on function public.share_keys(uuid, jsonb) to authenticated;
grant execute on function private.share_keys(uuid, jsonb) to authenticated;
grant execute on function public.set_key_backup(jsonb, numeric) to authenticated;
grant execute on function private.set_key_backup(jsonb, integer) to authenticated;
grant execute on function public.set_reply_price(numeric) to authenticated;
grant execute on function private.set_reply_price(bigint) to authenticated;
grant execute on function public.file_report(text, uuid, text, jsonb) to authenticated;
grant execute on function private.file_report(text, uuid, text, jsonb) to authenticated;
grant execute on function public.admin_resolve_report(uuid, boolean, text) to authenticated;
grant execute on function private.admin_resolve_report(uuid, boolean, text) to authenticated;
grant execute on function public.start_stream(uuid) to authenticated;
grant execute on function private.start_stream(uuid) to authenticated;
grant execute on function public.end_stream(uuid) to authenticated;
grant execute on function private.end_stream(uuid) to authenticated;
grant execute on function public.join_stream(uuid) to authenticated;
grant execute on function private.join_stream(uuid) to authenticated;
grant execute on function public.leave_stream(uuid) to authenticated;
grant execute on function private.leave_stream(uuid) to authenticated;
grant execute on function public.wallet_statement(timestamptz, timestamptz, text, integer) to authenticated;
grant execute on function private.wallet_statement(timestamptz, timestamptz, text, integer) to authenticated;
grant execute on function public.reader_statement(timestamptz, timestamptz, uuid, integer) to authenticated;
grant execute on function private.reader_statement(timestamptz, timestamptz, uuid, integer) to authenticated;
grant execute on function public.reader_totals() to authenticated;
grant execute on function private.reader_totals() to authenticated;
grant execute on function public.request_card_refund(uuid, numeric, text) to authenticated;
grant execute on function private.request_card_refund(uuid, bigint, text) to authenticated;
grant execute on function public.free_slots(uuid, timestamptz, timestamptz) to anon, authenticated;
grant execute on function private.free_slots(uuid, timestamptz, timestamptz) to anon, authenticated;
grant execute on function public.reader_directory(public.session_type, text, text, numeric, boolean, numeric, text, text, integer) to anon, authenticated;
grant execute on function public.search_forum(text, uuid, uuid, integer) to anon, authenticated;
grant execute on function private.search_forum(text, uuid, uuid, integer) to anon, authenticated;
grant execute on function public.view_post(uuid) to authenticated;
grant execute on function private.view_post(uuid) to authenticated;
grant execute on function public.review_session(uuid, numeric, text) to authenticated;
grant execute on function private.review_session(uuid, integer, text) to authenticated;
grant execute on function public.respond_to_review(uuid, text) to authenticated;
grant execute on function private.respond_to_review(uuid, text) to authenticated;
grant execute on function public.admin_set_user_status(uuid, public.user_status, text) to authenticated;
grant execute on function private.admin_set_user_status(uuid, public.user_status, text) to authenticated;
grant execute on function public.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;
grant execute on function private.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;
grant execute on function public.admin_read_client(uuid) to authenticated;
grant execute on function private.admin_read_client(uuid) to authenticated;
grant execute on function public.admin_set_commission(text, numeric, uuid, timestamptz) to authenticated;
grant execute on function private.admin_set_commission(text, integer, uuid, timestamptz) to authenticated;
grant execute on function public.admin_refund_charge(uuid, numeric, text, text) to authenticated;
grant execute on function private.admin_refund_charge(uuid, numeric, text, text) to authenticated;
grant execute on function public.admin_refund_session(uuid, numeric, text, text) to authenticated;
grant execute on function private.admin_refund_session(uuid, numeric, text, text) to authenticated;
grant execute on function public.admin_goodwill(uuid, numeric, text, text) to authenticated;
grant execute on function private.admin_goodwill(uuid, numeric, text, text) to authenticated;
grant execute on function public.admin_approve(uuid) to authenticated;
grant execute on function private.admin_approve(uuid) to authenticated;
grant execute on function public.admin_reject(uuid) to authenticated;
grant execute on function private.admin_reject(uuid) to authenticated;
grant execute on function public.admin_freeze_wallet(uuid, text) to authenticated;
grant execute on function private.admin_freeze_wallet(uuid, text) to authenticated;
grant execute on function public.admin_unfreeze_wallet(uuid, text) to authenticated;
grant execute on function private.admin_unfreeze_wallet(uuid, text) to authenticated;
grant execute on function public.admin_read_person(uuid, public.person_part, uuid, integer) to authenticated;
grant execute on function private.admin_read_person(uuid, public.person_part, uuid, integer) to authenticated;
grant execute on function public.admin_read_applications(public.application_status, uuid, integer) to authenticated;
grant execute on function private.admin_read_applications(public.application_status, uuid, integer) to authenticated;
grant execute on function public.admin_read_payouts(public.payout_status, uuid, integer) to authenticated;
grant execute on function private.admin_read_payouts(public.payout_status, uuid, integer) to authenticated;
grant execute on function public.admin_account_statement(uuid, text, timestamptz, timestamptz, text, integer) to authenticated;
grant execute on function private.admin_account_statement(uuid, text, timestamptz, timestamptz, text, integer) to authenticated;
grant execute on function public.admin_house_days(date, date) to authenticated;
grant execute on function private.admin_house_days(date, date) to authenticated;
grant execute on function public.admin_read_differences(boolean, uuid, numeric) to authenticated;
grant execute on function private.admin_read_differences(boolean, uuid, integer) to authenticated;
grant execute on function public.admin_read_disputes(uuid) to authenticated;
grant execute on function private.admin_read_disputes(uuid) to authenticated;
grant execute on function public.admin_read_evidence(text) to authenticated;
grant execute on function private.admin_read_evidence(text) to authenticated;
grant execute on function public.update_setting(text, text) to authenticated;
grant execute on function private.update_setting(text, text) to authenticated;
grant execute on function public.give_consent(public.consent_kind, text, jsonb) to authenticated;
grant execute on function private.give_consent(public.consent_kind, text, jsonb) to authenticated;
grant execute on function public.withdraw_consent(public.consent_kind) to authenticated;
grant execute on function private.withdraw_consent(public.consent_kind) to authenticated;
grant execute on function public.erase_account() to authenticated;
grant execute on function private.erase_account() to authenticated;
grant execute on function public.consent_to_recording(uuid, boolean) to authenticated;
grant execute on function private.consent_to_recording(uuid, boolean) to authenticated;
grant execute on function public.attach_recording(uuid, text) to authenticated;
grant execute on function private.attach_recording(uuid, text) to authenticated;
grant execute on function public.order_files(uuid) to authenticated;
grant execute on function private.order_files(uuid) to authenticated;
grant execute on function public.request_export() to authenticated;
grant execute on function private.request_export() to authenticated;
grant execute on function public.admin_create_promo(public.promo_kind, text, text, numeric, numeric, numeric, timestamptz, timestamptz) to authenticated;
grant execute on function private.admin_create_promo(public.promo_kind, text, text, bigint, integer, integer, timestamptz, timestamptz) to authenticated;
grant execute on function public.admin_end_promo(uuid) to authenticated;
grant execute on function private.admin_end_promo(uuid) to authenticated;
grant execute on function public.redeem_promo(text, text) to authenticated;
grant execute on function private.redeem_promo(text, text) to authenticated;
grant execute on function public.set_auto_reload(numeric, numeric, numeric, text) to authenticated;
grant execute on function private.set_auto_reload(bigint, bigint, bigint, text) to authenticated;
grant execute on function public.disable_auto_reload() to authenticated;
grant execute on function private.disable_auto_reload() to authenticated;

-- Defaults and triggers run as whoever writes the row.
grant execute on function private.currency() to authenticated;

-- admins: own row, and administrators with manage_users.

revoke all on public.admins from anon, authenticated, service_role;
grant select on public.admins to authenticated, service_role;

drop policy if exists "own row or manage_users" on public.admins;
create policy "own row or manage_users" on public.admins for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "own row or manage_users" on public.admins is 'Who administers is not public.';

-- audit_logs: administrators with manage_users read; nobody writes.

revoke all on public.audit_logs from anon, authenticated, service_role;
grant select on public.audit_logs to authenticated, service_role;

drop policy if exists "manage_users" on public.audit_logs;
create policy "manage_users" on public.audit_logs for select to authenticated
    using ((select private.has_permission('manage_users')));
comment on policy "manage_users" on public.audit_logs is 'The record of who did what.';

-- auto_reloads: own row. Changed through calls.

revoke all on public.auto_reloads from anon, authenticated, service_role;
grant select on public.auto_reloads to authenticated, service_role;

drop policy if exists "own wish" on public.auto_reloads;
create policy "own wish" on public.auto_reloads for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own wish" on public.auto_reloads is 'What a person agreed to, and whether it is on.';

-- availability: everyone sees when a reader works; the reader keeps it.

revoke all on public.availability from anon, authenticated, service_role;
grant select on public.availability to anon, authenticated, service_role;
grant insert (reader_id, day_of_week, start_time, end_time, is_recurring, specific_date, is_available),
      update (day_of_week, start_time, end_time, is_recurring, specific_date, is_available), delete
    on public.availability to authenticated;

drop policy if exists "hours are public" on public.availability;
create policy "hours are public" on public.availability for select to anon, authenticated using (true);
comment on policy "hours are public" on public.availability is 'Opening hours; what is booked is not in here.';

drop policy if exists "reader adds hours" on public.availability;
create policy "reader adds hours" on public.availability for insert to authenticated
    with check (reader_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r where r.user_id = (select auth.uid())));
comment on policy "reader adds hours" on public.availability is 'Only readers have hours.';

drop policy if exists "reader changes hours" on public.availability;
create policy "reader changes hours" on public.availability for update to authenticated
    using (reader_id = (select auth.uid()) and (select private.is_active()))
    with check (reader_id = (select auth.uid()));
comment on policy "reader changes hours" on public.availability is 'Own rows.';

drop policy if exists "reader removes hours" on public.availability;
create policy "reader removes hours" on public.availability for delete to authenticated
    using (reader_id = (select auth.uid()) and (select private.is_active()));
comment on policy "reader removes hours" on public.availability is 'Own rows.';

-- blocks: a person's own list, never shown to the one who is blocked.

revoke all on public.blocks from anon, authenticated, service_role;
grant select on public.blocks to authenticated, service_role;
grant insert (blocker_id, blocked_id), delete on public.blocks to authenticated;

drop policy if exists "own rows" on public.blocks;
create policy "own rows" on public.blocks for select to authenticated using (blocker_id = (select auth.uid()));
comment on policy "own rows" on public.blocks is 'Never shown to the other person.';

drop policy if exists "add own" on public.blocks;
create policy "add own" on public.blocks for insert to authenticated
    with check (blocker_id = (select auth.uid()) and (select private.is_active()));
comment on policy "add own" on public.blocks is 'As oneself.';

drop policy if exists "remove own" on public.blocks;
create policy "remove own" on public.blocks for delete to authenticated
    using (blocker_id = (select auth.uid()) and (select private.is_active()));
comment on policy "remove own" on public.blocks is 'Own rows.';

-- bookings: its two people. Written by the session calls only.

revoke all on public.bookings from anon, authenticated, service_role;
grant select on public.bookings to authenticated, service_role;

drop policy if exists "both people" on public.bookings;
create policy "both people" on public.bookings for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()));
comment on policy "both people" on public.bookings is 'Whose time is taken by whom is between the two.';

-- cards: own rows.

revoke all on public.cards from anon, authenticated, service_role;
grant select on public.cards to authenticated, service_role;

drop policy if exists "own cards" on public.cards;
create policy "own cards" on public.cards for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own cards" on public.cards is 'As Stripe describes them; the number is nowhere.';

-- chat_messages: the session's two people read; they write while it runs and is not paused.

revoke all on public.chat_messages from anon, authenticated, service_role;
grant select on public.chat_messages to authenticated, service_role;
grant insert (session_id, sender_id, content, message_type) on public.chat_messages to authenticated;

drop policy if exists "participants read" on public.chat_messages;
create policy "participants read" on public.chat_messages for select to authenticated
    using (exists (select from public.sessions s
        where s.id = chat_messages.session_id and (s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid()))));
comment on policy "participants read" on public.chat_messages is 'The transcript stays readable to both.';

drop policy if exists "participants write while it runs" on public.chat_messages;
create policy "participants write while it runs" on public.chat_messages for insert to authenticated
    with check (sender_id = (select auth.uid()) and message_type <> 'SYSTEM' and (select private.is_active())
        and session_id in (select s.id from public.sessions s
            where (s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid()))
              and s.status = 'IN_PROGRESS' and s.paused_at is null));
comment on policy "participants write while it runs" on public.chat_messages is 'Paid time only: not before, not after, not in a pause.';

-- clients: own row only; administrators read through admin_read_client, which is recorded.

revoke all on public.clients from anon, authenticated, service_role;
grant select on public.clients to authenticated, service_role;
grant update (first_name, last_name, avatar, bio, date_of_birth, timezone, preferences, preferred_session_types, preferred_categories)
    on public.clients to authenticated;

drop policy if exists "own profile" on public.clients;
create policy "own profile" on public.clients for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own profile" on public.clients is 'What a client tells about themselves is theirs.';

drop policy if exists "change own profile" on public.clients;
create policy "change own profile" on public.clients for update to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active()))
    with check (user_id = (select auth.uid()));
comment on policy "change own profile" on public.clients is 'An account that is not ACTIVE loses its writes at once.';

-- consents: own rows. Written by give_consent and withdraw_consent.

revoke all on public.consents from anon, authenticated, service_role;
grant select on public.consents to authenticated, service_role;

drop policy if exists "own consents" on public.consents;
create policy "own consents" on public.consents for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own consents" on public.consents is 'Proof of what was agreed.';

-- conversation_keys: the person a key is wrapped for.

revoke all on public.conversation_keys from anon, authenticated, service_role;
grant select on public.conversation_keys to authenticated, service_role;

drop policy if exists "own wrapped keys" on public.conversation_keys;
create policy "own wrapped keys" on public.conversation_keys for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own wrapped keys" on public.conversation_keys is 'Wrapped copies for somebody else''s devices are of no use to anyone.';

-- conversations: its two members.

revoke all on public.conversations from anon, authenticated, service_role;
grant select on public.conversations to authenticated, service_role;

drop policy if exists "members" on public.conversations;
create policy "members" on public.conversations for select to authenticated
    using (first_id = (select auth.uid()) or second_id = (select auth.uid()));
comment on policy "members" on public.conversations is 'Who writes with whom is between the two.';

-- data_exports: the person who asked, nobody else.

revoke all on public.data_exports from anon, authenticated, service_role;
grant select on public.data_exports to authenticated, service_role;

drop policy if exists "own exports" on public.data_exports;
create policy "own exports" on public.data_exports for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own exports" on public.data_exports is 'It holds everything of one person.';

-- favorites: a client's own list.

revoke all on public.favorites from anon, authenticated, service_role;
grant select on public.favorites to authenticated, service_role;
grant insert (client_id, reader_id), delete on public.favorites to authenticated;

drop policy if exists "own rows" on public.favorites;
create policy "own rows" on public.favorites for select to authenticated using (client_id = (select auth.uid()));
comment on policy "own rows" on public.favorites is 'Never shown to the other person.';

drop policy if exists "add own" on public.favorites;
create policy "add own" on public.favorites for insert to authenticated
    with check (client_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r));
comment on policy "add own" on public.favorites is 'As oneself; only readers are favourites.';

drop policy if exists "remove own" on public.favorites;
create policy "remove own" on public.favorites for delete to authenticated
    using (client_id = (select auth.uid()) and (select private.is_active()));
comment on policy "remove own" on public.favorites is 'Own rows.';

-- forum_categories: readable by everyone; kept by administrators with moderate_content.

revoke all on public.forum_categories from anon, authenticated, service_role;
grant select on public.forum_categories to anon, authenticated, service_role;
grant insert (name, description, icon, sort_order), update (name, description, icon, sort_order) on public.forum_categories to authenticated;

drop policy if exists "shelves are public" on public.forum_categories;
create policy "shelves are public" on public.forum_categories for select to anon, authenticated using (true);
comment on policy "shelves are public" on public.forum_categories is 'Names of shelves.';

drop policy if exists "moderators add shelves" on public.forum_categories;
create policy "moderators add shelves" on public.forum_categories for insert to authenticated
    with check ((select private.has_permission('moderate_content')));
comment on policy "moderators add shelves" on public.forum_categories is 'moderate_content.';

drop policy if exists "moderators change shelves" on public.forum_categories;
create policy "moderators change shelves" on public.forum_categories for update to authenticated
    using ((select private.has_permission('moderate_content'))) with check ((select private.has_permission('moderate_content')));
comment on policy "moderators change shelves" on public.forum_categories is 'moderate_content.';

-- forum_posts: what is published is public; people write and change their own; moderators see and change all.

revoke all on public.forum_posts from anon, authenticated, service_role;
grant select on public.forum_posts to anon, authenticated, service_role;
grant insert (author_id, category_id, title, content, status), update (category_id, title, content, status, is_pinned, is_locked) on public.forum_posts to authenticated;

drop policy if exists "published" on public.forum_posts;
create policy "published" on public.forum_posts for select to anon using (status = 'PUBLISHED');
comment on policy "published" on public.forum_posts is 'Visitors read what is published.';

drop policy if exists "published, own, or moderators" on public.forum_posts;
create policy "published, own, or moderators" on public.forum_posts for select to authenticated
    using (status = 'PUBLISHED' or author_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "published, own, or moderators" on public.forum_posts is 'Drafts are their author''s.';

drop policy if exists "write as oneself" on public.forum_posts;
create policy "write as oneself" on public.forum_posts for insert to authenticated
    with check (author_id = (select auth.uid()) and status in ('DRAFT', 'PUBLISHED') and (select private.has_account()));
comment on policy "write as oneself" on public.forum_posts is 'Active accounts only: what is said in public has somebody behind it.';

drop policy if exists "change own, or moderate" on public.forum_posts;
create policy "change own, or moderate" on public.forum_posts for update to authenticated
    using ((author_id = (select auth.uid()) and (select private.has_account())) or (select private.has_permission('moderate_content')))
    with check (author_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "change own, or moderate" on public.forum_posts is 'A trigger keeps flags from authors, words from moderators, and what was taken down from coming back by its author.';

-- forum_replies: what is published is public; people write and change their own; moderators see and change all.

revoke all on public.forum_replies from anon, authenticated, service_role;
grant select on public.forum_replies to anon, authenticated, service_role;
grant insert (author_id, post_id, content, status), update (content, status) on public.forum_replies to authenticated;

drop policy if exists "published" on public.forum_replies;
create policy "published" on public.forum_replies for select to anon using (status = 'PUBLISHED');
comment on policy "published" on public.forum_replies is 'Visitors read what is published.';

drop policy if exists "published, own, or moderators" on public.forum_replies;
create policy "published, own, or moderators" on public.forum_replies for select to authenticated
    using (status = 'PUBLISHED' or author_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "published, own, or moderators" on public.forum_replies is 'Drafts are their author''s.';

drop policy if exists "write as oneself" on public.forum_replies;
create policy "write as oneself" on public.forum_replies for insert to authenticated
    with check (author_id = (select auth.uid()) and status in ('DRAFT', 'PUBLISHED') and (select private.has_account()));
comment on policy "write as oneself" on public.forum_replies is 'Active accounts only: what is said in public has somebody behind it.';

drop policy if exists "change own, or moderate" on public.forum_replies;
create policy "change own, or moderate" on public.forum_replies for update to authenticated
    using ((author_id = (select auth.uid()) and (select private.has_account())) or (select private.has_permission('moderate_content')))
    with check (author_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "change own, or moderate" on public.forum_replies is 'A trigger keeps words from moderators, and what was taken down from coming back by its author.';

-- gift_purchases: the buyer.

revoke all on public.gift_purchases from anon, authenticated, service_role;
grant select on public.gift_purchases to authenticated, service_role;

drop policy if exists "own purchases" on public.gift_purchases;
create policy "own purchases" on public.gift_purchases for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own purchases" on public.gift_purchases is 'What somebody bought is theirs.';

-- gifts: sender and receiver.

revoke all on public.gifts from anon, authenticated, service_role;
grant select on public.gifts to authenticated, service_role;

drop policy if exists "both people" on public.gifts;
create policy "both people" on public.gifts for select to authenticated
    using (sender_id = (select auth.uid()) or receiver_id = (select auth.uid()));
comment on policy "both people" on public.gifts is 'On a stream, viewers hear of gifts on its topic.';

-- key_backups: the person whose keys they are. Not even the services read them.

revoke all on public.key_backups from anon, authenticated, service_role;
grant select on public.key_backups to authenticated;

drop policy if exists "own backup" on public.key_backups;
create policy "own backup" on public.key_backups for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own backup" on public.key_backups is 'Sealed, and a passphrase may be guessed: nobody else gets to try.';

-- live_streams: streams are announced to everyone; a reader plans their own.

revoke all on public.live_streams from anon, authenticated, service_role;
grant select on public.live_streams to anon, authenticated, service_role;
grant insert (reader_id, title, description, category, scheduled_at, max_viewers),
      update (title, description, category, scheduled_at, max_viewers) on public.live_streams to authenticated;

drop policy if exists "announced" on public.live_streams;
create policy "announced" on public.live_streams for select to anon, authenticated using (true);
comment on policy "announced" on public.live_streams is 'What is in a stream is on its topic, for viewers let in.';

drop policy if exists "reader plans streams" on public.live_streams;
create policy "reader plans streams" on public.live_streams for insert to authenticated
    with check (reader_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r where r.user_id = (select auth.uid()) and r.is_verified));
comment on policy "reader plans streams" on public.live_streams is 'Verified readers only; start and end are functions.';

drop policy if exists "reader changes plans" on public.live_streams;
create policy "reader changes plans" on public.live_streams for update to authenticated
    using (reader_id = (select auth.uid()) and status = 'SCHEDULED' and (select private.is_active()))
    with check (reader_id = (select auth.uid()));
comment on policy "reader changes plans" on public.live_streams is 'Until it starts.';

-- messages: sender and receiver.

revoke all on public.messages from anon, authenticated, service_role;
grant select on public.messages to authenticated, service_role;

drop policy if exists "both people" on public.messages;
create policy "both people" on public.messages for select to authenticated
    -- A CASE, not an OR: no index serves it, and Postgres takes it for true of half the rows. So the last page of a
    -- conversation comes in order from the conversation's index; with an OR all of it is gathered and sorted.
    using (case (select auth.uid()) when sender_id then true when receiver_id then true else false end);
comment on policy "both people" on public.messages is 'Sealed, and still nobody else''s.';

-- money_approvals: administrators with manage_finances, for whom they are the papers of their own work. Written by their calls only.

revoke all on public.money_approvals from anon, authenticated, service_role;
grant select on public.money_approvals to authenticated, service_role;

drop policy if exists "manage_finances" on public.money_approvals;
create policy "manage_finances" on public.money_approvals for select to authenticated
    using ((select private.has_permission('manage_finances')));
comment on policy "manage_finances" on public.money_approvals is 'Whoever decides sees what waits; who gets it sees the transaction.';

-- notification_preferences: own row, changed by its RPC; the token is in mails only.

revoke all on public.notification_preferences from anon, authenticated, service_role;
grant select (user_id, by_email, muted, created_at, updated_at) on public.notification_preferences to authenticated;
grant select on public.notification_preferences to service_role;

drop policy if exists "own row" on public.notification_preferences;
create policy "own row" on public.notification_preferences for select to authenticated using (user_id = (select auth.uid()));
comment on policy "own row" on public.notification_preferences is 'Nobody else''s business.';

-- notifications: own rows; a person marks them read and removes them.

revoke all on public.notifications from anon, authenticated, service_role;
grant select on public.notifications to authenticated, service_role;
grant update (read_at), delete on public.notifications to authenticated;

drop policy if exists "own notifications" on public.notifications;
create policy "own notifications" on public.notifications for select to authenticated using (user_id = (select auth.uid()));
comment on policy "own notifications" on public.notifications is 'Written by the database.';

drop policy if exists "mark own" on public.notifications;
create policy "mark own" on public.notifications for update to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active())) with check (user_id = (select auth.uid()));
comment on policy "mark own" on public.notifications is 'read_at only, by the column grant.';

drop policy if exists "remove own" on public.notifications;
create policy "remove own" on public.notifications for delete to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active()));
comment on policy "remove own" on public.notifications is 'Own rows.';

-- order_items: the buyer and the seller of the line.

revoke all on public.order_items from anon, authenticated, service_role;
grant select on public.order_items to authenticated, service_role;

drop policy if exists "buyer or seller" on public.order_items;
create policy "buyer or seller" on public.order_items for select to authenticated
    using (reader_id = (select auth.uid()) or order_id in (select o.id from public.orders o where o.client_id = (select auth.uid())));
comment on policy "buyer or seller" on public.order_items is 'A seller sees what was sold, not to whom.';

-- orders: the buyer. Written by the order functions only.

revoke all on public.orders from anon, authenticated, service_role;
grant select on public.orders to authenticated, service_role;

drop policy if exists "own orders" on public.orders;
create policy "own orders" on public.orders for select to authenticated
    using (client_id = (select auth.uid()));
comment on policy "own orders" on public.orders is 'An order holds an address.';

-- paid_messages: the two people.

revoke all on public.paid_messages from anon, authenticated, service_role;
grant select on public.paid_messages to authenticated, service_role;

drop policy if exists "both people" on public.paid_messages;
create policy "both people" on public.paid_messages for select to authenticated
    using (case (select auth.uid()) when client_id then true when reader_id then true else false end);
comment on policy "both people" on public.paid_messages is 'What waits for an answer, and what was paid for one.';

-- payout_attempts: the services only; readers follow the payout, administrators read through audited calls.

revoke all on public.payout_attempts from anon, authenticated, service_role;
grant select on public.payout_attempts to service_role;

-- payouts: the reader.

revoke all on public.payouts from anon, authenticated, service_role;
grant select on public.payouts to authenticated, service_role;

drop policy if exists "own payouts" on public.payouts;
create policy "own payouts" on public.payouts for select to authenticated
    using (reader_id = (select auth.uid()));
comment on policy "own payouts" on public.payouts is 'Earnings are the reader''s own.';

-- products: the shelf is public; a reader keeps their own products.

revoke all on public.products from anon, authenticated, service_role;
grant select on public.products to service_role;
-- The paths of what is sold stay out of reach; buyers get signed URLs.
grant select (id, name, description, type, category, price, currency, stock_quantity, sku, weight, dimensions, images,
              status, featured, reader_id, search, created_at, updated_at) on public.products to anon, authenticated;
grant insert (name, description, type, category, price, stock_quantity, sku, download_url, file_url, weight, dimensions,
              images, status, reader_id),
      update (name, description, category, price, stock_quantity, sku, download_url, file_url, weight, dimensions, images, status)
    on public.products to authenticated;

drop policy if exists "on the shelf" on public.products;
create policy "on the shelf" on public.products for select to anon using (status in ('ACTIVE', 'OUT_OF_STOCK'));
comment on policy "on the shelf" on public.products is 'Drafts and withdrawn products are their maker''s. File paths are kept out by the column grant.';

drop policy if exists "on the shelf, own and moderators" on public.products;
create policy "on the shelf, own and moderators" on public.products for select to authenticated
    using (status in ('ACTIVE', 'OUT_OF_STOCK') or reader_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "on the shelf, own and moderators" on public.products is 'Drafts and withdrawn products are their maker''s. File paths are kept out by the column grant.';

drop policy if exists "reader adds products" on public.products;
create policy "reader adds products" on public.products for insert to authenticated
    with check (reader_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r where r.user_id = (select auth.uid()) and r.is_verified));
comment on policy "reader adds products" on public.products is 'Verified readers sell; featured is for administrators.';

drop policy if exists "reader changes products" on public.products;
create policy "reader changes products" on public.products for update to authenticated
    using (reader_id = (select auth.uid()) and (select private.is_active()))
    with check (reader_id = (select auth.uid()));
comment on policy "reader changes products" on public.products is 'Orders keep the price they were made at.';

-- promo_codes: administrators with manage_finances.

revoke all on public.promo_codes from anon, authenticated, service_role;
grant select on public.promo_codes to authenticated, service_role;

drop policy if exists "manage_finances" on public.promo_codes;
create policy "manage_finances" on public.promo_codes for select to authenticated
    using ((select private.has_permission('manage_finances')));
comment on policy "manage_finances" on public.promo_codes is 'Codes are handed out, not listed.';

-- promo_redemptions: own rows.

revoke all on public.promo_redemptions from anon, authenticated, service_role;
grant select on public.promo_redemptions to authenticated, service_role;

drop policy if exists "own redemptions" on public.promo_redemptions;
create policy "own redemptions" on public.promo_redemptions for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own redemptions" on public.promo_redemptions is 'Who used what.';

-- reader_accounts: own row. Nobody writes it directly.

revoke all on public.reader_accounts from anon, authenticated, service_role;
grant select on public.reader_accounts to authenticated, service_role;

drop policy if exists "own account" on public.reader_accounts;
create policy "own account" on public.reader_accounts for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own account" on public.reader_accounts is 'Stripe account, documents and earnings are nobody else''s business.';

-- reader_applications: own rows. Written by apply and review only.

revoke all on public.reader_applications from anon, authenticated, service_role;
grant select on public.reader_applications to authenticated, service_role;

drop policy if exists "own applications" on public.reader_applications;
create policy "own applications" on public.reader_applications for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own applications" on public.reader_applications is 'An application is between its person and the reviewers.';

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

-- realtime.messages: who receives and who sends on which private topic. Where the database speaks, nobody else does.

grant execute on function private.may_hear(text), private.may_speak(text, text) to authenticated;

-- A person's own topic, their sessions' and conversations' topics, the streams they are in, and the readers' statuses. On
-- hosted the table belongs to Supabase: its policies may be made, and not commented on.
drop policy if exists "receive on own topics" on realtime.messages;
create policy "receive on own topics" on realtime.messages for select to authenticated
    using (extension in ('broadcast', 'presence') and (select private.may_hear((select realtime.topic()))));

-- On :peer topics alone: typing, presence, sealed signalling.
drop policy if exists "send to peers" on realtime.messages;
create policy "send to peers" on realtime.messages for insert to authenticated
    with check (case extension
        when 'broadcast' then (select private.may_speak((select realtime.topic()), 'broadcast'))
        when 'presence' then (select private.may_speak((select realtime.topic()), 'presence'))
        else false end);

-- recording_consents: both sides of the session. Written by consent_to_recording.

revoke all on public.recording_consents from anon, authenticated, service_role;
grant select on public.recording_consents to authenticated, service_role;

drop policy if exists "participants read" on public.recording_consents;
create policy "participants read" on public.recording_consents for select to authenticated
    using (session_id in (select s.id from public.sessions s
        where s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid())));
comment on policy "participants read" on public.recording_consents is 'Each side sees whether the other agrees.';

-- reports: the reporter, and administrators with moderate_content.

revoke all on public.reports from anon, authenticated, service_role;
grant select on public.reports to authenticated, service_role;

drop policy if exists "own reports or moderate_content" on public.reports;
create policy "own reports or moderate_content" on public.reports for select to authenticated
    using (reporter_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "own reports or moderate_content" on public.reports is 'Never shown to the one who is reported.';

-- reviews: public unless hidden; written by review_session and respond_to_review only.

revoke all on public.reviews from anon, authenticated, service_role;
grant select on public.reviews to anon, authenticated, service_role;

drop policy if exists "shown reviews" on public.reviews;
create policy "shown reviews" on public.reviews for select to anon using (not is_hidden);
comment on policy "shown reviews" on public.reviews is 'Visitors read reviews.';

drop policy if exists "shown, own, or moderators" on public.reviews;
create policy "shown, own, or moderators" on public.reviews for select to authenticated
    using (not is_hidden or client_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "shown, own, or moderators" on public.reviews is 'A hidden review is still its author''s.';

-- sessions: the two participants. Written by the session calls only.

revoke all on public.sessions from anon, authenticated, service_role;
grant select on public.sessions to authenticated, service_role;

drop policy if exists "participants" on public.sessions;
create policy "participants" on public.sessions for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()));
comment on policy "participants" on public.sessions is 'A session is its two sides''.';

-- storage.objects: who reads and writes files, by bucket and first folder. A bucket that is not named is closed.
-- A public bucket is read by address past these policies; here its owners see what they keep in it. The remarks are no
-- COMMENTs: on hosted the table is the Storage server's, and only its owner may comment on it.

grant execute on function private.recording_folders(), private.media_folders(boolean), private.reported_folders(), private.bought_files(),
    private.applicant_folders(), private.is_sold(text) to authenticated;

-- Own files, what one has bought, what was said in one's own sessions and conversations; documents also by who decides on
-- the application and was shown it, and sealed files by who decides on a complaint that reveals the key of one. Those two list and
-- download; an address they sign or a copy they make would outlive their right.
drop policy if exists "read by bucket" on storage.objects;
create policy "read by bucket" on storage.objects for select to authenticated
    using (case bucket_id
        when 'avatars' then (storage.foldername(name))[1] = (select auth.uid())::text
        when 'verification-docs' then (storage.foldername(name))[1] = (select auth.uid())::text
            or (select storage.allow_any_operation(
                array['object.get_authenticated', 'object.info_authenticated', 'object.list', 'object.list_v2']))
            and (storage.foldername(name))[1] in (select private.applicant_folders())
        when 'recordings' then (storage.foldername(name))[1] in (select s.id::text from public.sessions s
            where s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid()))
        when 'products' then (storage.foldername(name))[1] = (select auth.uid())::text
            or name in (select private.bought_files())
        when 'product-images' then (storage.foldername(name))[1] = (select auth.uid())::text
        when 'chat-media' then (storage.foldername(name))[1] in (select private.media_folders(false))
            or (select storage.allow_any_operation(
                array['object.get_authenticated', 'object.info_authenticated', 'object.list', 'object.list_v2']))
            and (storage.foldername(name))[1] in (select private.reported_folders())
        else false
    end);

-- An active account, in its own name and folder; a recording while both sides agree; chat media while the conversation may
-- be written to.
drop policy if exists "write by bucket" on storage.objects;
create policy "write by bucket" on storage.objects for insert to authenticated
    with check (owner_id = (select auth.uid())::text and (select private.is_active()) and case bucket_id
        when 'avatars' then (storage.foldername(name))[1] = (select auth.uid())::text
        when 'verification-docs' then (storage.foldername(name))[1] = (select auth.uid())::text
            and (select private.has_account())
        when 'recordings' then (storage.foldername(name))[1] in (select private.recording_folders())
        -- An address to upload to, made before a sale, would outlive it.
        when 'products' then (storage.foldername(name))[1] = (select auth.uid())::text
            and (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
            and not storage.allow_any_operation(array['object.sign_upload_url'])
        when 'product-images' then (storage.foldername(name))[1] = (select auth.uid())::text
            and (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
        when 'chat-media' then (storage.foldername(name))[1] in (select private.media_folders(true))
        else false
    end);

-- Pictures, and goods that nobody has bought. Documents, recordings and what was sent stay as they came; nobody comes to own another's file.
drop policy if exists "replace own" on storage.objects;
create policy "replace own" on storage.objects for update to authenticated
    using (owner_id = (select auth.uid())::text and (select private.is_active())
        and bucket_id in ('avatars', 'products', 'product-images')
        and (storage.foldername(name))[1] = (select auth.uid())::text
        and not (bucket_id = 'products' and private.is_sold(name)))
    with check (owner_id = (select auth.uid())::text
        and (storage.foldername(name))[1] = (select auth.uid())::text
        and case bucket_id
            when 'avatars' then true
            when 'products' then (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
            when 'product-images' then (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
            else false
        end);

-- Pictures, goods that nobody has bought, and what one sent. Documents and recordings are kept.
drop policy if exists "remove own" on storage.objects;
create policy "remove own" on storage.objects for delete to authenticated
    using (owner_id = (select auth.uid())::text and (select private.is_active())
        and bucket_id in ('avatars', 'products', 'product-images', 'chat-media')
        and not (bucket_id = 'products' and private.is_sold(name)));

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

-- transactions: the owner. Written by the money functions only.

revoke all on public.transactions from anon, authenticated, service_role;
grant select on public.transactions to authenticated, service_role;

drop policy if exists "own transactions" on public.transactions;
create policy "own transactions" on public.transactions for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own transactions" on public.transactions is 'A reader never sees the client''s row.';

-- user_keys: public halves, readable by everyone signed in; devices are registered and revoked by calls.

revoke all on public.user_keys from anon, authenticated, service_role;
grant select on public.user_keys to authenticated, service_role;

drop policy if exists "keys are public" on public.user_keys;
create policy "keys are public" on public.user_keys for select to authenticated using (true);
comment on policy "keys are public" on public.user_keys is 'Public halves, to seal for before a first message, and for moderators to verify with.';

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

-- virtual_gifts: the catalogue, readable by everyone. Kept by the operator.

revoke all on public.virtual_gifts from anon, authenticated, service_role;
grant select on public.virtual_gifts to anon, authenticated, service_role;

drop policy if exists "catalogue is public" on public.virtual_gifts;
create policy "catalogue is public" on public.virtual_gifts for select to anon, authenticated using (true);
comment on policy "catalogue is public" on public.virtual_gifts is 'Prices come from here and nowhere else.';

-- wait_list: who waits, and the reader they wait for.

revoke all on public.wait_list from anon, authenticated, service_role;
grant select on public.wait_list to authenticated, service_role;

drop policy if exists "both people" on public.wait_list;
create policy "both people" on public.wait_list for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()));
comment on policy "both people" on public.wait_list is 'Others see nothing of the queue.';

-- wallets and reader_earnings: views over ledger.accounts, which runs its own row-level security as the reader of the view.

revoke all on public.wallets, public.reader_earnings from anon, authenticated, service_role;
grant select on public.wallets, public.reader_earnings to authenticated, service_role;

revoke all on ledger.accounts from anon, authenticated, service_role;
grant select (id, user_id, kind, currency, credits, debits, held, frozen_at, created_at, updated_at)
    on ledger.accounts to authenticated, service_role;

drop policy if exists "own accounts" on ledger.accounts;
create policy "own accounts" on ledger.accounts for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own accounts" on ledger.accounts is 'The schema is not exposed; this is what the views show to whom.';
