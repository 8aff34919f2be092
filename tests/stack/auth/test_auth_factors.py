"""Second factors: enrolment, challenges, codes, assurance levels, and what each refuses."""

import time

import jwt
import pyotp
import pytest
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError

from stack.auth.harness import AuthHost

PASSWORD = "correct horse battery"
NOBODYS = "0197a000-0000-4000-8000-0000000000a1"


def _signed_up(host: AuthHost, email: str) -> SyncGoTrueClient:
    client = host.client()
    client.sign_up({"email": email, "password": PASSWORD})
    return client


def _signed_in(host: AuthHost, email: str) -> SyncGoTrueClient:
    client = host.client()
    client.sign_in_with_password({"email": email, "password": PASSWORD})
    return client


def _enrolled(client: SyncGoTrueClient, name: str = "phone") -> tuple[str, pyotp.TOTP]:
    factor = client.mfa.enroll({"factor_type": "totp", "friendly_name": name})
    assert factor.totp is not None
    return factor.id, pyotp.TOTP(factor.totp.secret)


def _verified(client: SyncGoTrueClient, name: str = "phone") -> tuple[str, pyotp.TOTP]:
    factor_id, codes = _enrolled(client, name)
    client.mfa.challenge_and_verify({"factor_id": factor_id, "code": codes.now()})
    return factor_id, codes


def _wrong(codes: pyotp.TOTP) -> str:
    around = {codes.at(int(time.time()) + seconds) for seconds in (-60, -30, 0, 30, 60)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in around)


def _refusal(caught: pytest.ExceptionInfo[AuthApiError]) -> tuple[str | None, int]:
    return caught.value.code, caught.value.status


def _claims(client: SyncGoTrueClient) -> dict[str, object]:
    session = client.get_session()
    assert session is not None
    claims: dict[str, object] = jwt.decode(session.access_token, options={"verify_signature": False})
    return claims


def test_an_enrolment_shows_its_secret_once_as_text_address_and_picture(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)

    factor = client.mfa.enroll({"factor_type": "totp", "friendly_name": "phone", "issuer": "SoulSeer"})

    assert factor.totp is not None
    assert (factor.type, factor.friendly_name) == ("totp", "phone")
    parsed = pyotp.parse_uri(factor.totp.uri)
    assert (parsed.secret, parsed.issuer, parsed.name) == (factor.totp.secret, "SoulSeer", email)
    assert "<svg" in factor.totp.qr_code
    (listed,) = client.mfa.list_factors().all
    assert (listed.id, listed.status, listed.factor_type) == (factor.id, "unverified", "totp")
    assert factor.totp.secret not in client.get_user().model_dump_json()
    assert client.mfa.list_factors().totp == []


def test_without_an_issuer_the_site_is_it(auth: AuthHost, email: str) -> None:
    factor = _signed_up(auth, email).mfa.enroll({"factor_type": "totp"})
    assert factor.totp is not None
    assert pyotp.parse_uri(factor.totp.uri).issuer == "127.0.0.1:3000"


