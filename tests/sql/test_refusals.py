"""Every refusal of the list: typed on the wire, and nothing half-done behind it."""

import functools
import uuid
from collections.abc import Callable

import psycopg
import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError

# Each provokes one refusal; what it needs is made before it returns the call that is refused.
Scenario = Callable[[Marketplace], Callable[[], object]]
SCENARIOS: list[tuple[str, Scenario]] = []
# Refused in tests/administration and in the files on orders, streams, promotions, refunds, reversals, encryption
# and Edge Functions, beside the rules they belong to.
REFUSED_ELSEWHERE = {
    "admin_limit_exceeded",
    "already_reviewed",
    "approval_expired",
    "backup_conflict",
    "card_refunds_disabled",
    "card_required",
    "device_conflict",
    "device_revoked",
    "device_unknown",
    "devices_changed",
    "identity_conflict",
    "key_outdated",
    "key_unknown",
    "key_version_taken",
    "last_admin",
    "money_remains",
    "no_devices",
    "not_billed",
    "not_on_sale",
    "not_purchased",
    "out_of_stock",
    "own_request",
    "post_locked",
    "price_changed",
    "promo_already_redeemed",
    "promo_card_used",
    "promo_exhausted",
    "promo_expired",
    "promo_unknown",
    "recipient_unavailable",
    "refund_exceeds_charge",
    "refund_exceeds_unspent",
    "second_factor_required",
    "spending_disabled",
    "stream_full",
    "too_many_devices",
}


def refused_with(code: str) -> Callable[[Scenario], Scenario]:
    """Register a scenario under the code it must be refused with."""

    def register(scenario: Scenario) -> Scenario:
        SCENARIOS.append((code, scenario))
        return scenario

    return register


