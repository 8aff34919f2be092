"""Codes and links that arrive by mail, read from the mailbox as a person would."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from supabase_auth.errors import AuthApiError

from stack.auth.harness import AuthHost, Dsn, StartAuth
from stack.auth.mailbox import Mail, Mailbox

PASSWORD = "correct horse battery"
SITE = "http://127.0.0.1:3000"


def _follow(host: AuthHost, link: str) -> tuple[str, dict[str, list[str]], dict[str, list[str]]]:
    """Follow a mailed link past the gateway's prefix; the answer is where it leads."""
    parts = urlsplit(link)
    assert parts.path == "/auth/v1/verify"
    answer = host.call("GET", f"/verify?{parts.query}")
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    return f"{target.scheme}://{target.netloc}{target.path}", parse_qs(target.query), parse_qs(target.fragment)


def test_recovery_by_code_lets_a_person_set_a_new_password(auth: AuthHost, email: str) -> None:
    elsewhere = auth.client()
    elsewhere.sign_up({"email": email, "password": PASSWORD})
    client = auth.client()
    client.reset_password_for_email(email)
    [mail] = auth.mails(email)
    assert (mail["kind"], len(mail["token"]), mail["token"].isdigit()) == ("recovery", 6, True)
    assert mail["token"] in mail["text"]

    recovered = client.verify_otp({"email": email, "token": mail["token"], "type": "recovery"})
    client.update_user({"password": "a better password"})

    assert recovered.session is not None
    assert client.get_claims()["claims"]["amr"][0]["method"] == "otp"
    assert auth.client().sign_in_with_password({"email": email, "password": "a better password"}).session
    with pytest.raises(AuthApiError) as old_password:
        auth.client().sign_in_with_password({"email": email, "password": PASSWORD})
    assert old_password.value.code == "invalid_credentials"
    with pytest.raises(AuthApiError) as signed_out:
        elsewhere.refresh_session()
    assert signed_out.value.code == "refresh_token_not_found"


def test_recovery_keeps_secret_which_addresses_exist(auth: AuthHost) -> None:
    answer = auth.call("POST", "/recover", json={"email": "nobody-at-all@example.com"})

    assert (answer.status_code, answer.json()) == (200, {})
    assert auth.mails("nobody-at-all@example.com") == []


def test_the_new_password_must_differ(auth: AuthHost, email: str) -> None:
    client = auth.client()
    client.sign_up({"email": email, "password": PASSWORD})

    with pytest.raises(AuthApiError) as same:
        client.update_user({"password": PASSWORD})

    assert (same.value.code, same.value.status) == ("same_password", 422)


def test_sign_in_by_code_creates_the_person_once(auth: AuthHost, email: str) -> None:
    client = auth.client()
    client.sign_in_with_otp({"email": email, "options": {"data": {"name": "Ada"}}})
    first = client.verify_otp({"email": email, "token": auth.mails(email)[0]["token"], "type": "email"})
    client.sign_in_with_otp({"email": email})
    second = client.verify_otp({"email": email, "token": auth.mails(email)[0]["token"], "type": "email"})

    assert first.user.id == second.user.id
    assert first.user.user_metadata["name"] == "Ada"
    assert [mail["kind"] for mail in auth.mails(email)] == ["magiclink", "magiclink"]


def test_sign_in_by_code_can_be_kept_to_known_people(auth: AuthHost, email: str) -> None:
    with pytest.raises(AuthApiError) as unknown:
        auth.client().sign_in_with_otp({"email": email, "options": {"should_create_user": False}})

    assert (unknown.value.code, unknown.value.status) == ("otp_disabled", 422)
    assert auth.mails(email) == []


def test_codes_are_spent_once_and_only_the_latest_counts(auth: AuthHost, email: str) -> None:
    client = auth.client()
    client.sign_up({"email": email, "password": PASSWORD})
    client.sign_in_with_otp({"email": email})
    client.sign_in_with_otp({"email": email})
    latest, earlier = (mail["token"] for mail in auth.mails(email))

    def refused(code: str) -> tuple[str | None, int, str]:
        with pytest.raises(AuthApiError) as error:
            client.verify_otp({"email": email, "token": code, "type": "email"})
        return error.value.code, error.value.status, error.value.message

    expired = ("otp_expired", 403, "Token has expired or is invalid")
    if earlier != latest:
        assert refused(earlier) == expired
    assert client.verify_otp({"email": email, "token": latest, "type": "email"}).session is not None
    assert refused(latest) == expired


