"""Disputes: the wallet freezes, the disputed top-up pays first, then who was paid with it; money back goes back."""

from functools import partial
from itertools import permutations

import pytest

from tests.sql.cards import Card, given_back, postings, some, taken
from tests.sql.marketplace import Marketplace, Person, RefusedError

RULE = "dispute.recover_from_readers_bps"


@pytest.fixture
def reader(market: Marketplace) -> Person:
    """Give somebody to pay."""
    return market.reader()


@pytest.fixture
def card(market: Marketplace) -> Card:
    """Give a card that paid 1000."""
    return Card(market)


def losses(market: Marketplace) -> int:
    """Return what disputes have cost the house so far."""
    return -market.house("dispute_losses")


# Freezing ------------------------------------------------------------


def test_a_dispute_freezes_the_wallet_and_a_won_one_thaws_it(market: Marketplace, card: Card, reader: Person) -> None:
    dispute = some("dp")
    card.dispute(dispute, "needs_response", taken(1000))
    assert card.is_frozen()
    assert market.wallet(card.person)["available"] == 0
    with market.refuses("wallet_frozen"):
        market.request(card.person, reader)
    card.dispute(dispute, "won")
    assert not card.is_frozen()


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_under_review"])
def test_an_inquiry_freezes_and_moves_no_money(market: Marketplace, card: Card, status: str) -> None:
    dispute = some("dp")
    card.dispute(dispute, status)
    assert (card.is_frozen(), card.balance(), postings(market, card.person)) == (True, 1000, [])
    card.dispute(dispute, "warning_closed")
    assert not card.is_frozen()


def test_a_lost_dispute_stays_frozen(card: Card) -> None:
    card.dispute(some("dp"), "lost", taken(1000))
    assert card.is_frozen()


def test_the_wallet_thaws_with_its_last_cause(card: Card) -> None:
    first, second = some("dp"), some("dp")
    card.dispute(first, "needs_response")
    card.dispute(second, "needs_response")
    card.dispute(first, "won")
    assert card.is_frozen()
    card.dispute(second, "won")
    assert not card.is_frozen()


def test_a_freeze_of_the_administrators_outlives_a_won_dispute(market: Marketplace, card: Card) -> None:
    market.freeze(card.person)
    dispute = some("dp")
    card.dispute(dispute, "needs_response")
    card.dispute(dispute, "won")
    assert card.is_frozen()


def test_an_administrators_thaw_holds_against_a_repeated_cause(market: Marketplace, card: Card) -> None:
    dispute = some("dp")
    card.dispute(dispute, "lost", taken(1000))
    market.database.execute("update ledger.accounts set frozen_at = null where user_id = %s", [card.person.id])
    card.dispute(dispute, "lost")
    assert not card.is_frozen()


def test_a_fraud_warning_freezes_while_it_can_be_acted_on(card: Card) -> None:
    warning = some("issfr")
    card.warning(warning, actionable=True)
    assert card.is_frozen()
    # No longer actionable because a dispute came: the freeze stays until that is won.
    card.warning(warning, actionable=False)
    assert card.is_frozen()
    dispute = some("dp")
    card.dispute(dispute, "needs_response")
    card.dispute(dispute, "won")
    assert not card.is_frozen()


def test_a_fraud_warning_ends_with_the_refund_of_its_charge(card: Card) -> None:
    warning = some("issfr")
    card.warning(warning, actionable=True)
    card.refund(some("re"), 1000)
    card.warning(warning, actionable=False, refunded=True)
    assert not card.is_frozen()


def test_a_fraud_warning_that_comes_after_its_dispute_was_won_does_not_freeze_for_ever(card: Card) -> None:
    warning, dispute = some("issfr"), some("dp")
    card.dispute(dispute, "needs_response")
    card.dispute(dispute, "won")
    # Fetched before the dispute was opened, applied now; then what Stripe says of it since.
    card.warning(warning, actionable=True)
    card.warning(warning, actionable=False)
    assert not card.is_frozen()