@pytest.mark.parametrize(("code", "scenario"), SCENARIOS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_refusal_is_typed_and_leaves_nothing_behind(market: Marketplace, code: str, scenario: Scenario) -> None:
    call = scenario(market)
    with market.refuses(code):
        call()


def test_an_upsert_meets_the_row_that_is_there(market: Marketplace) -> None:
    client, reader = market.client(), market.reader()
    for _ in range(2):
        answer = market.http.post(
            "/favorites?on_conflict=client_id,reader_id",
            json={"client_id": client.id, "reader_id": reader.id},
            headers={"Authorization": f"Bearer {client.token}", "Prefer": "resolution=ignore-duplicates"},
        )
        assert answer.status_code in {200, 201}, answer.text
    assert len(market.read(client, "favorites")) == 1


def test_every_listed_code_is_refused_somewhere_here(market: Marketplace) -> None:
    listed = {row["code"] for row in market.rows("select code from private.error_codes")}
    assert {code for code, _ in SCENARIOS} | {"sign_ups_disabled"} | REFUSED_ELSEWHERE == listed


def test_sign_ups_can_be_switched_off(market: Marketplace) -> None:
    with market.setting("switch.sign_ups", value=False):
        before = market.fingerprint()
        with pytest.raises(psycopg.Error) as refused:
            market.sign_up()
        assert market.fingerprint() == before
    assert (refused.value.sqlstate, refused.value.diag.message_primary) == ("PT409", "sign_ups_disabled")


def test_a_rate_limit_says_when_to_try_again(market: Marketplace) -> None:
    call = too_many_requests(market)
    with pytest.raises(RefusedError) as refused:
        call()
    assert int(refused.value.retry_after) >= 1


# Who is calling ------------------------------------------------------------


@refused_with("not_authenticated")
def a_token_of_nobody(market: Marketplace) -> Callable[[], object]:
    nobody = Person("", market.world.token(str(uuid.uuid4())))
    reader = market.reader()
    return lambda: market.request(nobody, reader)


@refused_with("account_required")
def an_anonymous_request(market: Marketplace) -> Callable[[], object]:
    anonymous, reader = market.client(is_anonymous=True), market.reader()
    return lambda: market.request(anonymous, reader)


@refused_with("already_exists")
def a_user_name_that_is_taken(market: Marketplace) -> Callable[[], object]:
    first, second = market.client(), market.client()
    market.change(first, f"users?id=eq.{first.id}", {"username": "Luna_Sky"})
    return lambda: market.change(second, f"users?id=eq.{second.id}", {"username": "luna_sky"})


@refused_with("already_exists")
def hours_that_overlap(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    hours = {"reader_id": reader.id, "day_of_week": 6, "start_time": "22:00", "end_time": "02:00"}
    market.add(reader, "availability", hours)
    sunday = {"reader_id": reader.id, "day_of_week": 0, "start_time": "01:00", "end_time": "03:00"}
    return lambda: market.add(reader, "availability", sunday)


@refused_with("already_exists")
def a_favourite_twice(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(), market.reader()
    favourite = {"client_id": client.id, "reader_id": reader.id}
    market.add(client, "favorites", favourite)
    return lambda: market.add(client, "favorites", favourite)


@refused_with("invalid_argument")
def a_name_too_long(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    return lambda: market.change(client, f"clients?user_id=eq.{client.id}", {"first_name": "x" * 81})


@refused_with("invalid_argument")
def a_reader_without_a_bio(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    return lambda: market.change(reader, f"readers?user_id=eq.{reader.id}", {"bio": None})


@refused_with("invalid_argument")
def a_price_that_is_no_whole_number(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    return lambda: market.change(reader, f"readers?user_id=eq.{reader.id}", {"pricing": {"CHAT": 3.5}})


@refused_with("account_required")
def an_anonymous_payout(market: Marketplace) -> Callable[[], object]:
    anonymous = market.client(is_anonymous=True)
    return lambda: market.call(anonymous, "request_payout", p_idempotency_key="k")


@refused_with("account_suspended")
def a_suspended_request(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    market.suspend(client)
    return lambda: market.request(client, reader)


@refused_with("account_suspended")
def a_suspended_acceptance(market: Marketplace) -> Callable[[], object]:
    session = market.request(market.client(funds=1000), market.reader())
    market.suspend(session.reader)
    return lambda: session.by(session.reader, "accept")


@refused_with("account_suspended")
def a_suspended_top_up(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    market.suspend(client)
    return lambda: begin_topup(market, client)


@refused_with("account_suspended")
def a_suspended_payout_account(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    market.suspend(reader)
    return lambda: market.worker("begin_payout_account", p_user_id=reader.id)


@refused_with("permission_denied")
def a_client_reviews(market: Marketplace) -> Callable[[], object]:
    client, applicant = market.client(), market.sign_up()
    market.apply(applicant)
    return lambda: market.call(client, "review_reader_application", p_user_id=applicant.id, p_approve=True)


@refused_with("permission_denied")
def an_administrator_without_the_permission_reviews(market: Marketplace) -> Callable[[], object]:
    admin, applicant = market.make_admin("manage_finances"), market.sign_up()
    market.apply(applicant)
    return lambda: market.call(admin, "review_reader_application", p_user_id=applicant.id, p_approve=True)


@refused_with("not_a_reader")
def a_client_goes_online(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    return lambda: market.call(client, "set_reader_status", p_status="ONLINE")


@refused_with("not_a_reader")
def a_client_asks_for_a_payout(market: Marketplace) -> Callable[[], object]:
    client = market.client(funds=5000)
    return lambda: market.call(client, "request_payout", p_idempotency_key="k")


@refused_with("not_a_reader")
def a_client_opens_a_payout_account(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    return lambda: market.worker("begin_payout_account", p_user_id=client.id)


# Sessions ------------------------------------------------------------

_VERBS = ("accept", "decline", "cancel", "join", "heartbeat", "end")


@pytest.mark.parametrize("verb", _VERBS)
def test_a_stranger_and_an_unknown_id_get_the_same_answer(market: Marketplace, verb: str) -> None:
    session, stranger = market.accepted(market.client(funds=1000), market.reader()), market.client()
    answers = []
    for session_id in (session.id, str(uuid.uuid4())):
        with pytest.raises(RefusedError) as refused:
            market.call(stranger, f"{verb}_session", p_session_id=session_id)
        answers.append((refused.value.status, refused.value.code, refused.value.details, refused.value.hint))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (404, "not_participant")


@refused_with("not_participant")
def a_client_accepts_for_the_reader(market: Marketplace) -> Callable[[], object]:
    session = market.request(market.client(funds=1000), market.reader())
    return lambda: session.by(session.client, "accept")


@refused_with("not_participant")
def a_client_declines_for_the_reader(market: Marketplace) -> Callable[[], object]:
    session = market.request(market.client(funds=1000), market.reader())
    return lambda: session.by(session.client, "decline")


@refused_with("reader_unavailable")
def the_reader_is_offline(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader(status="OFFLINE")
    return lambda: market.request(client, reader)


@refused_with("reader_unavailable")
def the_reader_is_invisible(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader(status="INVISIBLE")
    return lambda: market.request(client, reader)


@refused_with("reader_unavailable")
def the_reader_is_suspended(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    market.suspend(reader)
    return lambda: market.request(client, reader)


@refused_with("reader_unavailable")
def the_reader_is_no_reader(market: Marketplace) -> Callable[[], object]:
    client, other = market.client(funds=1000), market.client()
    return lambda: market.request(client, other)


@refused_with("reader_unavailable")
def the_reader_is_taken(market: Marketplace) -> Callable[[], object]:
    session, client = market.request(market.client(funds=1000), market.reader()), market.client(funds=1000)
    return lambda: market.request(client, session.reader)


@refused_with("type_not_offered")
def another_kind_of_session(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader(types=["CHAT", "CALL"])
    return lambda: market.request(client, reader, p_type="VIDEO")


@refused_with("already_in_session")
def the_client_is_taken(market: Marketplace) -> Callable[[], object]:
    session, other = market.request(market.client(funds=1000), market.reader()), market.reader()
    return lambda: market.request(session.client, other)


@refused_with("insufficient_funds")
def one_unit_short(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=200, promo=99), market.reader(rate=300)
    return lambda: market.request(client, reader)


@refused_with("wallet_frozen")
def a_frozen_wallet_asks(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    market.freeze(client)
    return lambda: market.request(client, reader)


@refused_with("wallet_frozen")
def a_frozen_wallet_joins(market: Marketplace) -> Callable[[], object]:
    session = market.accepted(market.client(funds=1000), market.reader())
    session.by(session.reader, "join")
    market.freeze(session.client)
    return lambda: session.by(session.client, "join")


@refused_with("wallet_frozen")
def a_frozen_wallet_is_topped_up(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    market.freeze(client)
    return lambda: begin_topup(market, client)


@refused_with("outside_availability")
def an_appointment(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    return lambda: market.request(client, reader, p_scheduled_at="2030-01-01T10:00:00Z")


@refused_with("too_many_open")
def one_line_too_many(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    readers = [market.reader(status="OFFLINE") for _ in range(6)]
    join = functools.partial(market.call, client, "join_wait_list", p_type="CHAT")
    for reader in readers[:5]:
        join(p_reader_id=reader.id)
    return lambda: join(p_reader_id=readers[5].id)


@refused_with("invalid_argument")
def a_session_with_oneself(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    return lambda: market.request(reader, reader)


@refused_with("invalid_argument")
def no_minutes(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    return lambda: market.request(client, reader, p_max_minutes=0)


@refused_with("invalid_argument")
def too_many_minutes(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    return lambda: market.request(client, reader, p_max_minutes=241)


@refused_with("invalid_argument")
def an_empty_key(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    return lambda: market.request(client, reader, p_idempotency_key="")


@refused_with("invalid_argument")
def no_kind_of_session(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    return lambda: market.request(client, reader, p_type=None)


@refused_with("invalid_argument")
def a_reader_calls_themselves_busy(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    return lambda: market.call(reader, "set_reader_status", p_status="BUSY")


@refused_with("idempotency_key_reused")
def the_key_of_another_request(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader(types=["CHAT", "CALL"])
    market.request(client, reader, p_idempotency_key="k").by(reader, "decline")
    return lambda: market.request(client, reader, p_idempotency_key="k", p_type="CALL")


@refused_with("idempotency_key_reused")
def the_key_of_another_top_up(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    begin_topup(market, client, amount=500)
    return lambda: begin_topup(market, client, amount=501)


@refused_with("sessions_disabled")
def sessions_switched_off(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    return lambda: switched_off(market, "switch.new_sessions", lambda: market.request(client, reader))


@refused_with("rate_limited")
def too_many_requests(market: Marketplace) -> Callable[[], object]:
    client, reader = market.client(funds=1000), market.reader()
    market.request(client, reader).by(reader, "decline")
    return lambda: limited(market, "session.requests_per_minute", lambda: market.request(client, reader))


@refused_with("rate_limited")
def too_many_top_ups(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    begin_topup(market, client)
    return lambda: limited(market, "topup.per_hour", lambda: begin_topup(market, client, key="another"))


@refused_with("invalid_state")
def accepting_too_late(market: Marketplace) -> Callable[[], object]:
    session = market.request(market.client(funds=1000), market.reader())
    market.clock.advance(60)
    return lambda: session.by(session.reader, "accept")


@refused_with("invalid_state")
def joining_before_the_answer(market: Marketplace) -> Callable[[], object]:
    session = market.request(market.client(funds=1000), market.reader())
    return lambda: session.by(session.client, "join")


@refused_with("invalid_state")
def joining_too_late(market: Marketplace) -> Callable[[], object]:
    session = market.accepted(market.client(funds=1000), market.reader())
    market.clock.advance(120)
    return lambda: session.by(session.client, "join")


@refused_with("invalid_state")
def joining_a_cancelled_one(market: Marketplace) -> Callable[[], object]:
    session = market.accepted(market.client(funds=1000), market.reader())
    session.by(session.client, "cancel")
    return lambda: session.by(session.reader, "join")


@refused_with("invalid_state")
def declining_after_accepting(market: Marketplace) -> Callable[[], object]:
    session = market.accepted(market.client(funds=1000), market.reader())
    return lambda: session.by(session.reader, "decline")


@refused_with("invalid_state")
def cancelling_after_the_start(market: Marketplace) -> Callable[[], object]:
    session = market.started(market.client(funds=1000), market.reader())
    return lambda: session.by(session.client, "cancel")


@refused_with("invalid_state")
def a_heartbeat_before_joining(market: Marketplace) -> Callable[[], object]:
    session = market.accepted(market.client(funds=1000), market.reader())
    return lambda: session.by(session.client, "heartbeat")


@refused_with("invalid_state")
def ending_before_the_start(market: Marketplace) -> Callable[[], object]:
    session = market.accepted(market.client(funds=1000), market.reader())
    return lambda: session.by(session.reader, "end")


@refused_with("invalid_state")
def ending_twice(market: Marketplace) -> Callable[[], object]:
    session = market.started(market.client(funds=1000), market.reader())
    session.by(session.client, "end")
    return lambda: session.by(session.reader, "end")


# Readers ------------------------------------------------------------


@refused_with("application_pending")
def applying_twice(market: Marketplace) -> Callable[[], object]:
    person = market.sign_up()
    market.apply(person)
    return lambda: market.apply(person)


@refused_with("already_a_reader")
def a_reader_applies(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    return lambda: market.apply(reader)


@refused_with("invalid_argument")
def a_price_of_nothing(market: Marketplace) -> Callable[[], object]:
    person = market.sign_up()
    return lambda: market.apply(person, rate=0)


@refused_with("not_found")
def reviewing_nobody(market: Marketplace) -> Callable[[], object]:
    return lambda: market.call(market.admin, "review_reader_application", p_user_id=str(uuid.uuid4()), p_approve=True)


# Money in and out ------------------------------------------------------------


@refused_with("amount_out_of_range")
def a_top_up_of_nothing(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    return lambda: begin_topup(market, client, amount=0)


@refused_with("amount_out_of_range")
def a_top_up_too_large(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    return lambda: begin_topup(market, client, amount=100_000_001)


@refused_with("currency_mismatch")
def another_currency(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    return lambda: begin_topup(market, client, currency="EUR")


@refused_with("topups_disabled")
def top_ups_switched_off(market: Marketplace) -> Callable[[], object]:
    client = market.client()
    return lambda: switched_off(market, "switch.topups", lambda: begin_topup(market, client))


@refused_with("transaction_not_found")
def an_event_before_its_transaction(market: Marketplace) -> Callable[[], object]:
    event = market.store_event("payment_intent.succeeded", "pi_early")
    sequence = market.worker("next_object_sequence", p_object_id="pi_early")
    return lambda: market.worker(
        "apply_payment_intent",
        p_event_id=event,
        p_sequence=sequence,
        p_payment_intent_id="pi_early",
        p_status="succeeded",
        p_amount=500,
        p_amount_received=500,
        p_currency="usd",
    )


@refused_with("not_found")
def an_event_that_is_not_stored(market: Marketplace) -> Callable[[], object]:
    return lambda: market.worker("ignore_stripe_event", p_event_id="evt_unknown")


@refused_with("payouts_disabled")
def payouts_switched_off(market: Marketplace) -> Callable[[], object]:
    reader = with_earnings(market)
    return lambda: switched_off(market, "switch.payouts", lambda: request_payout(market, reader))


@refused_with("payout_account_not_ready")
def no_payout_account(market: Marketplace) -> Callable[[], object]:
    reader = market.reader()
    return lambda: request_payout(market, reader)


@refused_with("nothing_payable")
def nothing_cleared_yet(market: Marketplace) -> Callable[[], object]:
    reader = with_earnings(market, cleared=False)
    return lambda: request_payout(market, reader)


@refused_with("payout_below_minimum")
def less_than_the_floor(market: Marketplace) -> Callable[[], object]:
    reader = with_earnings(market)
    return lambda: request_payout(market, reader, 999)


@refused_with("payout_exceeds_payable")
def one_unit_too_much(market: Marketplace) -> Callable[[], object]:
    reader = with_earnings(market)
    return lambda: request_payout(market, reader, 2101)


@refused_with("amount_out_of_range")
def a_negative_payout(market: Marketplace) -> Callable[[], object]:
    reader = with_earnings(market)
    return lambda: request_payout(market, reader, -1000)


@refused_with("setting_unknown")
def an_unknown_setting(market: Marketplace) -> Callable[[], object]:
    return lambda: market.set("session.colour", "red")


@refused_with("setting_invalid")
def a_setting_out_of_range(market: Marketplace) -> Callable[[], object]:
    return lambda: market.set("session.increment_seconds", 0)


@refused_with("setting_invalid")
def a_setting_of_another_type(market: Marketplace) -> Callable[[], object]:
    return lambda: market.set("switch.charges", "perhaps")


@refused_with("setting_invalid")
def another_currency_after_money_moved(market: Marketplace) -> Callable[[], object]:
    market.client(funds=500)
    return lambda: market.set("platform.currency", "EUR")


# Administration and community ------------------------------------------------------------


@refused_with("second_factor_required")
def permissions_without_a_second_factor(market: Marketplace) -> Callable[[], object]:
    person = market.sign_up()
    return lambda: market.call(market.admin, "admin_set_permissions", p_user_id=person.id, p_permissions=[])


@refused_with("last_admin")
def the_last_administrator_suspends_themselves(market: Marketplace) -> Callable[[], object]:
    market.database.execute("update public.admins set permissions = '{}' where user_id <> %s", [market.admin.id])
    return lambda: market.call(
        market.admin, "admin_set_user_status", p_user_id=market.admin.id, p_status="SUSPENDED", p_reason="x"
    )


@refused_with("money_remains")
def erased_with_money(market: Marketplace) -> Callable[[], object]:
    client = market.client(funds=500)
    return lambda: market.call(client, "erase_account")


@refused_with("recording_not_agreed")
def a_recording_nobody_agreed_to(market: Marketplace) -> Callable[[], object]:
    session = market.started(market.client(funds=1000), market.reader())
    path = f"{session.id}/voices.webm"
    return lambda: market.call(session.client, "attach_recording", p_session_id=session.id, p_path=path)


@refused_with("not_billed")
def reviewing_what_cost_nothing(market: Marketplace) -> Callable[[], object]:
    session = market.request(market.client(funds=1000), market.reader())
    session.by(session.reader, "decline")
    return lambda: market.call(session.client, "review_session", p_session_id=session.id, p_rating=5)


@refused_with("already_reviewed")
def reviewing_twice(market: Marketplace) -> Callable[[], object]:
    session = market.started(market.client(funds=1000), market.reader())
    session.talk(30)
    session.by(session.client, "end")
    market.call(session.client, "review_session", p_session_id=session.id, p_rating=5)
    return lambda: market.call(session.client, "review_session", p_session_id=session.id, p_rating=4)


@refused_with("post_locked")
def replying_to_a_locked_post(market: Marketplace) -> Callable[[], object]:
    author = market.sign_up()
    post = market.value(
        "with shelf as (insert into public.forum_categories (name) values (%s) returning id) "
        "insert into public.forum_posts (author_id, category_id, title, content, is_locked) "
        "select %s, shelf.id, 't', 'c', true from shelf returning id::text",
        author.id,
        author.id,
    )
    reply = {"author_id": author.id, "post_id": post, "content": "c"}

    def send() -> None:
        answer = market.http.post("/forum_replies", json=reply, headers={"Authorization": f"Bearer {author.token}"})
        raise RefusedError(answer)

    return send


# What the scenarios share ------------------------------------------------------------


def begin_topup(
    market: Marketplace, person: Person, *, amount: int = 500, currency: str = "USD", key: str = "k"
) -> object:
    return market.worker(
        "begin_topup", p_user_id=person.id, p_amount=amount, p_currency=currency, p_idempotency_key=key
    )


def request_payout(market: Marketplace, reader: Person, amount: int | None = None) -> object:
    return market.call(reader, "request_payout", p_idempotency_key="k", p_amount=amount)


def with_earnings(market: Marketplace, *, cleared: bool = True) -> Person:
    """Give a reader with 2100 earned and an open payout account."""
    session = market.started(market.client(funds=3000), market.reader(rate=3000))
    session.by(session.client, "heartbeat")
    market.clock.advance(30)
    session.by(session.client, "end")
    if cleared:
        market.clock.advance(604_800)
        market.worker("run_upkeep")
    market.open_payout_account(session.reader)
    return session.reader


def switched_off(market: Marketplace, key: str, call: Callable[[], object]) -> None:
    with market.setting(key, value=False):
        call()


def limited(market: Marketplace, key: str, call: Callable[[], object]) -> None:
    with market.setting(key, 1):
        call()
