"""Administrators read what is a person's through calls that record the look, and in no other way."""

from __future__ import annotations

import uuid

import pytest

from tests.sql.marketplace import LiveSession, Marketplace, Person, Row

_USERS = ("SESSIONS", "CONSENTS", "APPLICATIONS")
_FINANCES = (
    "ACCOUNTS", "TRANSACTIONS", "PAYOUTS", "PAYOUT_ATTEMPTS", "READER_ACCOUNT", "ORDERS", "ORDER_ITEMS",
    "GIFT_PURCHASES", "PROMO_REDEMPTIONS", "CARDS", "AUTO_RELOADS",
)  # fmt: skip
_CLOSED = (
    "transactions", "payouts", "payout_attempts", "orders", "order_items", "gift_purchases", "promo_redemptions",
    "reader_accounts", "reader_earnings", "wallets", "consents", "reader_applications", "sessions",
    "cards", "auto_reloads",
)  # fmt: skip


@pytest.fixture(scope="module")
def session(market: Marketplace) -> LiveSession:
    """A session that was paid, and its reader's payout."""
    held = market.started(market.client(funds=9000), market.reader(rate=3000))
    held.talk(30)
    held.by(held.client, "end")
    market.open_payout_account(held.reader)
    market.clock.advance(7 * 86_400)
    market.call(held.reader, "request_payout", p_idempotency_key="k", p_amount=1500)
    market.call(held.client, "give_consent", p_kind="TERMS", p_version="1")
    return held


@pytest.fixture(scope="module")
def users(market: Marketplace) -> Person:
    return market.make_admin("manage_users")


@pytest.fixture(scope="module")
def finances(market: Marketplace) -> Person:
    return market.make_admin("manage_finances")


def part(market: Marketplace, admin: Person, person: Person, name: str, **asked: object) -> list[Row]:
    # Lines of the record of one moment have no order.
    market.clock.advance(0.01)
    rows: list[Row] = market.call(admin, "admin_read_person", p_user_id=person.id, p_part=name, **asked)
    return rows


def looks(market: Marketplace, admin: Person) -> list[Row]:
    return market.rows(
        "select action, entity_type, entity_id, changes from public.audit_logs "
        "where user_id = %s and action like '%%.read' order by id",
        admin.id,
    )


def test_row_level_security_shows_administrators_nothing_of_a_persons(
    market: Marketplace, session: LiveSession
) -> None:
    assert session.row()["status"] == "COMPLETED"
    seen = {
        table: [row for row in market.read(market.admin, table) if market.admin.id not in row.values()]
        for table in _CLOSED
        if table != "payout_attempts"
    }
    assert {table: rows for table, rows in seen.items() if rows} == {}


def test_each_part_is_read_with_its_permission_and_recorded(
    market: Marketplace, session: LiveSession, users: Person, finances: Person
) -> None:
    before = len(looks(market, users)) + len(looks(market, finances))
    found = {name: part(market, users, session.client, name) for name in _USERS}
    found |= {name: part(market, finances, session.client, name) for name in _FINANCES}
    of_reader = {name: part(market, finances, session.reader, name) for name in _FINANCES}

    assert {name for name, rows in found.items() if rows} == {"SESSIONS", "CONSENTS", "ACCOUNTS", "TRANSACTIONS"}
    assert {name for name, rows in of_reader.items() if rows} == {
        "ACCOUNTS", "TRANSACTIONS", "PAYOUTS", "PAYOUT_ATTEMPTS", "READER_ACCOUNT",
    }  # fmt: skip
    assert [row["id"] for row in found["SESSIONS"]] == [session.id]
    assert {row["user_id"] for row in found["TRANSACTIONS"]} == {session.client.id}
    entries = [*looks(market, users), *looks(market, finances)]
    assert len(entries) == before + len(_USERS) + 2 * len(_FINANCES)
    assert entries[-1] == {
        "action": "person.read",
        "entity_type": "users",
        "entity_id": session.reader.id,
        "changes": {"part": "AUTO_RELOADS", "after": None},
    }


