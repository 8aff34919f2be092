"""Promotions: credit and free minutes, once a person and a card, paid for by the house to the minor unit."""

from functools import partial
from itertools import count
from typing import Any

import pytest

from tests.sql.marketplace import LiveSession, Marketplace, Person, RefusedError, Row

_numbers = count(1)
CLEARING, PROMO_CLEARING = 604_800, 2_592_000


@pytest.fixture(scope="module")
def treasurer(market: Marketplace) -> Person:
    """An administrator with a second factor."""
    admin = market.make_admin("manage_finances")
    return Person(admin.id, market.world.token(admin.id, aal="aal2"))


def make(market: Marketplace, treasurer: Person, **more: Any) -> Row:
    number = next(_numbers)
    kind = {"p_kind": "FREE_MINUTES", "p_minutes": 3} if "p_minutes" in more else {"p_kind": "CREDIT", "p_amount": 700}
    arguments = {"p_code": f"HELLO{number}", "p_idempotency_key": f"promo-{number}", **kind, **more}
    made: Row = market.call(treasurer, "admin_create_promo", **arguments)
    return made


def redeem(market: Marketplace, person: Person, code: str, key: str = "") -> Row:
    answer: Row = market.call(person, "redeem_promo", p_code=code, p_idempotency_key=key or f"redeem-{next(_numbers)}")
    return answer


def refused(market: Marketplace, code: str, person: Person, promo: str, key: str = "") -> None:
    """Expect a refusal as every other, which changes nothing but the count of refusals."""
    before = {t: h for t, h in market.fingerprint().items() if t != "private.promo_attempts"}
    listed = market.row("select status, sentence, hint from private.error_codes where code = %s", code)
    with pytest.raises(RefusedError) as caught:
        redeem(market, person, promo, key)
    refusal = caught.value
    assert (refusal.code, refusal.status, refusal.sqlstate) == (code, listed["status"], f"PT{listed['status']}")
    assert (refusal.details, refusal.hint) == (listed["sentence"], listed["hint"])
    assert {t: h for t, h in market.fingerprint().items() if t != "private.promo_attempts"} == before
    assert market.problems() == []


def cardholder(market: Marketplace, fingerprint: str = "", **money: int) -> Person:
    person = market.client(**money)
    market.save_card(person, fingerprint)
    return person


def with_free_minutes(market: Marketplace, treasurer: Person, minutes: int = 3, **money: int) -> Person:
    person = cardholder(market, **money)
    redeem(market, person, make(market, treasurer, p_minutes=minutes)["code"])
    return person


def free_of(session: LiveSession) -> list[int]:
    return [leg["amount"] for leg in session.legs("free_increment")]


def clearings(market: Marketplace, reader: Person) -> list[tuple[int, float]]:
    """What the reader earned, and in how many seconds from now each part clears."""
    rows = market.rows(
        "select e.amount, extract(epoch from e.clears_at - private.now())::float as wait from ledger.earnings e "
        "join ledger.accounts a on a.id = e.account_id where a.user_id = %s order by wait",
        reader.id,
    )
    return [(row["amount"], row["wait"]) for row in rows]


# Codes ----------------------------------------------------------------------------------------------------------------


def test_a_code_is_made_once_whatever_is_repeated(market: Marketplace, treasurer: Person) -> None:
    first = make(market, treasurer, p_code="spring", p_idempotency_key="spring")
    assert make(market, treasurer, p_code="spring", p_idempotency_key="spring")["id"] == first["id"]
    assert (first["code"], first["amount"], first["created_by"]) == ("SPRING", 700, treasurer.id)
    with market.refuses("idempotency_key_reused"):
        make(market, treasurer, p_code="spring", p_idempotency_key="spring", p_amount=600)
    with market.refuses("already_exists"):
        make(market, treasurer, p_code="Spring")
    assert (
        market.value(
            "select count(*) from public.audit_logs "
            "where entity_type = 'promo_codes' and entity_id = %s and user_id = %s",
            first["id"],
            treasurer.id,
        )
        == 1
    )


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("invalid_argument", {"p_code": "abc"}),
        ("invalid_argument", {"p_code": "with space"}),
        ("invalid_argument", {"p_amount": 0}),
        ("invalid_argument", {"p_minutes": 61}),
        ("invalid_argument", {"p_minutes": 3, "p_amount": 100}),
        ("invalid_argument", {"p_max_redemptions": 0}),
        ("invalid_argument", {"p_valid_to": "2020-01-01T00:00:00Z"}),
        ("invalid_argument", {"p_idempotency_key": ""}),
        ("amount_out_of_range", {"p_amount": 5001}),
    ],
    ids=str,
)
def test_a_code_that_cannot_be_is_refused(market: Marketplace, treasurer: Person, code: str, wrong: Row) -> None:
    with market.refuses(code):
        make(market, treasurer, **wrong)