def test_a_request_is_cancelled_and_a_session_ends_when_the_wallet_freezes(market: Marketplace) -> None:
    waiting, running = Card(market), Card(market)
    asked = market.request(waiting.person, market.reader(rate=300))
    session = market.started(running.person, market.reader(rate=300))
    for card in (waiting, running):
        card.dispute(some("dp"), "needs_response", taken(1000))
    assert (asked.row()["status"], asked.row()["end_reason"]) == ("CANCELLED", "account_suspended")
    session.talk(60)
    assert (session.row()["status"], session.row()["end_reason"]) == ("COMPLETED", "account_suspended")
    assert (waiting.balance(), running.balance()) == (0, 0)
    assert market.problems() == []


# Who bears it ------------------------------------------------------------


def test_what_is_unspent_pays_first_and_the_readers_their_part(market: Marketplace, card: Card, reader: Person) -> None:
    before = losses(market)
    card.spend(reader, 600)
    card.dispute(some("dp"), "needs_response", taken(1000, fee=1500))
    assert (card.balance(), card.owed(), market.earned(reader)) == (0, 0, 0)
    # The house bears its own commission of 180, and the fee.
    assert losses(market) - before == 180 + 1500
    (row,) = card.rows("DISPUTE")
    assert (row["amount"], row["status"]) == (1000, "COMPLETED")
    assert market.problems() == []


@pytest.mark.parametrize(("bps", "kept"), [(0, 420), (5000, 210), (10_000, 0)])
def test_the_rule_says_how_much_the_readers_bear(
    market: Marketplace, card: Card, reader: Person, bps: int, kept: int
) -> None:
    before = losses(market)
    card.spend(reader, 600)
    with market.setting(RULE, bps):
        card.dispute(some("dp"), "needs_response", taken(1000, fee=0))
    assert market.earned(reader) == kept
    assert losses(market) - before == 180 + kept


def test_a_reader_who_was_paid_out_owes_and_is_paid_nothing_until_it_is_earned_again(
    market: Marketplace, card: Card, reader: Person
) -> None:
    market.open_payout_account(reader)
    with market.setting("payout.clearing_seconds", 0), market.setting("payout.minimum", 1):
        card.spend(reader, 1000)
        payout = market.call(reader, "request_payout", p_idempotency_key="k")
        job = market.value("select id::text from private.outbox where payload ->> 'payout_id' = %s", payout["id"])
        attempt = market.worker("start_payout_attempt", p_outbox_id=job)["attempt_id"]
        market.worker("record_transfer", p_attempt_id=attempt, p_transfer_id=some("tr"))
        card.dispute(some("dp"), "needs_response", taken(1000))
        assert market.earned(reader) == -700
        Card(market, 500).spend(reader, 500)
        with market.refuses("nothing_payable"):
            market.call(reader, "request_payout", p_idempotency_key="again")


def test_another_top_ups_money_and_another_top_ups_reader_are_left_alone(
    market: Marketplace, card: Card, reader: Person
) -> None:
    card.spend(reader, 1000)
    other, innocent = Card(market, 500, card.person), market.reader()
    other.spend(innocent, 200)
    card.dispute(some("dp"), "needs_response", taken(1000))
    assert (market.earned(reader), market.earned(innocent)) == (0, 140)
    assert (card.balance(), other.unspent()) == (300, 300)


def test_a_dispute_of_part_takes_from_those_paid_first(market: Marketplace, card: Card, reader: Person) -> None:
    card.spend(reader, 600)
    second = market.reader()
    card.spend(second, 400)
    card.dispute(some("dp"), "needs_response", taken(600), amount=600)
    assert (market.earned(reader), market.earned(second)) == (0, 280)
    card.dispute(some("dp"), "needs_response", taken(400), amount=400)
    assert market.earned(second) == 0
    assert market.problems() == []


def test_a_reversed_charge_is_recovered_from_the_wallet_not_the_reader(market: Marketplace) -> None:
    card = Card(market, 900)
    session = market.started(card.person, market.reader(rate=300))
    market.clock.advance(2)
    session.by(session.reader, "end")
    assert card.balance() == 900
    card.dispute(some("dp"), "needs_response", taken(900))
    assert (card.balance(), market.earned(session.reader)) == (0, 0)
    assert market.problems() == []


