"""People who lie: about the price, about whose session it is, about who they are."""

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError


def refused(market: Marketplace, token: str, function: str, arguments: dict[str, Any]) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        market.post(token, function, arguments)
    return caught.value


# About the price ------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    ["p_rate", "reader_rate", "p_amount", "p_price", "p_share_bps", "p_duration", "p_now", "p_client_id", "p_terms"],
)
def test_a_request_has_no_place_for_a_price_or_a_time(market: Marketplace, lie: str) -> None:
    client, reader = market.client(funds=1000), market.reader()
    before = market.fingerprint()
    told = {"p_reader_id": reader.id, "p_type": "CHAT", "p_idempotency_key": "k", lie: 1}
    assert refused(market, client.token, "request_session", told).status == 404
    assert market.fingerprint() == before


@pytest.mark.parametrize("verb", ["accept", "join", "heartbeat", "end"])
@pytest.mark.parametrize("lie", ["p_at", "p_seconds", "p_amount", "p_side", "p_user_id"])
def test_no_call_of_a_session_takes_more_than_its_id(market: Marketplace, verb: str, lie: str) -> None:
    answer = refused(market, market.admin.token, f"{verb}_session", {"p_session_id": market.admin.id, lie: 1})
    assert (answer.status, answer.sqlstate) == (404, "PGRST202")


def test_the_rate_is_the_readers_whatever_headers_say(market: Marketplace) -> None:
    session = market.request(market.client(funds=1000), market.reader(rate=450))
    assert session.row()["reader_rate"] == 450
    assert session.row()["share_bps"] == 7000


# About whose session it is ------------------------------------------------------------


def test_a_third_person_can_do_nothing_with_a_session(market: Marketplace) -> None:
    session = market.started(market.client(funds=2000), market.reader())
    for stranger in (market.client(funds=1000), market.reader(), market.admin):
        for verb in ("accept", "decline", "cancel", "join", "heartbeat", "end"):
            with market.refuses("not_participant"):
                session.by(stranger, verb)
    # The silence of the two sides is not broken by a stranger's heartbeat.
    market.clock.advance(46)
    with market.refuses("not_participant"):
        session.by(market.admin, "heartbeat")
    market.tick()
    assert session.row()["paused_at"] is not None


def test_a_payout_is_the_callers_own(market: Marketplace) -> None:
    answer = refused(market, market.reader().token, "request_payout", {"p_idempotency_key": "k", "p_reader_id": "x"})
    assert answer.status == 404


# About who they are ------------------------------------------------------------


def expired(market: Marketplace, person: Person) -> str:
    return market.world.token(person.id, valid_for=-60)


def signed_by_another_key(_: Marketplace, person: Person) -> str:
    claims = {"sub": person.id, "role": "service_role", "aud": "authenticated", "exp": int(time.time()) + 600}
    return jwt.encode(claims, "a-secret-of-the-liars-own-making-0123456789", algorithm="HS256")


def signed_with_the_public_key(market: Marketplace, person: Person) -> str:
    signing = f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded({'sub': person.id, 'role': 'service_role'})}"
    known = json.dumps(market.world.keys.public_signing_key()).encode()
    signature = hmac.digest(known, signing.encode(), "sha256")
    return f"{signing}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(_: Marketplace, person: Person) -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded({'sub': person.id, 'role': 'service_role'})}."


def tampered(_: Marketplace, person: Person) -> str:
    header, body, signature = person.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{header}.{encoded({**claims, 'role': 'service_role'})}.{signature}"


@pytest.mark.parametrize("forge", [expired, signed_by_another_key, signed_with_the_public_key, unsigned, tampered])
def test_a_forged_or_expired_token_is_nobodys(market: Marketplace, forge: Any) -> None:
    token = forge(market, market.client(funds=1000))
    for path in ("/readers", "/wallets"):
        assert market.http.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert refused(market, token, "set_reader_status", {"p_status": "ONLINE"}).status == 401


