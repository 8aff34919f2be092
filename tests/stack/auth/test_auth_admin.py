"""Administration with the secret key, through the official client and bare requests."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import bcrypt
import pytest
from supabase_auth.errors import AuthApiError

from stack.auth.harness import AuthHost, MakeDatabase, StartAuth

PASSWORD = "correct horse battery"


def _code(error: pytest.ExceptionInfo[AuthApiError]) -> tuple[str | None, int]:
    return error.value.code, error.value.status


def test_an_administrator_creates_reads_changes_and_deletes_a_person(auth: AuthHost, email: str) -> None:
    admin = auth.admin().admin
    created = admin.create_user(
        {
            "email": email.upper(),
            "password": PASSWORD,
            "email_confirm": True,
            "user_metadata": {"name": "Ada"},
            "app_metadata": {"team": "readers"},
        }
    ).user
    assert (created.email, created.role) == (email, "authenticated")
    assert created.app_metadata == {"provider": "email", "providers": ["email"], "team": "readers"}
    assert created.user_metadata == {"name": "Ada", "email_verified": True}
    assert auth.client().sign_in_with_password({"email": email, "password": PASSWORD}).user.id == created.id

    changed = admin.update_user_by_id(
        created.id,
        {
            "email": f"new-{email}",
            "email_confirm": True,
            "user_metadata": {"name": None, "age": 36},
            "app_metadata": {"team": None},
        },
    ).user
    assert changed.email == f"new-{email}"
    assert changed.user_metadata == {"age": 36, "email_verified": True}
    assert "team" not in changed.app_metadata
    assert changed.identities[0].identity_data["email"] == f"new-{email}"
    assert admin.get_user_by_id(created.id).user == changed

    admin.delete_user(created.id)
    with pytest.raises(AuthApiError) as gone:
        admin.get_user_by_id(created.id)
    assert _code(gone) == ("user_not_found", 404)
    assert auth.sql("select count(*) from auth.identities where user_id = %s", created.id) == [(0,)]


def test_a_person_created_without_confirmation_does_not_sign_in(auth: AuthHost, email: str) -> None:
    auth.admin().admin.create_user({"email": email, "password": PASSWORD})

    with pytest.raises(AuthApiError) as refused:
        auth.client().sign_in_with_password({"email": email, "password": PASSWORD})

    assert _code(refused) == ("email_not_confirmed", 400)


def test_a_sign_up_never_takes_over_an_unconfirmed_person(auth: AuthHost, email: str) -> None:
    auth.admin().admin.create_user({"email": email, "password": PASSWORD})

    with pytest.raises(AuthApiError) as refused:
        auth.client().sign_up({"email": email, "password": "another password"})

    assert _code(refused) == ("user_already_exists", 422)


def test_a_person_is_created_with_a_chosen_id_and_an_existing_hash(auth: AuthHost, email: str) -> None:
    chosen = str(uuid4())
    password_hash = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    created = (
        auth.admin()
        .admin.create_user({"id": chosen, "email": email, "password_hash": password_hash, "email_confirm": True})
        .user
    )

    assert created.id == chosen
    assert auth.client().sign_in_with_password({"email": email, "password": PASSWORD}).user.id == chosen


def test_taken_addresses_and_malformed_bodies_are_refused(auth: AuthHost, email: str) -> None:
    admin = auth.admin().admin
    other = admin.create_user({"email": f"other-{email}"}).user
    admin.create_user({"email": email})

    def refused(call: Callable[[], object]) -> tuple[str | None, int]:
        with pytest.raises(AuthApiError) as error:
            call()
        return _code(error)

    assert refused(lambda: admin.create_user({"email": email})) == ("email_exists", 422)
    assert refused(lambda: admin.update_user_by_id(other.id, {"email": email})) == ("email_exists", 422)
    assert refused(lambda: admin.create_user({"password": PASSWORD})) == ("validation_failed", 400)
    assert refused(lambda: admin.create_user({"id": "seven", "email": f"x-{email}"})) == ("validation_failed", 400)
    assert refused(lambda: admin.create_user({"email": f"x-{email}", "ban_duration": "soon"})) == (
        "validation_failed",
        400,
    )
    assert refused(lambda: admin.create_user({"email": f"x-{email}", "password_hash": "plain"})) == (
        "validation_failed",
        400,
    )
    assert refused(lambda: admin.get_user_by_id(str(uuid4()))) == ("user_not_found", 404)
    assert auth.sql("select count(*) from auth.users where email = %s", f"x-{email}") == [(0,)]


def test_a_ban_closes_every_door_and_can_be_lifted(auth: AuthHost, email: str) -> None:
    client = auth.client()
    session = client.sign_up({"email": email, "password": PASSWORD}).session
    client.sign_in_with_otp({"email": email})
    code = auth.mails(email)[0]["token"]
    admin = auth.admin().admin
    banned = admin.update_user_by_id(session.user.id, {"ban_duration": "1h30m"}).user
    assert banned.banned_until is not None

    def refused(call: Callable[[], object]) -> tuple[str | None, int]:
        with pytest.raises(AuthApiError) as error:
            call()
        return _code(error)

    assert refused(lambda: client.sign_in_with_password({"email": email, "password": PASSWORD})) == (
        "user_banned",
        400,
    )
    assert refused(lambda: client.refresh_session(session.refresh_token)) == ("user_banned", 400)
    assert refused(lambda: client.verify_otp({"email": email, "token": code, "type": "email"})) == (
        "user_banned",
        403,
    )

    lifted = admin.update_user_by_id(session.user.id, {"ban_duration": "none"}).user
    assert lifted.banned_until is None
    assert client.refresh_session(session.refresh_token).session is not None


def test_a_password_set_by_an_administrator_signs_out_every_device(auth: AuthHost, email: str) -> None:
    client = auth.client()
    session = client.sign_up({"email": email, "password": PASSWORD}).session

    auth.admin().admin.update_user_by_id(session.user.id, {"password": "a better password"})

    with pytest.raises(AuthApiError) as signed_out:
        client.refresh_session()
    assert signed_out.value.code == "refresh_token_not_found"
    assert auth.client().sign_in_with_password({"email": email, "password": "a better password"}).session


def test_a_soft_deleted_person_is_gone_and_leaves_the_address_free(auth: AuthHost, email: str) -> None:
    client = auth.client()
    session = client.sign_up({"email": email, "password": PASSWORD}).session
    admin = auth.admin().admin

    admin.delete_user(session.user.id, should_soft_delete=True)

    kept = admin.get_user_by_id(session.user.id).user
    assert kept.deleted_at is not None
    assert email not in kept.model_dump_json()
    with pytest.raises(AuthApiError) as refused:
        client.refresh_session()
    assert refused.value.code == "refresh_token_not_found"
    assert auth.client().sign_up({"email": email, "password": PASSWORD}).user.id != session.user.id


def test_people_are_listed_in_pages_that_say_how_many_there_are(
    baseline_dsn: MakeDatabase, start_auth: StartAuth
) -> None:
    host = start_auth(baseline_dsn("auth_list_tests"))
    admin = host.admin().admin
    made = [admin.create_user({"email": f"person-{n}@example.com"}).user.email for n in range(5)]

    assert [user.email for user in admin.list_users()] == made[::-1]
    assert [user.email for user in admin.list_users(page=2, per_page=2)] == made[::-1][2:4]
    answer = host.call("GET", "/admin/users?page=1&per_page=2", token=host.keys.service_role_key)
    assert (answer.headers["x-total-count"], answer.json()["aud"]) == ("5", "authenticated")
    links = dict(reversed(link.strip().split("; ")) for link in answer.headers["link"].split(","))
    assert links == {
        'rel="next"': "</admin/users?page=2&per_page=2>",
        'rel="last"': "</admin/users?page=3&per_page=2>",
    }
    last = host.call("GET", "/admin/users?page=3&per_page=2", token=host.keys.service_role_key)
    assert len(last.json()["users"]) == 1
    assert 'rel="next"' not in last.headers["link"]
    found = host.call("GET", "/admin/users?filter=person-3", token=host.keys.service_role_key)
    assert [user["email"] for user in found.json()["users"]] == ["person-3@example.com"]
    nobody = host.call("GET", "/admin/users?filter=%25", token=host.keys.service_role_key)
    assert nobody.json()["users"] == []
    for query in ("page=-1", "per_page=0", "per_page=many"):
        answer = host.call("GET", f"/admin/users?{query}", token=host.keys.service_role_key)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")


@pytest.mark.parametrize("kind", ["magiclink", "recovery", "invite", "signup"])
def test_a_generated_link_signs_in_once(auth: AuthHost, email: str, kind: str) -> None:
    admin = auth.admin().admin
    if kind in ("magiclink", "recovery"):
        admin.create_user({"email": email, "email_confirm": True})
    parameters = {"type": kind, "email": email, "options": {"data": {"name": "Ada"}}}
    if kind == "signup":
        parameters["password"] = PASSWORD
    link = admin.generate_link(parameters)

    assert link.properties.verification_type == kind
    assert parse_qs(urlsplit(link.properties.action_link).query)["token"] == [link.properties.hashed_token]
    assert auth.mails(email) == []
    by_hash = {"token_hash": link.properties.hashed_token, "type": kind}
    signed_in = auth.client().verify_otp(by_hash)
    assert signed_in.user.id == link.user.id
    with pytest.raises(AuthApiError) as spent:
        auth.client().verify_otp(by_hash)
    assert _code(spent) == ("otp_expired", 403)


def test_a_generated_code_signs_in(auth: AuthHost, email: str) -> None:
    link = auth.admin().admin.generate_link({"type": "magiclink", "email": email})

    assert link.properties.verification_type == "signup"
    signed_in = auth.client().verify_otp({"email": email, "token": link.properties.email_otp, "type": "email"})
    assert signed_in.user.email_confirmed_at is not None


def test_links_for_nobody_or_for_a_taken_address_are_refused(auth: AuthHost, email: str) -> None:
    admin = auth.admin().admin
    with pytest.raises(AuthApiError) as nobody:
        admin.generate_link({"type": "recovery", "email": email})
    assert _code(nobody) == ("user_not_found", 404)
    admin.create_user({"email": email, "email_confirm": True})
    with pytest.raises(AuthApiError) as taken:
        admin.generate_link({"type": "invite", "email": email})
    assert _code(taken) == ("email_exists", 422)
    with pytest.raises(AuthApiError) as unknown:
        admin.generate_link({"type": "carrier-pigeon", "email": email})
    assert _code(unknown) == ("validation_failed", 400)


def test_a_generated_link_changes_an_email(auth: AuthHost, email: str) -> None:
    admin = auth.admin().admin
    admin.create_user({"email": email, "email_confirm": True})

    link = admin.generate_link({"type": "email_change_new", "email": email, "new_email": f"new-{email}"})
    changed = auth.client().verify_otp({"token_hash": link.properties.hashed_token, "type": "email_change"})

    assert changed.user.email == f"new-{email}"


def test_an_invitation_arrives_by_mail_and_makes_a_person(auth: AuthHost, email: str) -> None:
    invited = auth.admin().admin.invite_user_by_email(email, {"data": {"name": "Ada"}}).user
    assert invited.invited_at is not None
    [mail] = auth.mails(email)
    assert mail["kind"] == "invite"

    client = auth.client()
    joined = client.verify_otp({"email": email, "token": mail["token"], "type": "invite"})
    client.update_user({"password": PASSWORD})

    assert (joined.user.id, joined.user.user_metadata["name"]) == (invited.id, "Ada")
    assert auth.client().sign_in_with_password({"email": email, "password": PASSWORD}).session


def test_only_the_secret_key_administers(auth: AuthHost, email: str) -> None:
    session = auth.client().sign_up({"email": email, "password": PASSWORD}).session
    paths = [
        ("GET", "/admin/users"),
        ("POST", "/admin/users"),
        ("GET", f"/admin/users/{session.user.id}"),
        ("PUT", f"/admin/users/{session.user.id}"),
        ("DELETE", f"/admin/users/{session.user.id}"),
        ("POST", "/admin/generate_link"),
        ("POST", "/invite"),
    ]
    for method, path in paths:
        for token in (session.access_token, auth.keys.anon_key):
            answer = auth.call(method, path, token=token)
            assert (answer.status_code, answer.json()["error_code"]) == (403, "not_admin"), path
        missing = auth.call(method, path)
        assert (missing.status_code, missing.json()["error_code"]) == (401, "no_authorization"), path
    assert auth.client().sign_in_with_password({"email": email, "password": PASSWORD}).user.id == session.user.id


def test_a_person_cannot_make_themselves_more(auth: AuthHost, email: str) -> None:
    client = auth.client()
    session = client.sign_up({"email": email, "password": PASSWORD}).session

    answer = auth.call(
        "PUT", "/user", token=session.access_token, json={"app_metadata": {"admin": True}, "role": "service_role"}
    )
    assert (answer.status_code, answer.json()["error_code"]) == (403, "not_admin")
    answer = auth.call("PUT", "/user", token=session.access_token, json={"role": "service_role"})
    assert answer.json()["role"] == "authenticated"
