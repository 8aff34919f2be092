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
grant execute on function public.free_slots(uuid, timestamptz, timestamptz) to anon, authenticated;
grant execute on function private.free_slots(uuid, timestamptz, timestamptz) to anon, authenticated;
grant execute on function public.reader_directory(public.session_type, text, text, bigint, boolean, numeric, text, text, integer) to anon, authenticated;
grant execute on function public.search_forum(text, uuid, uuid, integer) to anon, authenticated;
grant execute on function private.search_forum(text, uuid, uuid, integer) to anon, authenticated;
grant execute on function public.view_post(uuid) to authenticated;
grant execute on function private.view_post(uuid) to authenticated;
grant execute on function public.review_session(uuid, integer, text) to authenticated;
grant execute on function private.review_session(uuid, integer, text) to authenticated;
grant execute on function public.respond_to_review(uuid, text) to authenticated;
grant execute on function private.respond_to_review(uuid, text) to authenticated;
grant execute on function public.admin_set_user_status(uuid, public.user_status, text) to authenticated;
grant execute on function private.admin_set_user_status(uuid, public.user_status, text) to authenticated;
grant execute on function public.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;
grant execute on function private.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;
grant execute on function public.admin_read_client(uuid) to authenticated;
grant execute on function private.admin_read_client(uuid) to authenticated;
grant execute on function public.update_setting(text, text) to authenticated;
grant execute on function private.update_setting(text, text) to authenticated;
grant execute on function public.give_consent(public.consent_kind, text, jsonb) to authenticated;
grant execute on function private.give_consent(public.consent_kind, text, jsonb) to authenticated;
grant execute on function public.withdraw_consent(public.consent_kind) to authenticated;
grant execute on function private.withdraw_consent(public.consent_kind) to authenticated;
grant execute on function public.erase_account() to authenticated;
grant execute on function private.erase_account() to authenticated;
grant execute on function public.request_export() to authenticated;
grant execute on function private.request_export() to authenticated;

-- Defaults and triggers run as whoever writes the row.
grant execute on function private.currency() to authenticated;
