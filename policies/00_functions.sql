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
