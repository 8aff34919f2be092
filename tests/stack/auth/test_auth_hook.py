"""The custom access token hook: called in the database, believed, and able to refuse."""

import json

import jwt
import pytest
from supabase_auth.errors import AuthApiError
from supabase_auth.types import Session, SignInWithEmailAndPasswordCredentials

from stack.auth.harness import AuthHost, MakeDatabase, StartAuth

PASSWORD = "correct horse battery"

HOOK = """
create or replace function public.custom_access_token_hook(event jsonb) returns jsonb language plpgsql as
$$ begin {body} end $$;
grant execute on function public.custom_access_token_hook to supabase_auth_admin;
revoke execute on function public.custom_access_token_hook from public, anon, authenticated;
"""


@pytest.fixture(scope="module")
def hooked_auth(baseline_dsn: MakeDatabase, start_auth: StartAuth) -> AuthHost:
    """An Auth server on a database of its own, whose hook each test replaces."""
    return start_auth(baseline_dsn("auth_hook_tests"), hook_seconds=0.3)


@pytest.fixture
def person(hooked_auth: AuthHost, email: str) -> SignInWithEmailAndPasswordCredentials:
    """A person who signed up before there was a hook, and who signs in afresh."""
    hooked_auth.sql("drop function if exists public.custom_access_token_hook")
    hooked_auth.client().sign_up({"email": email, "password": PASSWORD})
    return {"email": email, "password": PASSWORD}


def _claims(session: Session) -> dict[str, object]:
    return jwt.decode(session.access_token, options={"verify_signature": False})


def _refusal(host: AuthHost, person: SignInWithEmailAndPasswordCredentials) -> tuple[str | None, int, str]:
    with pytest.raises(AuthApiError) as refused:
        host.client().sign_in_with_password(person)
    return refused.value.code, refused.value.status, refused.value.message


def test_the_hook_sees_the_claims_and_its_answer_becomes_the_token(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials
) -> None:
    hooked_auth.sql(
        HOOK.format(
            body="""
        return jsonb_build_object('claims', event -> 'claims' || jsonb_build_object(
            'user_role', 'READER', 'called_as', current_user, 'method', event ->> 'authentication_method',
            'about', event ->> 'user_id'));
    """
        )
    )
    client = hooked_auth.client()

    session = client.sign_in_with_password(person).session

    claims = _claims(session)
    assert (claims["user_role"], claims["called_as"]) == ("READER", "supabase_auth_admin")
    assert (claims["method"], claims["about"]) == ("password", claims["sub"])
    assert _claims(client.refresh_session().session)["method"] == "token_refresh"
    assert client.get_user().user.email == person["email"]


def test_without_the_function_tokens_are_plain(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials
) -> None:
    assert "user_role" not in _claims(hooked_auth.client().sign_in_with_password(person).session)


def test_the_hook_refuses_with_its_own_status_and_sentence(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials
) -> None:
    refusal = json.dumps({"error": {"http_code": 403, "message": "Not on Sundays"}})
    hooked_auth.sql(HOOK.format(body=f"return '{refusal}'::jsonb;"))

    assert _refusal(hooked_auth, person) == ("unknown", 403, "Not on Sundays")
    assert hooked_auth.sql(
        "select count(*) from auth.sessions s join auth.users u on u.id = s.user_id where u.email = %s",
        person["email"],
    ) == [(1,)]


def test_a_refused_renewal_leaves_the_refresh_token_good(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials
) -> None:
    client = hooked_auth.client()
    session = client.sign_in_with_password(person).session
    hooked_auth.sql(HOOK.format(body="raise exception 'broken';"))
    with pytest.raises(AuthApiError) as refused:
        client.refresh_session()
    assert refused.value.status == 500
    hooked_auth.sql("drop function public.custom_access_token_hook")

    assert client.refresh_session(session.refresh_token).session.refresh_token != session.refresh_token


def test_a_hook_that_fails_gives_no_token(hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials) -> None:
    hooked_auth.sql(HOOK.format(body="raise exception 'broken';"))

    code, status, message = _refusal(hooked_auth, person)

    assert (code, status) == ("unexpected_failure", 500)
    assert message == "Error running hook URI: pg-functions://postgres/public/custom_access_token_hook"


def test_a_hook_that_takes_too_long_gives_no_token(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials
) -> None:
    hooked_auth.sql(HOOK.format(body="perform pg_sleep(5); return event;"))

    code, status, _ = _refusal(hooked_auth, person)

    assert (code, status) == ("hook_timeout", 422)


def test_a_hook_nobody_may_execute_gives_no_token(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials
) -> None:
    hooked_auth.sql(HOOK.format(body="return event;"))
    hooked_auth.sql("revoke execute on function public.custom_access_token_hook from supabase_auth_admin")

    assert _refusal(hooked_auth, person)[:2] == ("unexpected_failure", 500)


@pytest.mark.parametrize(
    "claim", ["aud", "exp", "iat", "sub", "email", "phone", "role", "aal", "session_id", "is_anonymous"]
)
def test_a_hook_that_loses_a_claim_gives_no_token(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials, claim: str
) -> None:
    hooked_auth.sql(HOOK.format(body=f"return jsonb_build_object('claims', (event -> 'claims') - '{claim}');"))

    code, status, message = _refusal(hooked_auth, person)

    assert (code, status) == ("unexpected_failure", 500)
    assert claim in message


@pytest.mark.parametrize("output", ["null::jsonb", "'{}'::jsonb", "'[]'::jsonb", "'{\"claims\": 7}'::jsonb"])
def test_a_hook_without_claims_gives_no_token(
    hooked_auth: AuthHost, person: SignInWithEmailAndPasswordCredentials, output: str
) -> None:
    hooked_auth.sql(HOOK.format(body=f"return {output};"))

    assert _refusal(hooked_auth, person)[:2] == ("unexpected_failure", 500)