def test_a_code_lifts_the_device_to_aal2_and_a_renewal_keeps_it_there(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    before = client.mfa.get_authenticator_assurance_level()
    assert (before.current_level, before.next_level) == ("aal1", "aal1")

    _verified(client)

    lifted = client.mfa.get_authenticator_assurance_level()
    assert (lifted.current_level, lifted.next_level) == ("aal2", "aal2")
    assert {entry.method for entry in lifted.current_authentication_methods} == {"totp", "password"}
    device = _claims(client)["session_id"]
    client.refresh_session()
    assert (_claims(client)["aal"], _claims(client)["session_id"]) == ("aal2", device)
    assert {entry["method"] for entry in _claims(client)["amr"]} == {"totp", "password"}  # type: ignore[attr-defined]
    assert [factor.status for factor in client.mfa.list_factors().totp] == ["verified"]


def test_a_new_sign_in_starts_at_aal1_and_is_told_of_aal2(auth: AuthHost, email: str) -> None:
    _, codes = _verified(_signed_up(auth, email))

    client = _signed_in(auth, email)

    level = client.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal1", "aal2")
    factor = client.mfa.list_factors().totp[0]
    answer = client.mfa.challenge_and_verify({"factor_id": factor.id, "code": codes.now()})
    assert jwt.decode(answer.access_token, options={"verify_signature": False})["aal"] == "aal2"
    assert answer.user.factors is not None
    assert answer.user.factors[0].status == "verified"


def test_verifying_signs_out_devices_below_aal2_and_forgets_unfinished_factors(auth: AuthHost, email: str) -> None:
    elsewhere = _signed_up(auth, email)
    client = _signed_in(auth, email)
    _enrolled(client, "left unfinished")

    factor_id, _ = _verified(client)

    with pytest.raises(AuthApiError) as closed:
        elsewhere.get_user()
    assert closed.value.code == "session_not_found"
    assert [factor.id for factor in client.mfa.list_factors().all] == [factor_id]


def test_a_code_a_step_early_or_late_is_taken_and_an_older_one_is_not(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    factor_id, codes = _verified(client)

    for seconds in (-30, 30):
        client.mfa.challenge_and_verify({"factor_id": factor_id, "code": codes.at(int(time.time()) + seconds)})
    with pytest.raises(AuthApiError) as refused:
        client.mfa.challenge_and_verify({"factor_id": factor_id, "code": _wrong(codes)})
    assert _refusal(refused) == ("mfa_verification_failed", 422)


def test_a_wrong_code_leaves_everything_and_the_challenge_open(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    factor_id, codes = _enrolled(client)
    challenge = client.mfa.challenge({"factor_id": factor_id})
    assert challenge.expires_at > time.time()

    with pytest.raises(AuthApiError) as refused:
        client.mfa.verify({"factor_id": factor_id, "challenge_id": challenge.id, "code": _wrong(codes)})

    assert _refusal(refused) == ("mfa_verification_failed", 422)
    assert _claims(client)["aal"] == "aal1"
    assert client.mfa.list_factors().totp == []
    client.mfa.verify({"factor_id": factor_id, "challenge_id": challenge.id, "code": codes.now()})


def test_a_challenge_counts_once_and_only_for_its_factor_and_address(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    factor_id, codes = _enrolled(client)
    challenge = client.mfa.challenge({"factor_id": factor_id})
    token = client.get_session().access_token

    def answer(challenge_id: str, address: str = "") -> str:
        body = {"challenge_id": challenge_id, "code": codes.now()}
        headers = {"X-Forwarded-For": address} if address else {}
        sent = auth.call("POST", f"/factors/{factor_id}/verify", token=token, headers=headers, json=body)
        return str(sent.json().get("error_code", sent.status_code))

    assert answer(NOBODYS) == "mfa_factor_not_found"
    assert answer(challenge.id, "203.0.113.9") == "mfa_ip_address_mismatch"
    assert answer(challenge.id) == "200"
    assert answer(challenge.id) == "mfa_ip_address_mismatch"


def test_a_challenge_expires(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    factor_id, codes = _enrolled(client)
    challenge = client.mfa.challenge({"factor_id": factor_id})
    auth.sql("update auth.mfa_challenges set created_at = now() - interval '301 s' where id = %s", challenge.id)

    with pytest.raises(AuthApiError) as refused:
        client.mfa.verify({"factor_id": factor_id, "challenge_id": challenge.id, "code": codes.now()})

    assert _refusal(refused) == ("mfa_challenge_expired", 422)
    assert auth.sql("select 1 from auth.mfa_challenges where id = %s", challenge.id) == []


def test_a_factor_never_verified_is_forgotten(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    factor_id, _ = _enrolled(client, "phone")
    auth.sql("update auth.mfa_factors set created_at = now() - interval '301 s' where id = %s", factor_id)

    _enrolled(client, "phone")

    assert factor_id not in [factor.id for factor in client.mfa.list_factors().all]


def test_an_unenrolled_factor_takes_aal2_away(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    factor_id, _ = _verified(client)

    assert client.mfa.unenroll({"factor_id": factor_id}).id == factor_id

    client.refresh_session()
    assert _claims(client)["aal"] == "aal1"
    level = client.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal1", "aal1")
    assert client.mfa.list_factors().all == []


def test_a_device_at_aal1_changes_nothing_of_a_person_with_a_factor(auth: AuthHost, email: str) -> None:
    factor_id, _ = _verified(_signed_up(auth, email))
    client = _signed_in(auth, email)

    with pytest.raises(AuthApiError) as unenrolled:
        client.mfa.unenroll({"factor_id": factor_id})
    with pytest.raises(AuthApiError) as enrolled:
        client.mfa.enroll({"factor_type": "totp", "friendly_name": "another"})
    with pytest.raises(AuthApiError) as password:
        client.update_user({"password": "another password"})
    with pytest.raises(AuthApiError) as address:
        client.update_user({"email": f"new-{email}"})

    assert _refusal(unenrolled) == ("insufficient_aal", 422)
    assert _refusal(enrolled) == ("insufficient_aal", 403)
    assert _refusal(password) == ("insufficient_aal", 401)
    assert _refusal(address) == ("insufficient_aal", 401)
    client.update_user({"data": {"name": "Ada"}})


def test_enrolments_are_refused_by_name_number_and_kind(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    token = client.get_session().access_token

    def enrol(**body: str) -> tuple[int, str]:
        answer = auth.call("POST", "/factors", token=token, json=body)
        return answer.status_code, answer.json().get("error_code", "")

    assert enrol(factor_type="totp", friendly_name="1") == (200, "")
    assert enrol(factor_type="totp", friendly_name="1") == (422, "mfa_factor_name_conflict")
    assert enrol(factor_type="phone") == (422, "mfa_phone_enroll_not_enabled")
    assert enrol(factor_type="webauthn") == (422, "mfa_webauthn_enroll_not_enabled")
    assert enrol(factor_type="smoke") == (400, "validation_failed")
    for number in range(2, 11):
        assert enrol(factor_type="totp", friendly_name=str(number)) == (200, "")
    assert enrol(factor_type="totp", friendly_name="11") == (422, "too_many_enrolled_mfa_factors")


def test_a_factor_is_its_owners_alone(auth: AuthHost, email: str) -> None:
    factor_id, codes = _enrolled(_signed_up(auth, email))
    stranger = _signed_up(auth, f"other-{email}")
    token = stranger.get_session().access_token

    for method, path in (
        ("POST", f"/factors/{factor_id}/challenge"),
        ("POST", f"/factors/{factor_id}/verify"),
        ("DELETE", f"/factors/{factor_id}"),
    ):
        answer = auth.call(method, path, token=token, json={"challenge_id": NOBODYS, "code": codes.now()})
        assert (answer.status_code, answer.json()["error_code"]) == (404, "mfa_factor_not_found")
    answer = auth.call("DELETE", "/factors/not-an-id", token=token)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "validation_failed")
    assert auth.call("POST", "/factors", json={"factor_type": "totp"}).status_code == 401


def test_an_administrator_sees_and_removes_factors(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    factor_id, _ = _verified(client)
    person = client.get_user().user.id
    mfa = auth.admin().admin.mfa

    assert [factor.id for factor in mfa.list_factors({"user_id": person})] == [factor_id]
    assert mfa.delete_factor({"user_id": person, "id": factor_id}).id == factor_id
    assert mfa.list_factors({"user_id": person}) == []
    client.refresh_session()
    assert _claims(client)["aal"] == "aal1"
    answer = auth.call("GET", f"/admin/users/{person}/factors", token=client.get_session().access_token)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "not_admin")


def test_a_soft_deleted_person_keeps_no_factor(auth: AuthHost, email: str) -> None:
    client = _signed_up(auth, email)
    _verified(client)
    person = client.get_user().user.id

    auth.admin().admin.delete_user(person, should_soft_delete=True)

    assert auth.sql("select 1 from auth.mfa_factors where user_id = %s", person) == []
