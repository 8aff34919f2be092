-- messages: sender and receiver.

revoke all on public.messages from anon, authenticated, service_role;
grant select on public.messages to authenticated, service_role;

drop policy if exists "both people" on public.messages;
create policy "both people" on public.messages for select to authenticated
    -- Written so that no index serves it: a client asks for a conversation, and its index must not be passed over for the
    -- two long lists of everything a person ever wrote or was sent.
    using ((select auth.uid()) = any (array[sender_id, receiver_id]));
comment on policy "both people" on public.messages is 'Sealed, and still nobody else''s.';
