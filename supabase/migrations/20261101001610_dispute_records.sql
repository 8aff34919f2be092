-- Disputes as administrators see them.

set lock_timeout = '4s';

create function private.admin_read_disputes(p_user_id uuid)
returns table (
    dispute_id text, topup_id uuid, transaction_id uuid, charge_id text, status text, reason text, amount bigint,
    withdrawn bigint, reinstated bigint, fee bigint, due_at timestamptz, created_at timestamptz, updated_at timestamptz)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.require_permission('manage_finances');
    if not exists (select from public.users u where u.id = p_user_id) then
        perform private.fail('not_found');
    end if;
    perform private.record_audit('dispute.read', 'disputes', p_user_id::text, null);
    return query
    select d.stripe_dispute_id, d.topup_id, d.transaction_id, d.charge_id, d.status, d.reason, d.amount,
           d.withdrawn, d.reinstated, d.fee, d.due_at, d.created_at, d.updated_at
    from private.disputes d join public.transactions t on t.id = d.topup_id
    where t.user_id = p_user_id
    order by d.created_at desc, d.stripe_dispute_id;
end
$$;
comment on function private.admin_read_disputes(uuid) is 'A client''s disputes, newest first, amounts in minor units; the look is recorded.';

create function public.admin_read_disputes(p_user_id uuid)
returns table (
    dispute_id text, topup_id uuid, transaction_id uuid, charge_id text, status text, reason text, amount bigint,
    withdrawn bigint, reinstated bigint, fee bigint, due_at timestamptz, created_at timestamptz, updated_at timestamptz)
language sql set search_path = '' as $$ select * from private.admin_read_disputes(p_user_id) $$;
comment on function public.admin_read_disputes(uuid) is
    'For administrators with manage_finances; recorded. A client''s disputes, amounts in minor units. Refuses with permission_denied, not_found.';

----------------------------------------------------------------------
-- Evidence
----------------------------------------------------------------------

create function private.session_evidence(p_session public.sessions, p_paid bigint)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return jsonb_build_object(
        'session_id', p_session.id, 'type', p_session.type, 'status', p_session.status, 'end_reason', p_session.end_reason,
        'rate', p_session.reader_rate, 'billed_seconds', p_session.billed_seconds, 'total_cost', p_session.total_cost, 'paid_by_topup', p_paid,
        'log', coalesce((
            select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('at', l.at, 'event', l.event, 'detail', l.detail)) order by l.at, l.event)
            from private.session_log l where l.session_id = p_session.id), '[]'),
        'minutes', (
            select jsonb_build_object('charged', count(*), 'first_at', min(t.posted_at), 'last_at', max(t.posted_at))
            from ledger.transfers t where t.transaction_id = p_session.transaction_id and t.code = 'increment'),
        'messages', coalesce((
            select jsonb_object_agg(m.side, jsonb_build_object('sent', m.sent, 'first_at', m.first_at, 'last_at', m.last_at))
            from (select case when c.sender_id = p_session.client_id then 'client' else 'reader' end as side,
                         count(*) as sent, min(c.created_at) as first_at, max(c.created_at) as last_at
                  from public.chat_messages c where c.session_id = p_session.id and c.message_type <> 'SYSTEM' group by 1) m), '{}'),
        'review', (select jsonb_build_object('rating', r.rating, 'written_at', r.created_at)
                   from public.reviews r where r.session_id = p_session.id));
end
$$;
comment on function private.session_evidence(public.sessions, bigint) is
    'What shows that a session was held: its log, the minutes charged, how many messages each side sent and when (never what they say). Amounts in minor units.';

