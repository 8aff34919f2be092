"""What a token says of an account is only how it was when the token was made: the tables decide, at once."""

from typing import Any

import httpx

from tests.sql.marketplace import Marketplace, Person, RefusedError


def _rename(market: Marketplace, person: Person, name: str) -> list[dict[str, Any]]:
    answer = market.http.patch(
        f"/users?id=eq.{person.id}",
        json={"username": name},
        headers={"Authorization": f"Bearer {person.token}", "Prefer": "return=representation"},
    )
    assert answer.status_code == httpx.codes.OK
    changed: list[dict[str, Any]] = answer.json()
    return changed


def _refusal(market: Marketplace, person: Person, function: str, **arguments: object) -> str:
    try:
        market.call(person, function, **arguments)
    except RefusedError as refusal:
        return refusal.code
    return ""


def test_a_suspended_person_loses_every_write_at_once_and_keeps_what_is_theirs_to_read(market: Marketplace) -> None:
    person = market.client(user_status="ACTIVE")
    assert _rename(market, person, "before")
    market.call(market.admin, "admin_set_user_status", p_user_id=person.id, p_status="SUSPENDED", p_reason="Reported")
    assert _rename(market, person, "after") == []
    assert _refusal(market, person, "give_consent", p_kind="TERMS", p_version="1") == "account_suspended"
    assert [row["username"] for row in market.read(person, f"users?id=eq.{person.id}")] == ["before"]
    market.call(market.admin, "admin_set_user_status", p_user_id=person.id, p_status="ACTIVE", p_reason="Cleared")
    assert _rename(market, person, "after")


def test_an_administrator_loses_a_permission_at_once(market: Marketplace) -> None:
    admin = market.make_admin("manage_settings", "manage_users")
    assert _refusal(market, admin, "update_setting", p_key="switch.payouts", p_value="true") == ""
    market.worker("appoint_admin", p_user_id=admin.id, p_permissions=["manage_users"])
    assert _refusal(market, admin, "update_setting", p_key="switch.payouts", p_value="true") == "permission_denied"


def test_what_a_person_writes_about_themselves_makes_nobody_an_administrator(market: Marketplace) -> None:
    claims = {"role": "ADMIN", "user_role": "ADMIN", "permissions": ["manage_users"]}
    person = market.sign_up(user_metadata=claims, app_metadata=claims, user_role="ADMIN", aal="aal2")
    assert _refusal(market, person, "admin_read_client", p_user_id=market.admin.id) == "permission_denied"
    assert market.read(person, "audit_logs") == []