def test_only_finance_with_a_second_factor_makes_and_ends_codes(market: Marketplace, treasurer: Person) -> None:
    promo = make(market, treasurer)
    weak = Person(treasurer.id, market.world.token(treasurer.id))
    with market.refuses("second_factor_required"):
        make(market, weak)
    with market.refuses("second_factor_required"):
        market.call(weak, "admin_end_promo", p_promo_code_id=promo["id"])
    other = market.make_admin("manage_users")
    other = Person(other.id, market.world.token(other.id, aal="aal2"))
    with market.refuses("permission_denied"):
        make(market, other)
    with market.refuses("permission_denied"):
        market.call(other, "admin_end_promo", p_promo_code_id=promo["id"])
    with market.refuses("not_found"):
        market.call(treasurer, "admin_end_promo", p_promo_code_id=other.id)


def test_an_ended_code_is_redeemed_no_more_and_stays_ended(market: Marketplace, treasurer: Person) -> None:
    promo = make(market, treasurer)
    ended = market.call(treasurer, "admin_end_promo", p_promo_code_id=promo["id"])
    market.clock.advance(5)
    assert market.call(treasurer, "admin_end_promo", p_promo_code_id=promo["id"])["ended_at"] == ended["ended_at"]
    refused(market, "promo_expired", cardholder(market), promo["code"])


# Redemption -----------------------------------------------------------------------------------------------------------


def test_credit_is_paid_by_the_house_once(market: Marketplace, treasurer: Person) -> None:
    person, promo, spent = cardholder(market), make(market, treasurer), market.house("promo_expense")
    first = redeem(market, person, promo["code"].lower(), "once")
    assert redeem(market, person, promo["code"], "once") == first
    assert market.wallet(person) == {"balance": 0, "held": 0, "available": 700, "promo": 700}
    assert market.house("promo_expense") == spent - 700
    (told,) = market.read(person, "transactions?select=id,type,amount,status")
    assert told == {"id": first["transaction_id"], "type": "PROMO", "amount": 700, "status": "COMPLETED"}
    refused(market, "promo_already_redeemed", person, promo["code"])
    refused(market, "idempotency_key_reused", person, make(market, treasurer)["code"], "once")


def test_who_has_no_card_learns_of_no_code(market: Marketplace, treasurer: Person) -> None:
    person = market.client(funds=1000)
    refused(market, "card_required", person, make(market, treasurer)["code"])
    refused(market, "card_required", person, "NOSUCHCODE")


def test_a_code_that_is_over_says_so_and_one_to_come_does_not(market: Marketplace, treasurer: Person) -> None:
    person = cardholder(market)
    soon = make(market, treasurer, p_valid_to=(market.value("select private.now() + interval '1 minute'")).isoformat())
    coming = make(market, treasurer, p_valid_from=market.value("select private.now() + interval '1 day'").isoformat())
    refused(market, "promo_unknown", person, coming["code"])
    refused(market, "promo_unknown", person, "NOSUCHCODE")
    market.clock.advance(61)
    refused(market, "promo_expired", person, soon["code"])


def test_one_card_redeems_a_code_once_whoever_holds_it(market: Marketplace, treasurer: Person) -> None:
    promo = make(market, treasurer)
    redeem(market, cardholder(market, "shared"), promo["code"])
    second = cardholder(market)
    market.save_card(second, "shared")
    refused(market, "promo_card_used", second, promo["code"])
    assert redeem(market, second, make(market, treasurer)["code"])["user_id"] == second.id