def test_nobody_reads_a_part_without_its_permission(
    market: Marketplace, session: LiveSession, users: Person, finances: Person
) -> None:
    for admin, names in ((users, _FINANCES), (finances, _USERS)):
        before = looks(market, admin)
        for name in names:
            with market.refuses("permission_denied"):
                part(market, admin, session.client, name)
        assert looks(market, admin) == before
    for person in (session.client, session.reader):
        for name in ("SESSIONS", "TRANSACTIONS"):
            with market.refuses("permission_denied"):
                part(market, person, person, name)


def test_pages_follow_one_another(market: Marketplace, session: LiveSession, finances: Person) -> None:
    whole = part(market, finances, session.client, "TRANSACTIONS")
    assert len(whole) == 2
    first = part(market, finances, session.client, "TRANSACTIONS", p_limit=1)
    second = part(market, finances, session.client, "TRANSACTIONS", p_limit=1, p_after=first[0]["id"])
    assert first + second == whole
    for limit in (0, 201, None):
        with market.refuses("invalid_argument"):
            part(market, finances, session.client, "TRANSACTIONS", p_limit=limit)


def test_who_is_not_there_is_not_found(market: Marketplace, users: Person) -> None:
    nobody = Person(str(uuid.uuid4()), "")
    with market.refuses("not_found"):
        part(market, users, nobody, "SESSIONS")
    with market.refuses("invalid_argument"):
        market.call(users, "admin_read_person", p_user_id=users.id, p_part=None)


def test_the_queue_of_applications_is_recorded_with_its_people(
    market: Marketplace, users: Person, finances: Person
) -> None:
    applicants = [market.sign_up() for _ in range(3)]
    for person in applicants:
        market.clock.advance(1)
        market.apply(person)
    queue = market.call(users, "admin_read_applications")
    assert [row["user_id"] for row in queue] == [person.id for person in applicants]
    assert {row["status"] for row in queue} == {"PENDING"}
    market.clock.advance(0.01)
    page = market.call(users, "admin_read_applications", p_limit=2, p_after=queue[0]["id"])
    assert page == queue[1:]
    assert looks(market, users)[-1] == {
        "action": "applications.read",
        "entity_type": "reader_applications",
        "entity_id": "PENDING",
        "changes": {"people": [person.id for person in applicants[1:]]},
    }
    assert len(market.call(users, "admin_read_applications", p_status=None)) > 3
    with market.refuses("permission_denied"):
        market.call(finances, "admin_read_applications")


def test_the_queue_of_payouts_is_recorded_with_its_people(
    market: Marketplace, session: LiveSession, users: Person, finances: Person
) -> None:
    (payout,) = market.call(finances, "admin_read_payouts", p_status="PENDING")
    assert (payout["reader_id"], payout["amount"]) == (session.reader.id, 1500)
    market.clock.advance(0.01)
    assert market.call(finances, "admin_read_payouts", p_status="FAILED") == []
    assert [look["changes"] for look in looks(market, finances)[-2:]] == [
        {"people": [session.reader.id]},
        {"people": []},
    ]
    with market.refuses("permission_denied"):
        market.call(users, "admin_read_payouts")
    with market.refuses("invalid_argument"):
        market.call(finances, "admin_read_payouts", p_limit=0)


# Accounts ------------------------------------------------------------


def account(market: Marketplace, admin: Person, person: Person, kind: str | None, **asked: object) -> list[Row]:
    market.clock.advance(0.01)
    lines: list[Row] = market.call(admin, "admin_account_statement", p_user_id=person.id, p_kind=kind, **asked)
    return lines


