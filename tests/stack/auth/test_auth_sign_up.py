"""Signing up, signing in, and what the tokens say, through the official Python clients."""

import asyncio
import time

import jwt
import pytest
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from stack.auth.harness import AuthHost, Dsn, MakeDatabase, StartAuth

PASSWORD = "correct horse battery"


def test_sign_up_signs_in_at_once_and_keeps_what_the_person_says_in_user_metadata(auth: AuthHost, email: str) -> None:
    answer = auth.client().sign_up(
        {"email": email.upper(), "password": PASSWORD, "options": {"data": {"name": "Ada", "role": "admin"}}}
    )

    assert answer.session is not None
    user = answer.user
    assert (user.email, user.role, user.aud, user.is_anonymous) == (email, "authenticated", "authenticated", False)
    assert user.email_confirmed_at is not None
    assert user.app_metadata == {"provider": "email", "providers": ["email"]}
    assert user.user_metadata["name"] == "Ada"
    assert user.user_metadata["email_verified"] is True
    [identity] = user.identities
    assert (identity.provider, identity.id, identity.identity_data["email"]) == ("email", user.id, email)
    [row] = auth.sql("select role, raw_app_meta_data, encrypted_password from auth.users where id = %s", user.id)
    assert row[:2] == ("authenticated", {"provider": "email", "providers": ["email"]})
    assert row[2].startswith("$2")


def test_access_token_carries_every_claim_and_verifies_with_the_published_keys(auth: AuthHost, email: str) -> None:
    before = int(time.time())
    session = auth.client().sign_up({"email": email, "password": PASSWORD}).session

    published = jwt.PyJWKSet.from_dict(auth.call("GET", "/.well-known/jwks.json").json())
    claims = jwt.decode(
        session.access_token,
        published[auth.keys.signing_key["kid"]],
        algorithms=["ES256"],
        audience="authenticated",
        issuer="http://127.0.0.1:54321/auth/v1",
    )
    assert jwt.get_unverified_header(session.access_token) == {
        "alg": "ES256",
        "typ": "JWT",
        "kid": auth.keys.signing_key["kid"],
    }
    assert set(claims) == {
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "email",
        "phone",
        "app_metadata",
        "user_metadata",
        "role",
        "aal",
        "amr",
        "session_id",
        "is_anonymous",
    }
    assert (claims["sub"], claims["email"], claims["role"]) == (session.user.id, email, "authenticated")
    assert (claims["aal"], claims["phone"], claims["is_anonymous"]) == ("aal1", "", False)
    assert claims["app_metadata"] == session.user.app_metadata
    assert claims["user_metadata"] == session.user.user_metadata
    assert claims["amr"][0]["method"] == "password"
    assert before <= claims["iat"] <= claims["amr"][0]["timestamp"] + 1
    assert claims["exp"] == claims["iat"] + 3600 == session.expires_at
    assert auth.sql("select user_id::text, aal::text from auth.sessions where id = %s", claims["session_id"]) == [
        (session.user.id, "aal1")
    ]


def test_published_keys_hold_no_private_part(auth: AuthHost) -> None:
    answer = auth.call("GET", "/.well-known/jwks.json")

    assert answer.headers["cache-control"] == "public, max-age=600"
    [key] = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use", "key_ops", "ext"}


def test_sign_in_with_the_password_and_read_the_person(auth: AuthHost, email: str) -> None:
    signed_up = auth.client().sign_up({"email": email, "password": PASSWORD})
    client = auth.client()

    signed_in = client.sign_in_with_password({"email": email.title(), "password": PASSWORD})

    assert signed_in.user.id == signed_up.user.id
    assert signed_in.session.access_token != signed_up.session.access_token
    assert client.get_user().user.email == email
    assert client.get_claims()["claims"]["sub"] == signed_in.user.id


async def test_the_asynchronous_client_signs_up_in_and_out(auth: AuthHost, email: str) -> None:
    async with auth.async_client() as client:
        await client.sign_up({"email": email, "password": PASSWORD})
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        token = (await client.get_session()).access_token
        updated = await client.update_user({"data": {"name": "Grace"}})
        await client.sign_out()

        assert updated.user.user_metadata["name"] == "Grace"
        assert await client.get_session() is None
        with pytest.raises(AuthApiError) as refused:
            await client.get_user(token)
    assert (refused.value.code, refused.value.status) == ("session_not_found", 403)


def test_a_taken_address_is_refused(auth: AuthHost, email: str) -> None:
    auth.client().sign_up({"email": email, "password": PASSWORD})

    with pytest.raises(AuthApiError) as refused:
        auth.client().sign_up({"email": email, "password": "another password"})

    assert (refused.value.code, refused.value.status) == ("user_already_exists", 422)
    assert refused.value.message == "User already registered"
    assert auth.client().sign_in_with_password({"email": email, "password": PASSWORD}).session is not None