async def test_a_code_used_many_times_at_once_counts_once(auth: AuthHost, email: str) -> None:
    auth.client().sign_up({"email": email, "password": PASSWORD})
    auth.client().sign_in_with_otp({"email": email})
    code = auth.mails(email)[0]["token"]

    async def verify() -> str | None:
        async with auth.async_client() as client:
            try:
                await client.verify_otp({"email": email, "token": code, "type": "email"})
            except AuthApiError as error:
                return error.code
            return "signed in"

    answers = await asyncio.gather(*(verify() for _ in range(8)))

    assert sorted(answers) == ["otp_expired"] * 7 + ["signed in"]


def test_codes_expire(auth: AuthHost, strict_auth: AuthHost, email: str) -> None:
    auth.client().sign_up({"email": email, "password": PASSWORD})
    auth.client().sign_in_with_otp({"email": email})
    auth.sql("update auth.users set recovery_sent_at = now() - interval '2 s' where email = %s", email)

    with pytest.raises(AuthApiError) as late:
        strict_auth.client().verify_otp({"email": email, "token": auth.mails(email)[0]["token"], "type": "email"})

    assert late.value.code == "otp_expired"


def test_a_magic_link_leads_to_the_site_with_tokens_in_the_fragment(auth: AuthHost, email: str) -> None:
    client = auth.client()
    client.sign_up({"email": email, "password": PASSWORD})
    client.sign_in_with_otp({"email": email, "options": {"email_redirect_to": f"{SITE}/welcome"}})
    link = auth.mails(email)[0]["link"]

    place, query, fragment = _follow(auth, link)

    assert (place, query) == (f"{SITE}/welcome", {})
    assert fragment["type"] == ["magiclink"]
    assert fragment["token_type"] == ["bearer"]
    session = auth.client().set_session(fragment["access_token"][0], fragment["refresh_token"][0])
    assert session.user.email == email

    place, _, again = _follow(auth, link)
    assert place == f"{SITE}/welcome"
    assert again["error_code"] == ["otp_expired"]
    assert again["error"] == ["access_denied"]


def test_links_lead_nowhere_but_to_the_site(auth: AuthHost, email: str) -> None:
    auth.client().sign_in_with_otp({"email": email, "options": {"email_redirect_to": "https://evil.example/"}})

    place, _, fragment = _follow(auth, auth.mails(email)[0]["link"])

    assert place == SITE
    assert "access_token" in fragment


def test_a_pkce_link_is_worth_something_only_to_the_device_that_asked(auth: AuthHost, email: str) -> None:
    client = auth.client("pkce")
    client.sign_up({"email": email, "password": PASSWORD})
    client.sign_in_with_otp({"email": email})
    place, query, fragment = _follow(auth, auth.mails(email)[0]["link"])
    assert (place, fragment) == (SITE, {})
    [code] = query["code"]

    stolen = auth.call("POST", "/token?grant_type=pkce", json={"auth_code": code, "code_verifier": "a" * 43})
    assert (stolen.status_code, stolen.json()["error_code"]) == (400, "bad_code_verifier")

    signed_in = client.exchange_code_for_session({"auth_code": code})
    assert signed_in.user.email == email
    assert client.get_claims()["claims"]["amr"][0]["method"] == "magiclink"
    again = auth.call("POST", "/token?grant_type=pkce", json={"auth_code": code, "code_verifier": "a" * 43})
    assert (again.status_code, again.json()["error_code"]) == (404, "flow_state_not_found")


def test_a_pkce_code_expires(auth: AuthHost, strict_auth: AuthHost, email: str) -> None:
    client = auth.client("pkce")
    client.sign_up({"email": email, "password": PASSWORD})
    client.reset_password_for_email(email)
    _, query, _ = _follow(auth, auth.mails(email)[0]["link"])
    auth.sql(
        "update auth.flow_state set auth_code_issued_at = now() - interval '2 s' where auth_code = %s", query["code"][0]
    )

    late = strict_auth.call(
        "POST", "/token?grant_type=pkce", json={"auth_code": query["code"][0], "code_verifier": "a" * 43}
    )

    assert (late.status_code, late.json()["error_code"]) == (403, "flow_state_expired")