def test_an_account_is_read_with_its_running_balance(market: Marketplace, finances: Person) -> None:
    client, reader = market.client(funds=2000), market.reader(rate=300)
    market.clock.advance(1)
    market.give(client, 450)
    market.clock.advance(1)
    held = market.started(client, reader)
    held.talk(70)

    lines = account(market, finances, client, "client_wallet")
    assert [(line["type"], line["amount"], line["balance"]) for line in lines] == [
        ("SESSION_CHARGE", -150, 1850), ("ADD_FUNDS", 2000, 2000),
    ]  # fmt: skip
    promo = account(market, finances, client, "promo_credit")
    assert [(line["type"], line["amount"], line["balance"]) for line in promo] == [
        ("SESSION_CHARGE", -450, 0), ("PROMO", 450, 450),
    ]  # fmt: skip
    assert account(market, finances, client, "client_debt") == []
    (live,) = account(market, finances, reader, "reader_earnings")
    assert (live["status"], live["amount"], live["balance"]) == ("PENDING", 420, 420)
    assert account(market, finances, reader, "reader_earnings", p_after=live["cursor"]) == []
    held.by(client, "end")
    (settled,) = account(market, finances, reader, "reader_earnings")
    assert (settled["status"], settled["amount"], settled["balance"]) == ("COMPLETED", 420, 420)

    first = account(market, finances, client, "client_wallet", p_limit=1)
    assert first + account(market, finances, client, "client_wallet", p_after=first[0]["cursor"]) == account(
        market, finances, client, "client_wallet"
    )
    look = looks(market, finances)[-1]
    assert (look["action"], look["entity_id"], look["changes"]["account"]) == (
        "statement.read",
        client.id,
        "client_wallet",
    )


def test_a_readers_account_shows_what_left_it(market: Marketplace, session: LiveSession, finances: Person) -> None:
    attempt = market.row(
        "select a.id::text from public.payout_attempts a join public.payouts p on p.id = a.payout_id "
        "where p.reader_id = %s",
        session.reader.id,
    )
    market.worker("record_transfer", p_attempt_id=attempt["id"], p_transfer_id="tr_left")
    lines = account(market, finances, session.reader, "reader_earnings")
    assert [(line["type"], line["amount"], line["balance"]) for line in lines] == [
        ("PAYOUT", -1500, 600), ("SESSION_CHARGE", 2100, 2100),
    ]  # fmt: skip


def test_an_account_that_cannot_be_read_is_refused(market: Marketplace, users: Person, finances: Person) -> None:
    person = market.sign_up()
    for kind in ("platform_revenue", "purse", None):
        with market.refuses("invalid_argument"):
            account(market, finances, person, kind)
    with market.refuses("not_found"):
        account(market, finances, person, "reader_earnings")
    with market.refuses("invalid_argument"):
        account(market, finances, person, "client_wallet", p_limit=0)
    for stranger in (users, person):
        with market.refuses("permission_denied"):
            account(market, stranger, person, "client_wallet")


def test_the_houses_days_are_read_by_those_who_manage_finances(
    market: Marketplace, session: LiveSession, users: Person, finances: Person
) -> None:
    assert session.row()["total_cost"] == 3000
    market.clock.advance(2 * 86_400)
    while market.worker("roll_up_days")["more"]:
        continue
    now = market.clock.now().date()
    asked = {"p_from": str(now.replace(year=now.year - 1)), "p_to": str(now)}
    days = market.call(finances, "admin_house_days", **asked)
    newest = {row["account"]: row["balance"] for row in days if row["day"] == days[0]["day"]}
    assert newest["platform_revenue"] == market.house("platform_revenue")
    assert newest["stripe_clearing"] == market.house("stripe_clearing")
    last = market.call(finances, "admin_house_days", p_from=days[0]["day"], p_to=days[0]["day"])
    assert {row["account"]: row["balance"] for row in last} == newest
    with market.refuses("permission_denied"):
        market.call(users, "admin_house_days", **asked)
    for wrong in ({"p_from": None}, {"p_to": "2020-01-01"}):
        with market.refuses("invalid_argument"):
            market.call(finances, "admin_house_days", **{**asked, **wrong})