def test_who_may_not_spend_may_not_redeem(market: Marketplace, treasurer: Person) -> None:
    promo, frozen, suspended = make(market, treasurer), cardholder(market), cardholder(market)
    anonymous = market.client(is_anonymous=True)
    market.freeze(frozen)
    refused(market, "wallet_frozen", frozen, promo["code"])
    market.suspend(suspended)
    with market.refuses("account_suspended"):
        redeem(market, suspended, promo["code"])
    with market.refuses("account_required"):
        redeem(market, anonymous, promo["code"])


def test_the_last_redemption_goes_to_one_of_two(market: Marketplace, treasurer: Person) -> None:
    promo = make(market, treasurer, p_max_redemptions=1)
    people = [cardholder(market) for _ in range(4)]
    answers = market.at_once([partial(redeem, market, person, promo["code"]) for person in people])
    assert sorted(str(getattr(answer, "code", "redeemed")) for answer in answers) == [
        "promo_exhausted", "promo_exhausted", "promo_exhausted", "redeemed",
    ]  # fmt: skip
    assert sum(market.wallet(person)["promo"] for person in people) == 700
    assert market.problems() == []


def test_two_accounts_with_one_card_at_once_redeem_once(market: Marketplace, treasurer: Person) -> None:
    promo = make(market, treasurer)
    people = [cardholder(market, "twins") for _ in range(3)]
    answers = market.at_once([partial(redeem, market, person, promo["code"]) for person in people])
    assert sorted(str(getattr(answer, "code", "redeemed")) for answer in answers) == [
        "promo_card_used", "promo_card_used", "redeemed",
    ]  # fmt: skip
    assert market.problems() == []


def test_guesses_are_counted_though_they_are_refused(market: Marketplace, treasurer: Person) -> None:
    person, promo = cardholder(market), make(market, treasurer)
    with market.setting("promo.attempts_per_hour", 3):
        answers = market.at_once([partial(redeem, market, person, f"GUESS{n}") for n in range(5)])
        assert sorted(answer.code for answer in answers) == ["promo_unknown"] * 3 + ["rate_limited"] * 2
        with pytest.raises(RefusedError) as caught:
            redeem(market, person, promo["code"])
        assert (caught.value.code, caught.value.retry_after) == ("rate_limited", "3600")
        market.clock.advance(3600)
        assert redeem(market, person, promo["code"])["user_id"] == person.id
        for n in range(3):
            redeem(market, person, make(market, treasurer)["code"], f"fine-{n}")


# Free minutes ---------------------------------------------------------------------------------------------------------


def test_free_minutes_let_somebody_without_money_talk(market: Marketplace, treasurer: Person) -> None:
    client, reader = with_free_minutes(market, treasurer), market.reader(rate=300)
    spent = market.house("promo_expense")
    session = market.started(client, reader)
    assert free_of(session) == [210, 210, 210]
    session.talk(150)
    state = session.by(client, "heartbeat")
    assert (state["cost"], state["billed_seconds"], state["minutes_left"]) == (0, 180, 0)
    assert session.by(reader, "heartbeat")["earned"] == 630
    session.by(client, "end")
    row = session.row()
    assert (row["status"], row["total_cost"], row["billed_minutes"]) == ("COMPLETED", 0, 3)
    assert market.house("promo_expense") == spent - 630
    assert market.earned(reader) == 630
    (charge,) = market.read(client, "transactions?type=eq.SESSION_CHARGE&select=status,amount")
    assert charge == {"status": "COMPLETED", "amount": 0}
    assert clearings(market, reader) == [(630, PROMO_CLEARING)]
    assert market.problems() == []


def test_only_what_was_begun_of_them_is_paid(market: Marketplace, treasurer: Person) -> None:
    client, reader = with_free_minutes(market, treasurer, funds=1000), market.reader(rate=300)
    spent = market.house("promo_expense")
    session = market.started(client, reader)
    assert session.by(reader, "heartbeat")["earned"] == 210
    assert session.by(client, "heartbeat")["minutes_left"] == 3 + 2
    session.talk(70)
    session.by(client, "end")
    assert (market.earned(reader), market.house("promo_expense")) == (420, spent - 420)
    assert market.wallet(client) == {"balance": 1000, "held": 0, "available": 1000, "promo": 0}
    assert market.problems() == []


def test_after_them_the_wallet_pays_and_the_two_clear_apart(market: Marketplace, treasurer: Person) -> None:
    client, reader = with_free_minutes(market, treasurer, 2, funds=1000), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(170)
    session.by(client, "end")
    assert (session.row()["total_cost"], market.wallet(client)["balance"]) == (300, 700)
    assert clearings(market, reader) == [(210, CLEARING), (420, PROMO_CLEARING)]
    assert market.problems() == []