def test_a_code_asked_for_with_pkce_can_be_typed_too(auth: AuthHost, email: str) -> None:
    client = auth.client("pkce")
    client.sign_in_with_otp({"email": email})

    typed = client.verify_otp({"email": email, "token": auth.mails(email)[0]["token"], "type": "email"})

    assert typed.session is not None


def test_where_mails_confirm_nobody_signs_in_before(confirming_auth: AuthHost, email: str) -> None:
    client = confirming_auth.client()
    signed_up = client.sign_up({"email": email, "password": PASSWORD})
    assert signed_up.session is None
    assert signed_up.user.email_confirmed_at is None
    assert signed_up.user.confirmation_sent_at is not None

    with pytest.raises(AuthApiError) as early:
        client.sign_in_with_password({"email": email, "password": PASSWORD})
    assert (early.value.code, early.value.status, early.value.message) == (
        "email_not_confirmed",
        400,
        "Email not confirmed",
    )
    client.resend({"type": "signup", "email": email})
    latest, first = confirming_auth.mails(email)
    assert (latest["kind"], first["kind"]) == ("signup", "signup")

    confirmed = client.verify_otp({"email": email, "token": latest["token"], "type": "signup"})

    assert confirmed.user.email_confirmed_at is not None
    assert confirmed.user.identities[0].identity_data["email_verified"] is True
    assert client.sign_in_with_password({"email": email, "password": PASSWORD}).session is not None


def test_where_mails_confirm_a_second_sign_up_learns_nothing(confirming_auth: AuthHost, email: str) -> None:
    client = confirming_auth.client()
    known = client.sign_up({"email": email, "password": PASSWORD}).user
    client.verify_otp({"email": email, "token": confirming_auth.mails(email)[0]["token"], "type": "signup"})

    decoy = confirming_auth.client().sign_up({"email": email, "password": "another password"})

    assert (decoy.session, decoy.user.email, decoy.user.identities) == (None, email, [])
    assert decoy.user.id != known.id
    assert len(confirming_auth.mails(email)) == 1


def test_a_change_of_email_needs_both_addresses_where_mails_confirm(confirming_auth: AuthHost, email: str) -> None:
    new = f"new-{email}"
    client = confirming_auth.client()
    client.sign_up({"email": email, "password": PASSWORD})
    client.verify_otp({"email": email, "token": confirming_auth.mails(email)[0]["token"], "type": "signup"})

    pending = client.update_user({"email": new}).user
    assert (pending.email, pending.new_email) == (email, new)
    [to_new], [to_old, _] = confirming_auth.mails(new), confirming_auth.mails(email)
    half = client.verify_otp({"email": new, "token": to_new["token"], "type": "email_change"})
    assert half.session is None
    assert client.get_user().user.email == email
    whole = client.verify_otp({"email": email, "token": to_old["token"], "type": "email_change"})

    assert whole.user.email == new
    assert whole.user.new_email is None
    assert whole.user.identities[0].identity_data["email"] == new
    assert confirming_auth.client().sign_in_with_password({"email": new, "password": PASSWORD}).session


def test_a_change_of_email_to_a_taken_address_is_refused(auth: AuthHost, email: str) -> None:
    auth.client().sign_up({"email": f"taken-{email}", "password": PASSWORD})
    client = auth.client()
    client.sign_up({"email": email, "password": PASSWORD})

    with pytest.raises(AuthApiError) as taken:
        client.update_user({"email": f"taken-{email}"})

    assert (taken.value.code, taken.value.status) == ("email_exists", 422)


def test_an_address_taken_while_the_change_was_pending_is_refused(auth: AuthHost, email: str) -> None:
    client = auth.client()
    client.sign_up({"email": email, "password": PASSWORD})
    client.update_user({"email": f"wanted-{email}"})
    auth.client().sign_up({"email": f"wanted-{email}", "password": PASSWORD})

    code = auth.mails(f"wanted-{email}")[0]["token"]

    with pytest.raises(AuthApiError) as taken:
        client.verify_otp({"email": f"wanted-{email}", "token": code, "type": "email_change"})

    assert taken.value.code == "email_exists"
    assert client.get_user().user.email == email


