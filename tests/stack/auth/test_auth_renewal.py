"""Refresh tokens: rotation, retries, theft, simultaneous use; and signing out by scope."""

import asyncio

import httpx
import pytest
from supabase_auth.errors import AuthApiError
from supabase_auth.types import Session

from stack.auth.harness import AuthHost

PASSWORD = "correct horse battery"


def _renew(host: AuthHost, refresh_token: str) -> httpx.Response:
    return host.call("POST", "/token?grant_type=refresh_token", json={"refresh_token": refresh_token})


def _chain(host: AuthHost, session: Session) -> list[tuple[object, ...]]:
    return host.sql(
        "select token, parent, revoked from auth.refresh_tokens where session_id = "
        "(select session_id from auth.refresh_tokens where token = %s) order by id",
        session.refresh_token,
    )


def test_a_renewal_replaces_the_refresh_token_and_keeps_the_device(auth: AuthHost, email: str) -> None:
    client = auth.client()
    first = client.sign_up({"email": email, "password": PASSWORD}).session
    device = client.get_claims()["claims"]["session_id"]

    second = client.refresh_session().session

    assert second.refresh_token != first.refresh_token
    assert client.get_claims()["claims"]["session_id"] == device
    assert client.get_claims()["claims"]["amr"][0]["method"] == "password"
    assert _chain(auth, first) == [
        (first.refresh_token, None, True),
        (second.refresh_token, first.refresh_token, False),
    ]


def test_the_parent_of_the_live_token_counts_as_a_retry(strict_auth: AuthHost, auth: AuthHost, email: str) -> None:
    first = auth.client().sign_up({"email": email, "password": PASSWORD}).session
    second = _renew(strict_auth, first.refresh_token).json()

    retried = _renew(strict_auth, first.refresh_token)

    assert retried.status_code == 200
    assert retried.json()["refresh_token"] == second["refresh_token"]


def test_an_older_token_within_the_reuse_interval_continues_the_family(auth: AuthHost, email: str) -> None:
    first = auth.client().sign_up({"email": email, "password": PASSWORD}).session
    second = _renew(auth, first.refresh_token).json()["refresh_token"]
    third = _renew(auth, second).json()["refresh_token"]

    again = _renew(auth, first.refresh_token)

    assert again.status_code == 200
    assert again.json()["refresh_token"] not in (first.refresh_token, second, third)


def test_an_older_token_outside_the_reuse_interval_revokes_the_whole_family(
    auth: AuthHost, strict_auth: AuthHost, email: str
) -> None:
    first = auth.client().sign_up({"email": email, "password": PASSWORD}).session
    elsewhere = auth.client().sign_in_with_password({"email": email, "password": PASSWORD}).session
    second = _renew(strict_auth, first.refresh_token).json()["refresh_token"]
    third = _renew(strict_auth, second).json()["refresh_token"]

    stolen = _renew(strict_auth, first.refresh_token)

    assert (stolen.status_code, stolen.json()) == (
        400,
        {
            "code": 400,
            "error_code": "refresh_token_already_used",
            "msg": "Invalid Refresh Token: Already Used",
        },
    )
    assert [revoked for _, _, revoked in _chain(auth, first)] == [True, True, True]
    for token in (third, second, first.refresh_token):
        # Refused even by a server with patience: a dead family does not come back.
        assert _renew(auth, token).json()["error_code"] == "refresh_token_already_used"
    assert _renew(auth, elsewhere.refresh_token).status_code == 200


async def test_simultaneous_renewals_agree_on_one_successor(auth: AuthHost, email: str) -> None:
    first = auth.client().sign_up({"email": email, "password": PASSWORD}).session
    body = {"refresh_token": first.refresh_token}

    async with httpx.AsyncClient(base_url=auth.url, timeout=20) as client:
        answers = await asyncio.gather(*(client.post("/token?grant_type=refresh_token", json=body) for _ in range(10)))

    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert [revoked for _, _, revoked in _chain(auth, first)] == [True, False]


def test_unknown_and_missing_refresh_tokens_are_refused(auth: AuthHost) -> None:
    client = auth.client()
    with pytest.raises(AuthApiError) as unknown:
        client.refresh_session("nosuchtoken1")
    assert (unknown.value.code, unknown.value.status) == ("refresh_token_not_found", 400)

    missing = auth.call("POST", "/token?grant_type=refresh_token", json={})
    assert (missing.status_code, missing.json()) == (
        400,
        {"error": "invalid_request", "error_description": "refresh_token required"},
    )


def test_a_device_past_its_end_is_not_renewed(auth: AuthHost, email: str) -> None:
    session = auth.client().sign_up({"email": email, "password": PASSWORD}).session
    auth.sql("update auth.sessions set not_after = now() - interval '1 s' where user_id = %s", session.user.id)

    assert _renew(auth, session.refresh_token).json()["error_code"] == "session_expired"


def test_access_tokens_live_as_long_as_the_setting_says(strict_auth: AuthHost, auth: AuthHost, email: str) -> None:
    auth.client().sign_up({"email": email, "password": PASSWORD})
    answer = strict_auth.call("POST", "/token?grant_type=password", json={"email": email, "password": PASSWORD}).json()

    assert answer["expires_in"] == 1
    auth.sql("select pg_sleep(1.1)")
    late = strict_auth.call("GET", "/user", token=answer["access_token"])
    assert (late.status_code, late.json()["error_code"]) == (403, "bad_jwt")


@pytest.mark.parametrize(("scope", "left"), [("global", []), ("local", ["other"]), ("others", ["this"])])
def test_signing_out_closes_the_devices_of_its_scope(auth: AuthHost, email: str, scope: str, left: list[str]) -> None:
    this, other = auth.client(), auth.client()
    this.sign_up({"email": email, "password": PASSWORD})
    other.sign_in_with_password({"email": email, "password": PASSWORD})
    sessions = {"this": this.get_session(), "other": other.get_session()}

    this.sign_out({"scope": scope})

    answers = {name: _renew(auth, session.refresh_token) for name, session in sessions.items()}
    assert [name for name, answer in answers.items() if answer.status_code == 200] == left
    for answer in answers.values():
        assert answer.status_code == 200 or answer.json()["error_code"] == "refresh_token_not_found"


def test_an_unknown_scope_is_refused_and_closes_nothing(auth: AuthHost, email: str) -> None:
    client = auth.client()
    session = client.sign_up({"email": email, "password": PASSWORD}).session

    answer = auth.call("POST", "/logout?scope=everything", token=session.access_token)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")
    assert client.get_user().user.email == email