def test_what_had_paid_a_debt_is_owed_again(market: Marketplace, card: Card, reader: Person) -> None:
    card.spend(reader, 1000)
    card.refund(some("re"), 400)
    second = Card(market, 1000, card.person)
    assert (card.owed(), card.balance()) == (0, 600)
    second.dispute(some("dp"), "needs_response", taken(1000))
    assert (card.owed(), card.balance(), market.earned(reader)) == (400, 0, 700)
    assert market.problems() == []


def test_money_promised_to_the_card_is_not_taken_twice(market: Marketplace, card: Card) -> None:
    refund = {"p_topup_transaction_id": card.topup, "p_amount": 400, "p_idempotency_key": "k"}
    market.call(card.person, "request_card_refund", **refund)
    card.dispute(some("dp"), "needs_response", taken(1000))
    # Both together return 1400 of 1000.
    assert (market.wallet(card.person)["balance"], card.owed()) == (400, 400)
    job = market.value(
        "select id::text from private.outbox where topic = 'refund.execute' and (payload ->> 'refund_id')::uuid in "
        "(select id from private.card_refunds where topup_id = %s)",
        card.topup,
    )
    attempt = market.worker("start_refund_attempt", p_outbox_id=job)["attempt_id"]
    market.worker(
        "record_refund_failure",
        p_outbox_id=job,
        p_attempt_id=attempt,
        p_outcome="refused",
        p_code="charge_disputed",
        p_message="why",
    )
    # The refund was not made after all, so that the dispute takes what it would have taken without it.
    assert (card.balance(), card.unspent(), card.owed()) == (0, 0, 0)
    assert market.problems() == []


# Back again ------------------------------------------------------------


def test_reinstated_money_goes_back_the_way_it_came(market: Marketplace, card: Card, reader: Person) -> None:
    before = losses(market)
    card.spend(reader, 600)
    dispute, gone = some("dp"), taken(1000, fee=1500)
    card.dispute(dispute, "needs_response", gone)
    card.dispute(dispute, "won", gone, given_back(1000))
    assert (card.balance(), card.unspent(), market.earned(reader)) == (400, 400, 420)
    assert (card.is_frozen(), losses(market) - before) == (False, 1500)
    (row,) = card.rows("DISPUTE")
    assert (row["amount"], row["status"]) == (1000, "CANCELLED")
    assert market.problems() == []


def test_a_fee_that_comes_back_is_the_houses(market: Marketplace, card: Card) -> None:
    before = losses(market)
    dispute, gone = some("dp"), taken(1000, fee=1500)
    card.dispute(dispute, "won", gone, given_back(1000, fee=1500))
    assert (losses(market) - before, card.balance()) == (0, 1000)


def test_a_fee_of_its_own_is_the_houses(market: Marketplace, card: Card) -> None:
    """Countering a dispute costs a fee that comes without an amount, and may come back."""
    before = losses(market)
    dispute, gone = some("dp"), taken(1000, fee=1500)
    counter, returned = taken(0, fee=1500, number=2), given_back(0, fee=1500, number=3)
    card.dispute(dispute, "under_review", gone, counter)
    assert losses(market) - before == 3000
    card.dispute(dispute, "won", gone, counter, returned, given_back(1000, number=4))
    assert (losses(market) - before, card.balance()) == (1500, 1000)


def test_part_of_it_reinstated_goes_to_the_readers_first(market: Marketplace, card: Card, reader: Person) -> None:
    card.spend(reader, 600)
    dispute, gone = some("dp"), taken(1000)
    card.dispute(dispute, "lost", gone, given_back(500))
    assert (market.earned(reader), card.balance()) == (420, 80)
    assert [(row["amount"], row["status"]) for row in card.rows("DISPUTE")] == [(500, "COMPLETED")]
    assert market.problems() == []


def test_a_debt_paid_meanwhile_comes_back_to_the_wallet(market: Marketplace, card: Card, reader: Person) -> None:
    card.spend(reader, 1000)
    card.refund(some("re"), 400)
    second = Card(market, 1000, card.person)
    dispute, gone = some("dp"), taken(1000)
    second.dispute(dispute, "needs_response", gone)
    market.database.execute("update ledger.accounts set frozen_at = null where user_id = %s", [card.person.id])
    market.top_up(card.person, 300)
    assert (card.owed(), card.balance()) == (100, 0)
    second.dispute(dispute, "won", gone, given_back(1000))
    assert (card.owed(), card.balance(), second.unspent()) == (0, 900, 900)
    assert market.problems() == []