create function private.dispute_evidence(p_dispute private.disputes)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_topup public.transactions;
begin
    select t.* into strict v_topup from public.transactions t where t.id = p_dispute.topup_id;
    return (
        with paid as materialized (
            select t.transaction_id, sum(s.amount)::bigint as amount
            from ledger.topup_spending(v_topup.id) s join ledger.transfers t on t.id = s.transfer_id
            group by 1
        )
        select jsonb_build_object(
            'dispute', jsonb_build_object('id', p_dispute.stripe_dispute_id, 'charge_id', p_dispute.charge_id, 'status', p_dispute.status,
                'reason', p_dispute.reason, 'amount', p_dispute.amount, 'due_at', p_dispute.due_at),
            'topup', jsonb_build_object('transaction_id', v_topup.id, 'payment_intent_id', v_topup.stripe_payment_intent_id,
                'amount', v_topup.amount, 'paid_at', v_topup.created_at, 'unspent', ledger.unspent(v_topup.id)),
            'client', (
                select jsonb_build_object('user_id', u.id, 'member_since', u.created_at, 'email', a.email,
                    'earlier_topups', (select count(*) from public.transactions e where e.user_id = u.id and e.type = 'ADD_FUNDS'
                                       and e.status = 'COMPLETED' and e.created_at < v_topup.created_at),
                    'consents', coalesce((
                        select jsonb_agg(jsonb_build_object('kind', c.kind, 'version', c.version, 'accepted_at', c.accepted_at,
                            'ip_address', host(c.ip_address)) order by c.id)
                        from public.consents c where c.user_id = u.id and c.accepted_at <= p_dispute.created_at), '[]'))
                from public.users u left join auth.users a on a.id = u.id where u.id = v_topup.user_id),
            'sessions', coalesce((
                select jsonb_agg(private.session_evidence(s, p.amount) order by s.id)
                from paid p join public.sessions s on s.transaction_id = p.transaction_id), '[]'),
            'other_spending', coalesce((
                select jsonb_agg(jsonb_build_object('transaction_id', t.id, 'type', t.type, 'description', t.description, 'amount', t.amount,
                    'paid_by_topup', p.amount, 'at', t.created_at) order by t.id)
                from paid p join public.transactions t on t.id = p.transaction_id and t.type <> 'SESSION_CHARGE'), '[]'),
            'given_back', coalesce((
                select jsonb_agg(jsonb_build_object('transaction_id', t.id, 'type', t.type, 'amount', t.amount, 'at', t.created_at) order by t.id)
                from ledger.card_returns r join public.transactions t on t.id = r.transaction_id
                where r.topup_id = v_topup.id and t.type = 'REFUND' and t.status = 'COMPLETED'), '[]')));
end
$$;
comment on function private.dispute_evidence(private.disputes) is
    'Everything the platform knows of what a disputed top-up (minor units) was spent on. Cost: the client''s transactions, and of each session paid with it the log and messages.';

create function private.evidence_text(p_evidence jsonb)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
    return concat_ws(e'\n',
        format('The cardholder %s has been a member since %s and paid %s times before. The disputed payment of %s (minor units) was made on %s.',
            p_evidence #>> '{client,email}', p_evidence #>> '{client,member_since}', p_evidence #>> '{client,earlier_topups}',
            p_evidence #>> '{topup,amount}', p_evidence #>> '{topup,paid_at}'),
        (select string_agg(format('Accepted %s %s on %s%s.', c ->> 'kind', c ->> 'version', c ->> 'accepted_at',
            coalesce(' from ' || (c ->> 'ip_address'), '')), e'\n') from jsonb_array_elements(p_evidence #> '{client,consents}') c),
        (select string_agg(format('Session %s (%s), %s seconds at %s a minute, %s of it paid with this payment: %s. Messages: client %s, reader %s.',
            s ->> 'session_id', s ->> 'type', s ->> 'billed_seconds', s ->> 'rate', s ->> 'paid_by_topup',
            (select string_agg(concat_ws(' ', l ->> 'event', '(' || (l ->> 'detail') || ')', l ->> 'at'), ', ')
             from jsonb_array_elements(s -> 'log') l),
            coalesce(s #>> '{messages,client,sent}', '0'), coalesce(s #>> '{messages,reader,sent}', '0')), e'\n')
         from jsonb_array_elements(p_evidence -> 'sessions') s),
        (select string_agg(format('%s of %s on %s: %s.', o ->> 'type', o ->> 'paid_by_topup', o ->> 'at', o ->> 'description'), e'\n')
         from jsonb_array_elements(p_evidence -> 'other_spending') o),
        (select string_agg(format('Given back to the card: %s on %s.', g ->> 'amount', g ->> 'at'), e'\n')
         from jsonb_array_elements(p_evidence -> 'given_back') g));
end
$$;
comment on function private.evidence_text(jsonb) is 'The evidence as sentences, for Stripe''s field of free text; at most what Stripe takes is sent.';

create function private.admin_read_evidence(p_dispute_id text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_dispute  private.disputes;
    v_evidence jsonb;
begin
    perform private.require_permission('manage_finances');
    select d.* into v_dispute from private.disputes d where d.stripe_dispute_id = p_dispute_id;
    if not found then
        perform private.fail('not_found');
    end if;
    perform private.record_audit('evidence.read', 'disputes', p_dispute_id, null);
    v_evidence := private.dispute_evidence(v_dispute);
    -- Stripe takes 20,000 characters in the field.
    return v_evidence || jsonb_build_object('text', left(private.evidence_text(v_evidence), 20000));
end
$$;
comment on function private.admin_read_evidence(text) is 'The evidence pack of a dispute; the look is recorded.';

create function public.admin_read_evidence(p_dispute_id text)
returns jsonb
language plpgsql set search_path = '' as $$
begin
    return private.admin_read_evidence(p_dispute_id);
end
$$;
comment on function public.admin_read_evidence(text) is
    'For administrators with manage_finances; recorded. What a disputed top-up was spent on: the client and their consents, each session with its log, minutes charged and counts of messages, other spending, refunds (amounts in minor units), and the same as text for Stripe. Refuses with permission_denied, not_found.';
