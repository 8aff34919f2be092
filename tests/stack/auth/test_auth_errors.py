"""The shape of refusals, which tokens are believed, and what is left out."""

import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from supabase_auth.types import Session

from stack.auth.harness import AuthHost

PASSWORD = "correct horse battery"
SIGN_IN = "/token?grant_type=password"


@pytest.fixture
def session(auth: AuthHost, email: str) -> Session:
    """A person, signed in."""
    return auth.client().sign_up({"email": email, "password": PASSWORD}).session


@pytest.mark.parametrize(
    ("version", "shape", "echoed"),
    [
        (None, {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}, None),
        ("2023-12-31", {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}, None),
        ("nonsense", {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}, None),
        ("2024-01-01", {"code": "invalid_credentials", "message": "Invalid login credentials"}, "2024-01-01"),
        ("2026-06-01", {"code": "invalid_credentials", "message": "Invalid login credentials"}, "2024-01-01"),
    ],
)
def test_the_asked_for_version_shapes_a_refusal(
    auth: AuthHost, version: str | None, shape: dict[str, object], echoed: str | None
) -> None:
    headers = {"X-Supabase-Api-Version": version} if version else {}
    answer = auth.call("POST", SIGN_IN, headers=headers, json={"email": "nobody@example.com", "password": "x"})

    assert (answer.status_code, answer.json()) == (400, shape)
    assert answer.headers.get("x-supabase-api-version") == echoed


@pytest.mark.parametrize(("headers", "code"), [({}, 422), ({"X-Supabase-Api-Version": "2024-01-01"}, "weak_password")])
def test_a_weak_password_says_why_in_both_shapes(
    auth: AuthHost, email: str, headers: dict[str, str], code: int | str
) -> None:
    answer = auth.call("POST", "/signup", headers=headers, json={"email": email, "password": "short"})

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["weak_password"]) == (code, {"reasons": ["length"]})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"email": 7}', b'{"email": "a@b.c", "data": "text"}'])
def test_malformed_json_is_refused(auth: AuthHost, body: bytes) -> None:
    answer = auth.call("POST", "/signup", content=body)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "bad_json")


def test_text_postgres_cannot_hold_is_refused_and_leaves_nothing(auth: AuthHost, email: str) -> None:
    answer = auth.call("POST", "/signup", json={"email": email, "password": PASSWORD, "data": {"name": "\0"}})

    assert answer.status_code == 400
    assert answer.json()["error_code"] == "validation_failed"
    assert auth.sql("select count(*) from auth.users where email = %s", email) == [(0,)]


@pytest.mark.parametrize(
    ("grant", "body", "status", "code"),
    [
        ("carrier_pigeon", {}, 400, "invalid_credentials"),
        ("password", {}, 400, "validation_failed"),
        ("password", {"phone": "+15555550100", "password": "x"}, 400, "phone_provider_disabled"),
        ("pkce", {"auth_code": "x"}, 400, "validation_failed"),
        ("pkce", {"auth_code": "x", "code_verifier": "y"}, 404, "flow_state_not_found"),
    ],
)
def test_grants_that_cannot_be_are_refused(
    auth: AuthHost, grant: str, body: dict[str, object], status: int, code: str
) -> None:
    answer = auth.call("POST", f"/token?grant_type={grant}", json=body)

    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/signup", {"phone": "+15555550100", "password": PASSWORD}, "phone_provider_disabled"),
        ("/signup", {"email": "a@example.com"}, "validation_failed"),
        ("/otp", {"phone": "+15555550100"}, "phone_provider_disabled"),
        ("/otp", {}, "validation_failed"),
        ("/otp", {"email": "a@example.com", "code_challenge": "x" * 43}, "validation_failed"),
        (
            "/otp",
            {"email": "a@example.com", "code_challenge": "x", "code_challenge_method": "s256"},
            "validation_failed",
        ),
        ("/recover", {}, "validation_failed"),
        ("/resend", {"type": "sms", "phone": "+15555550100"}, "phone_provider_disabled"),
        ("/resend", {"type": "recovery", "email": "a@example.com"}, "validation_failed"),
    ],
)
def test_mails_that_cannot_be_are_refused(auth: AuthHost, path: str, body: dict[str, object], code: str) -> None:
    answer = auth.call("POST", path, json=body)

    assert (answer.status_code, answer.json()["error_code"]) == (400, code)