# Order and repetition ------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_a_disputes_events_leaves_the_same_ledger(
    market: Marketplace, card: Card, reader: Person, order: tuple[int, ...]
) -> None:
    card.spend(reader, 600)
    dispute, gone, back = some("dp"), taken(1000), given_back(1000)
    told = [("needs_response", []), ("under_review", [gone]), ("won", [gone, back])]
    fetched = [card.sequence(dispute) for _ in told]
    for place in order:
        status, moves = told[place]
        event = market.store_event("charge.dispute.updated", dispute)
        for _ in range(2):
            card.dispute(dispute, status, *moves, p_event_id=event, p_sequence=fetched[place])
    assert [(p["code"], p["debit"], p["credit"], p["amount"]) for p in postings(market, card.person)] == [
        ("dispute", "client_wallet", "stripe_clearing", 400),
        ("dispute", "dispute_losses", "stripe_clearing", 180),
        ("dispute", "reader_earnings", "stripe_clearing", 420),
        ("dispute_fee", "dispute_losses", "stripe_clearing", 1500),
        ("dispute_reversal", "stripe_clearing", "client_wallet", 400),
        ("dispute_reversal", "stripe_clearing", "dispute_losses", 180),
        ("dispute_reversal", "stripe_clearing", "reader_earnings", 420),
    ]
    assert (card.balance(), card.is_frozen(), market.earned(reader)) == (400, False, 420)


def test_one_withdrawal_told_by_many_at_once_is_posted_once(market: Marketplace, card: Card) -> None:
    dispute, gone = some("dp"), taken(1000)
    answers = market.at_once([partial(card.dispute, dispute, "needs_response", gone)] * 5)
    assert not [a for a in answers if isinstance(a, RefusedError)]
    assert sum(row["code"] == "dispute" for row in postings(market, card.person)) == 1


def test_disputes_and_charges_at_once_keep_the_books(market: Marketplace) -> None:
    cards = [Card(market) for _ in range(4)]
    jobs = [partial(card.dispute, some("dp"), "needs_response", taken(1000)) for card in cards]
    sessions = [market.request(card.person, market.reader(rate=300)) for card in cards[:2]]
    market.at_once([*jobs, *(partial(session.by, session.reader, "accept") for session in sessions)])
    assert [card.balance() for card in cards] == [0] * 4
    assert market.problems() == []


def test_asking_for_refunds_being_told_of_some_and_disputed_at_once_never_stalls(market: Marketplace) -> None:
    card = Card(market)
    asks = [
        partial(
            market.call,
            card.person,
            "request_card_refund",
            p_topup_transaction_id=card.topup,
            p_amount=100,
            p_idempotency_key=f"k{number}",
        )
        for number in range(4)
    ]
    told = [partial(card.refund, some("re"), 100) for _ in range(4)]
    disputes = [partial(card.dispute, some("dp"), "needs_response", taken(200), amount=200) for _ in range(2)]
    # Those that Stripe tells of count among the refunds of a day.
    with market.setting("refund.per_day", 100):
        answers = market.at_once([job for jobs in zip(asks, told, strict=True) for job in jobs] + disputes)
    refused = {answer.code for answer in answers if isinstance(answer, RefusedError)}
    assert refused <= {"wallet_frozen", "refund_exceeds_unspent", "insufficient_funds"}
    assert market.problems() == []


def test_the_same_movement_with_another_amount_is_refused(market: Marketplace, card: Card) -> None:
    dispute, gone = some("dp"), taken(1000)
    card.dispute(dispute, "needs_response", gone)
    event, sequence = market.store_event("charge.dispute.updated", dispute), card.sequence(dispute)
    with market.refuses("idempotency_key_reused"):
        card.dispute(dispute, "needs_response", gone | {"amount": -1}, p_event_id=event, p_sequence=sequence)