def test_a_pause_keeps_them_and_the_return_uses_them(market: Marketplace, treasurer: Person) -> None:
    client, reader = with_free_minutes(market, treasurer, funds=1000), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(30)
    session.talk(100, [reader])
    assert session.row()["pause_reason"] == "client_absent"
    assert len(free_of(session)) == 3
    session.talk(180)
    session.by(client, "end")
    assert (session.row()["total_cost"], session.row()["billed_minutes"]) == (300, 4)
    assert market.earned(reader) == 840
    assert market.problems() == []


def test_a_lost_line_gives_the_rest_back_to_the_house(market: Marketplace, treasurer: Person) -> None:
    client, reader = with_free_minutes(market, treasurer, funds=1000), market.reader(rate=300)
    spent = market.house("promo_expense")
    session = market.started(client, reader)
    session.talk(90)
    session.talk(720, [reader])
    row = session.row()
    assert (row["status"], row["billed_seconds"], row["total_cost"]) == ("DISCONNECTED", 90, 0)
    assert market.earned(reader) == spent - market.house("promo_expense") == 315
    assert market.wallet(client)["available"] == 1000
    assert market.problems() == []


def test_a_reader_who_ends_earns_what_was_shared(market: Marketplace, treasurer: Person) -> None:
    client, reader = with_free_minutes(market, treasurer), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(80)
    session.by(reader, "end")
    assert (market.earned(reader), market.wallet(client)["available"]) == (280, 0)
    assert market.problems() == []


@pytest.mark.parametrize("way", ["cancelled", "too short"])
def test_unused_they_wait_for_another_session(market: Marketplace, treasurer: Person, way: str) -> None:
    client, reader = with_free_minutes(market, treasurer), market.reader(rate=300)
    spent = market.house("promo_expense")
    if way == "cancelled":
        market.request(client, reader).by(client, "cancel")
    else:
        session = market.started(client, reader)
        session.talk(5)
        session.by(client, "end")
        assert session.row()["total_cost"] == 0
    assert (market.house("promo_expense"), market.earned(reader)) == (spent, 0)
    again = market.started(client, reader)
    assert len(free_of(again)) == 3
    again.talk(20)
    again.by(client, "end")
    with market.refuses("insufficient_funds"):
        market.request(client, reader)


def test_a_suspended_client_is_given_no_more_of_them(market: Marketplace, treasurer: Person) -> None:
    client, reader = with_free_minutes(market, treasurer, 10), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(70)
    market.suspend(client)
    session.talk(60)
    row = session.row()
    assert (row["status"], row["end_reason"], row["billed_minutes"]) == ("COMPLETED", "account_suspended", 2)
    assert market.earned(reader) == 420
    assert market.problems() == []


def test_of_a_dear_reader_they_are_fewer(market: Marketplace, treasurer: Person) -> None:
    client = with_free_minutes(market, treasurer, 3, funds=10_000)
    session = market.started(client, market.reader(rate=1500))
    assert free_of(session) == [1050, 1050]
    session.by(client, "end")
    poor, dear = with_free_minutes(market, treasurer, 1), market.reader(rate=1500)
    with market.refuses("insufficient_funds"):
        market.request(poor, dear)


def test_they_are_spent_before_promo_credit_and_money(market: Marketplace, treasurer: Person) -> None:
    client = with_free_minutes(market, treasurer, 1, funds=600, promo=300)
    session = market.started(client, market.reader(rate=300))
    session.talk(70)
    assert market.wallet(client) == {"balance": 600, "held": 0, "available": 600, "promo": 0}
    session.by(client, "end")


def test_the_proof_finds_a_promotion_without_its_posting(market: Marketplace, treasurer: Person) -> None:
    person = cardholder(market)
    transaction = redeem(market, person, make(market, treasurer)["code"])["transaction_id"]
    for wrong, found in ((699, "promotion differs from its postings"), (700, None)):
        market.database.execute("update public.transactions set amount = %s where id = %s", [wrong, transaction])
        problems = {row["problem"] for row in market.problems()}
        assert (found in problems) if found else problems == set()