def test_a_token_cannot_name_a_role_of_the_house(market: Marketplace) -> None:
    person = market.client()
    for role in ("postgres", "supabase_admin", "supabase_auth_admin", "dashboard_user"):
        token = market.world.token(person.id, role=role)
        answer = market.http.get("/wallets", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in {401, 403}, role


def test_claims_a_person_writes_give_no_power(market: Marketplace) -> None:
    person, victim = market.sign_up(), market.client(funds=1000)
    token = market.world.token(
        person.id, user_role="ADMIN", user_metadata={"role": "ADMIN", "permissions": ["manage_finances"]}
    )
    liar = Person(person.id, token)
    assert market.read(liar, f"wallets?user_id=eq.{victim.id}") == []
    with market.refuses("permission_denied"):
        market.call(liar, "review_reader_application", p_user_id=victim.id, p_approve=True)


def test_an_administrator_who_lost_a_permission_lost_it_at_once(market: Marketplace) -> None:
    admin, victim = market.make_admin("manage_finances"), market.client(funds=1000)
    asked = {"p_user_id": victim.id, "p_part": "TRANSACTIONS"}
    assert len(market.call(admin, "admin_read_person", **asked)) == 1
    market.worker("appoint_admin", p_user_id=admin.id, p_permissions=[])
    with market.refuses("permission_denied"):
        market.call(admin, "admin_read_person", **asked)
    market.worker("appoint_admin", p_user_id=admin.id, p_permissions=["manage_finances"])
    market.suspend(admin)
    with market.refuses("permission_denied"):
        market.call(admin, "admin_read_person", **asked)


# Accounts that may not spend ------------------------------------------------------------


def test_a_suspended_person_loses_every_write_at_once_with_the_old_token(market: Marketplace) -> None:
    session = market.request(market.client(funds=2000), market.reader())
    other, applicant = market.reader(), market.sign_up()
    for person in (session.client, session.reader, applicant):
        market.suspend(person)
    before = market.fingerprint()
    for verb in ("cancel", "join"):
        assert refused(market, session.client.token, f"{verb}_session", {"p_session_id": session.id}).status == 403
    for verb in ("accept", "decline", "cancel", "join", "end"):
        assert refused(market, session.reader.token, f"{verb}_session", {"p_session_id": session.id}).status == 403
    with market.refuses("account_suspended"):
        market.request(session.client, other)
    with market.refuses("account_suspended"):
        market.call(session.reader, "set_reader_status", p_status="ONLINE")
    with market.refuses("account_suspended"):
        market.call(session.reader, "request_payout", p_idempotency_key="k")
    with market.refuses("account_suspended"):
        market.apply(applicant)
    for table, body in (("users", {"username": "changed"}), ("clients", {"bio": "changed"}), ("readers", {"bio": "x"})):
        for person in (session.client, session.reader):
            owner = "id" if table == "users" else "user_id"
            headers = {"Authorization": f"Bearer {person.token}", "Prefer": "return=representation"}
            answer = market.http.patch(f"/{table}?{owner}=eq.{person.id}", json=body, headers=headers)
            assert (answer.status_code, answer.json()) == (200, [])
    assert market.fingerprint() == before


def test_an_anonymous_account_can_neither_spend_nor_earn(market: Marketplace) -> None:
    anonymous, reader = market.client(funds=1000, is_anonymous=True), market.reader()
    with market.refuses("account_required"):
        market.request(anonymous, reader)
    with market.refuses("account_required"):
        market.apply(anonymous)
    with market.refuses("account_required"):
        market.call(anonymous, "set_reader_status", p_status="ONLINE")
    with market.refuses("account_required"):
        market.call(anonymous, "request_payout", p_idempotency_key="k")


# Columns ------------------------------------------------------------


def test_a_person_changes_what_describes_them(market: Marketplace) -> None:
    reader = market.reader()
    headers = {"Authorization": f"Bearer {reader.token}", "Prefer": "return=representation"}
    changed = market.http.patch(f"/readers?user_id=eq.{reader.id}", json={"headline": "Tarot"}, headers=headers)
    assert [row["headline"] for row in changed.json()] == ["Tarot"]
    named = market.http.patch(f"/users?id=eq.{reader.id}", json={"username": "ada_reads"}, headers=headers)
    assert [row["username"] for row in named.json()] == ["ada_reads"]


@pytest.mark.parametrize(
    ("table", "body"),
    [
        ("users", {"role": "ADMIN"}),
        ("users", {"status": "ACTIVE"}),
        ("users", {"username": "x", "role": "ADMIN"}),
        ("readers", {"is_verified": True}),
        ("readers", {"status": "ONLINE"}),
        ("readers", {"average_rating": 5}),
        ("sessions", {"reader_rate": 1}),
        ("sessions", {"status": "COMPLETED"}),
        ("reader_accounts", {"payouts_enabled": True}),
        ("wallets", {"balance": 1}),
        ("transactions", {"amount": 1}),
    ],
)
def test_a_person_cannot_change_what_they_are_or_own(market: Marketplace, table: str, body: dict[str, Any]) -> None:
    reader = market.reader()
    before = market.fingerprint()
    answer = market.http.patch(
        f"/{table}?{next(iter(body))}=not.is.null", json=body, headers={"Authorization": f"Bearer {reader.token}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "42501")
    assert market.fingerprint() == before


@pytest.mark.parametrize("price", [0, -5, 1.5, 1_000_001, "300", None])
def test_a_price_is_a_whole_number_of_minor_units(market: Marketplace, price: object) -> None:
    reader = market.reader()
    before = market.fingerprint()
    answer = market.http.patch(
        f"/readers?user_id=eq.{reader.id}",
        json={"pricing": {"CHAT": price}},
        headers={"Authorization": f"Bearer {reader.token}"},
    )
    assert answer.status_code == 400
    assert market.fingerprint() == before