async def test_of_many_sign_ups_with_one_address_at_once_one_stands(auth: AuthHost, email: str) -> None:
    async def sign_up() -> str:
        async with auth.async_client() as client:
            try:
                return (await client.sign_up({"email": email, "password": PASSWORD})).user.id
            except AuthApiError as error:
                return str(error.code)

    answers = await asyncio.gather(*(sign_up() for _ in range(8)))

    assert answers.count("user_already_exists") == 7
    assert auth.sql("select count(*) from auth.users where email = %s", email) == [(1,)]
    assert auth.sql("select count(*) from auth.identities where email = %s", email) == [(1,)]


def test_weak_passwords_are_refused_with_their_reason(auth: AuthHost, email: str) -> None:
    with pytest.raises(AuthWeakPasswordError) as refused:
        auth.client().sign_up({"email": email, "password": "short"})
    assert refused.value.reasons == ["length"]
    assert auth.sql("select count(*) from auth.users where email = %s", email) == [(0,)]

    with pytest.raises(AuthApiError) as too_long:
        auth.client().sign_up({"email": email, "password": "x" * 73})
    assert (too_long.value.code, too_long.value.status) == ("validation_failed", 400)


def test_wrong_passwords_and_unknown_addresses_get_the_same_answer(auth: AuthHost, email: str) -> None:
    auth.client().sign_up({"email": email, "password": PASSWORD})

    for address, password in ((email, "wrong password"), ("nobody@example.com", PASSWORD), (email, "")):
        answer = auth.call("POST", "/token?grant_type=password", json={"email": address, "password": password})
        assert (answer.status_code, answer.json()) == (
            400,
            {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"},
        )


def test_malformed_addresses_are_refused(auth: AuthHost) -> None:
    for address in ("not-an-address", "two@@example.com", "a b@example.com", f"{'x' * 250}@example.com"):
        with pytest.raises(AuthApiError) as refused:
            auth.client().sign_up({"email": address, "password": PASSWORD})
        assert (refused.value.code, refused.value.status) == ("validation_failed", 400)


def test_anonymous_people_sign_in_and_become_known(auth: AuthHost, email: str) -> None:
    client = auth.client()
    anonymous = client.sign_in_anonymously({"options": {"data": {"lang": "en"}}})
    claims = client.get_claims()["claims"]
    assert (claims["is_anonymous"], claims["email"], claims["role"]) == (True, "", "authenticated")
    assert claims["amr"][0]["method"] == "anonymous"
    assert anonymous.user.identities == []
    with pytest.raises(AuthApiError) as refused:
        client.update_user({"password": PASSWORD})
    assert (refused.value.code, refused.value.status) == ("validation_failed", 422)

    known = client.update_user({"email": email, "password": PASSWORD}).user

    assert (known.id, known.email, known.is_anonymous) == (anonymous.user.id, email, False)
    assert [identity.provider for identity in known.identities] == ["email"]
    assert auth.client().sign_in_with_password({"email": email, "password": PASSWORD}).user.id == known.id


def test_sign_up_can_be_closed(strict_auth: AuthHost, email: str) -> None:
    with pytest.raises(AuthApiError) as closed:
        strict_auth.client().sign_up({"email": email, "password": PASSWORD})
    assert (closed.value.code, closed.value.status) == ("signup_disabled", 422)


def test_anonymous_sign_in_can_be_closed(start_auth: StartAuth, auth_dsn: Dsn) -> None:
    closed = start_auth(auth_dsn, anonymous_enabled=False)
    with pytest.raises(AuthApiError) as refused:
        closed.client().sign_in_anonymously()
    assert (refused.value.code, refused.value.status) == ("anonymous_provider_disabled", 422)


def test_a_trigger_that_refuses_a_person_leaves_nothing_behind(
    baseline_dsn: MakeDatabase, start_auth: StartAuth, email: str
) -> None:
    host = start_auth(baseline_dsn("auth_trigger_tests"))
    host.sql("""
        create function public.refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no one today'; end $$;
        create trigger refuse after insert on auth.users for each row execute function public.refuse();
    """)

    with pytest.raises(AuthApiError) as refused:
        host.client().sign_up({"email": email, "password": PASSWORD})

    assert (refused.value.code, refused.value.status) == ("unexpected_failure", 500)
    assert refused.value.message == "Database error saving new user"
    assert host.sql("select count(*) from auth.users") == [(0,)]