def _claims(session: Session, **changes: object) -> dict[str, object]:
    now = int(time.time())
    return {"sub": session.user.id, "role": "authenticated", "iat": now, "exp": now + 60, **changes}


def test_only_tokens_of_this_server_are_believed(auth: AuthHost, session: Session) -> None:
    kid = auth.keys.signing_key["kid"]
    foreign = ec.generate_private_key(ec.SECP256R1())
    own = jwt.PyJWK(auth.keys.signing_key).key
    forged = {
        "nothing": ("", 401, "no_authorization"),
        "no token": ("not-a-token", 403, "bad_jwt"),
        "another key": (jwt.encode(_claims(session), foreign, "ES256", {"kid": kid}), 403, "bad_jwt"),
        "unknown key": (jwt.encode(_claims(session), foreign, "ES256", {"kid": "other"}), 403, "bad_jwt"),
        "another secret": (jwt.encode(_claims(session), "x" * 32, "HS256"), 403, "bad_jwt"),
        "unsigned": (jwt.encode(_claims(session), None, "none"), 403, "bad_jwt"),
        "public key as secret": (
            jwt.encode(_claims(session), auth.keys.signing_key["x"], "HS256", {"kid": kid}),
            403,
            "bad_jwt",
        ),
        "expired": (jwt.encode(_claims(session, exp=1), own, "ES256", {"kid": kid}), 403, "bad_jwt"),
        "nobody": (auth.keys.anon_key, 403, "bad_jwt"),
        "no id": (jwt.encode(_claims(session, sub="7"), own, "ES256", {"kid": kid}), 403, "bad_jwt"),
        "a stranger": (
            jwt.encode(_claims(session, sub=str(uuid4())), own, "ES256", {"kid": kid}),
            403,
            "user_not_found",
        ),
        "a closed device": (
            jwt.encode(_claims(session, session_id=str(uuid4())), own, "ES256", {"kid": kid}),
            403,
            "session_not_found",
        ),
    }
    for name, (token, status, code) in forged.items():
        for method, path in (("GET", "/user"), ("PUT", "/user"), ("POST", "/logout"), ("GET", "/reauthenticate")):
            answer = auth.call(method, path, token=token, **({"json": {}} if method == "PUT" else {}))
            assert (answer.status_code, answer.json()["error_code"]) == (status, code), (name, path)
    assert auth.call("GET", "/user", token=session.access_token).status_code == 200


def test_what_is_left_out_says_so(auth: AuthHost, session: Session) -> None:
    for path in ("/sso", "/authorize", "/admin/audit"):
        answer = auth.call("POST", path, token=session.access_token, json={})
        assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found")
        assert path in answer.json()["msg"]
    assert auth.call("DELETE", "/token").status_code == 405


def test_settings_and_health_answer_anyone(auth: AuthHost, strict_auth: AuthHost) -> None:
    assert auth.call("GET", "/health").json()["name"] == "GoTrue"
    settings = auth.call("GET", "/settings").json()
    assert settings["external"] == {"email": True, "phone": False, "anonymous_users": True}
    assert (settings["disable_signup"], settings["mailer_autoconfirm"]) == (False, True)
    strict = strict_auth.call("GET", "/settings").json()
    assert (strict["disable_signup"], strict["external"]["anonymous_users"]) == (True, False)


def test_requests_can_be_followed_by_their_id(auth: AuthHost) -> None:
    assert auth.call("GET", "/settings", headers={"X-Request-Id": "abc-123"}).headers["x-request-id"] == "abc-123"
    assert auth.call("GET", "/settings").headers["x-request-id"] != ""