def test_another_currency_is_refused(market: Marketplace, card: Card) -> None:
    dispute = some("dp")
    event, sequence = market.store_event("charge.dispute.updated", dispute), card.sequence(dispute)
    with market.refuses("currency_mismatch"):
        card.dispute(dispute, "lost", taken(1) | {"currency": "eur"}, p_event_id=event, p_sequence=sequence)


def test_a_dispute_or_warning_before_its_top_up_is_credited_waits(market: Marketplace, card: Card) -> None:
    name = some("dp")
    event, sequence = market.store_event("charge.dispute.created", name), card.sequence(name)
    card.intent = "pi_unknown"
    with market.refuses("transaction_not_found"):
        card.dispute(name, "needs_response", p_event_id=event, p_sequence=sequence)
    with market.refuses("transaction_not_found"):
        market.worker(
            "apply_fraud_warning",
            p_event_id=event,
            p_sequence=sequence,
            p_warning_id=name,
            p_charge_id=card.charge,
            p_payment_intent_id=card.intent,
            p_currency="usd",
            p_is_actionable=True,
            p_is_refunded=False,
        )


_DAMAGES = {
    "refund or dispute differs from its postings": "update public.transactions set amount = amount + 1 "
    "where user_id = %(user)s and type = 'DISPUTE'",
    "refund or dispute takes other than its claims": "update ledger.lot_claims set amount = amount + 1 "
    "where transaction_id in (select id from public.transactions where user_id = %(user)s and type = 'DISPUTE')",
    "lots differ from the wallet": "update ledger.accounts set credits = credits + 1 "
    "where user_id = %(user)s and kind = 'client_wallet'",
    "lot below nothing": "update ledger.lot_claims set amount = amount + 5000 "
    "where transaction_id in (select id from public.transactions where user_id = %(user)s and type = 'DISPUTE')",
    "client is owed by their debt": "update ledger.accounts set credits = debits + 1 "
    "where user_id = %(user)s and kind = 'client_debt'",
    "refund differs from its transaction": "update private.card_refunds set status = 'FAILED' "
    "where topup_id in (select id from public.transactions where user_id = %(user)s)",
    "refund without its hold": "update ledger.holds set amount = amount + 1 where status = 'PENDING' "
    "and account_id = ledger.account_of(%(user)s, 'client_wallet')",
    "dispute differs from its transaction": "update private.disputes set withdrawn = withdrawn + 1 "
    "where topup_id in (select id from public.transactions where user_id = %(user)s)",
}


@pytest.mark.parametrize("problem", _DAMAGES)
def test_the_proof_finds_what_is_broken(market: Marketplace, card: Card, reader: Person, problem: str) -> None:
    card.spend(reader, 600)
    refund = {"p_topup_transaction_id": card.topup, "p_amount": 100, "p_idempotency_key": "k"}
    market.call(card.person, "request_card_refund", **refund)
    card.dispute(some("dp"), "needs_response", taken(500), amount=500)
    with market.database.transaction(force_rollback=True):
        market.database.execute(_DAMAGES[problem].encode(), {"user": card.person.id})
        found = {row["problem"] for row in market.problems()}
    assert problem in found
    assert market.problems() == []


# Who sees it ------------------------------------------------------------


def test_administrators_of_money_read_disputes_and_the_look_is_recorded(market: Marketplace, card: Card) -> None:
    dispute = some("dp")
    card.dispute(dispute, "needs_response", taken(1000))
    admin = market.make_admin("manage_finances")
    (row,) = market.call(admin, "admin_read_disputes", p_user_id=card.person.id)
    assert (row["dispute_id"], row["amount"], row["withdrawn"], row["fee"]) == (dispute, 1000, 1000, 1500)
    assert (row["status"], row["due_at"][:10]) == ("needs_response", "2027-01-01")
    looked = market.row("select * from audit_logs where action = 'dispute.read' and user_id = %s", admin.id)
    assert looked["entity_id"] == card.person.id


def test_nobody_else_reads_disputes(market: Marketplace, card: Card) -> None:
    other = market.make_admin("manage_users")
    for person in (card.person, other):
        with market.refuses("permission_denied"):
            market.call(person, "admin_read_disputes", p_user_id=card.person.id)
    with market.refuses("not_found"):
        market.call(market.admin, "admin_read_disputes", p_user_id="00000000-0000-0000-0000-000000000000")