def test_a_new_password_on_an_old_device_needs_a_mailed_code(start_auth: StartAuth, auth_dsn: Dsn, email: str) -> None:
    host = start_auth(auth_dsn, password_reauthentication=True)
    client = host.client()
    user = client.sign_up({"email": email, "password": PASSWORD}).user
    host.sql("update auth.sessions set created_at = now() - interval '25 h' where user_id = %s", user.id)

    def refused(**attributes: str) -> str | None:
        with pytest.raises(AuthApiError) as error:
            client.update_user({"password": "a better password", **attributes})
        return error.value.code

    assert refused() == "reauthentication_needed"
    client.reauthenticate()
    [mail] = host.mails(email)
    assert (mail["kind"], mail["link"]) == ("reauthentication", "")
    assert refused(nonce="000000" if mail["token"] != "000000" else "111111") == "reauthentication_not_valid"
    client.update_user({"password": "a better password", "nonce": mail["token"]})
    assert host.client().sign_in_with_password({"email": email, "password": "a better password"}).session


def test_the_mailbox_is_a_page_for_people(auth: AuthHost, email: str) -> None:
    auth.client().sign_in_with_otp({"email": email})

    page = auth.call("GET", f"/mailbox?to={email}", headers={"Accept": "text/html"})

    assert page.headers["content-type"].startswith("text/html")
    assert auth.mails(email)[0]["token"] in page.text
    assert "<script" not in page.text


def test_the_mailbox_survives_a_restart_and_can_be_emptied(
    start_auth: StartAuth, auth_dsn: Dsn, email: str, tmp_path: Path
) -> None:
    first = start_auth(auth_dsn, mailbox_file=tmp_path / "mailbox")
    first.client().sign_in_with_otp({"email": email})

    # As a server killed while writing leaves it.
    with (tmp_path / "mailbox").open("a") as file:
        file.write('{"to": "half')

    second = start_auth(auth_dsn, mailbox_file=tmp_path / "mailbox")

    assert [mail["to"] for mail in second.mails(email)] == [email]
    assert second.call("DELETE", "/mailbox").status_code == 204
    assert second.mails(email) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"token": "123456", "email": "a@example.com"}, "Verify requires a verification type"),
        ({"type": "email", "email": "a@example.com"}, "Verify requires either a token or a token hash"),
        ({"type": "email", "token": "1", "token_hash": "2"}, "Verify requires either a token or a token hash"),
        ({"type": "nonsense", "token_hash": "2"}, "Invalid email verification type"),
        ({"type": "email", "token": "1"}, "Only an email address or phone number should be provided on verify"),
        ({"type": "email", "token_hash": "1", "email": "a@b.c"}, "Only the token_hash and type should be provided"),
    ],
)
def test_malformed_verifications_are_refused(auth: AuthHost, body: dict[str, object], message: str) -> None:
    answer = auth.call("POST", "/verify", json=body)

    assert (answer.status_code, answer.json()) == (
        400,
        {"code": 400, "error_code": "validation_failed", "msg": message},
    )


def test_a_pkce_code_of_a_deleted_person_is_worth_nothing(auth: AuthHost, email: str) -> None:
    client = auth.client("pkce")
    person = client.sign_up({"email": email, "password": PASSWORD}).user
    client.sign_in_with_otp({"email": email})
    _, query, _ = _follow(auth, auth.mails(email)[0]["link"])
    auth.admin().admin.delete_user(person.id)

    with pytest.raises(AuthApiError) as gone:
        client.exchange_code_for_session({"auth_code": query["code"][0]})

    assert (gone.value.code, gone.value.status) == ("flow_state_not_found", 404)


def test_the_mailbox_file_is_its_owners_alone(tmp_path: Path) -> None:
    place = tmp_path / "mailbox.json"
    mailbox = Mailbox(place)
    for _ in range(2):
        mailbox.deliver(Mail(to="a@x.test", kind="signup", subject="s", token="1", link=""))
        assert place.stat().st_mode & 0o077 == 0
        mailbox.empty()
