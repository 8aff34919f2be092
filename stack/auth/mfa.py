"""Second factors by TOTP: `/factors` to enrol, challenge, verify and unenrol, and `/admin/users/<id>/factors`."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

import pyotp
import segno
from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.auth import factors, people
from stack.auth.devices import Device
from stack.auth.errors import AuthError, invalid, not_found
from stack.auth.factors import Factor, Question
from stack.auth.people import Connection, Person
from stack.auth.server import AuthServer, Body, caller, read_body, require_admin, signed_in

STEPS_OF_SKEW = 1
QR_SCALE = 3
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - what a challenge stores where the caller's address is unknown


class EnrolBody(Body):
    """Body of `POST /factors`."""

    factor_type: str | None = None
    friendly_name: str | None = None
    issuer: str | None = None
    phone: str | None = None


class VerifyFactorBody(Body):
    """Body of `POST /factors/<id>/verify`."""

    challenge_id: UUID | None = None
    code: str | None = None


async def enrol(request: Request) -> JSONResponse:
    """Begin a TOTP factor: secret, otpauth address and QR code, once; it counts after its first code."""
    server, (person, device) = AuthServer.of(request), await _device_of(request)
    body = await read_body(request, EnrolBody)
    if body.factor_type == "phone":
        raise AuthError(422, "mfa_phone_enroll_not_enabled", "MFA enroll is disabled for Phone")
    if body.factor_type == "webauthn":
        raise AuthError(422, "mfa_webauthn_enroll_not_enabled", "MFA enroll is disabled for WebAuthn")
    if body.factor_type != factors.TOTP:
        raise invalid("factor_type needs to be totp, phone, or webauthn")
    name = body.friendly_name or ""
    secret = pyotp.random_base32()
    async with server.pool.connection() as conn:
        await people.locked(conn, person.id)
        await factors.forget_unfinished(conn, timedelta(seconds=server.settings.factor_seconds))
        _refuse_enrolment(server, device, await factors.of_person(conn, person.id), name)
        factor_id = await factors.add_totp(conn, person.id, name, secret)
    uri = otpauth(body.issuer or urlsplit(server.settings.site_url).netloc, person.email or "", secret)
    return JSONResponse(
        {
            "id": str(factor_id),
            "type": factors.TOTP,
            "friendly_name": name,
            "totp": {"qr_code": qr_code(uri), "secret": secret, "uri": uri},
        }
    )


def _refuse_enrolment(server: AuthServer, device: Device, known: Sequence[Factor], name: str) -> None:
    """Refuse a factor too many, a name taken, and enrolment on a device that has not proved the factors there are.

    Raises:
        AuthError: mfa_factor_name_conflict, too_many_enrolled_mfa_factors, insufficient_aal.
    """
    if any((factor.friendly_name or "") == name for factor in known):
        message = f'A factor with the friendly name "{name}" for this user already exists'
        raise AuthError(422, "mfa_factor_name_conflict", message)
    if len(known) >= server.settings.max_factors:
        message = "Maximum number of verified factors reached, unenroll to continue"
        raise AuthError(422, "too_many_enrolled_mfa_factors", message)
    if any(factor.is_verified for factor in known) and device.aal != "aal2":
        raise AuthError(403, "insufficient_aal", "AAL2 required to enroll a new factor")


def otpauth(issuer: str, account: str, secret: str) -> str:
    """Write the address an authenticator reads: SHA-1, 6 digits, 30 seconds."""
    members = {"algorithm": "SHA1", "digits": "6", "issuer": issuer, "period": "30", "secret": secret}
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{urlencode(members)}"


def qr_code(text: str) -> str:
    """Draw a QR code as SVG text."""
    drawn = BytesIO()
    segno.make(text, error="h", micro=False).save(drawn, kind="svg", scale=QR_SCALE)
    return drawn.getvalue().decode()


async def challenge(request: Request) -> JSONResponse:
    """Open a challenge for a factor of the caller's."""
    server, (person, _device) = AuthServer.of(request), await _device_of(request)
    async with server.pool.connection() as conn:
        factor = await _factor(request, conn, person.id)
        challenge_id, made_at = await factors.ask(conn, factor.id, _address(request))
    expires = made_at + timedelta(seconds=server.settings.challenge_seconds)
    return JSONResponse({"id": str(challenge_id), "type": factor.factor_type, "expires_at": int(expires.timestamp())})


async def verify(request: Request) -> JSONResponse:
    """Take a code: the device is lifted to aal2 and gets new tokens; devices at aal1 are signed out."""
    server, (person, device) = AuthServer.of(request), await _device_of(request)
    body = await read_body(request, VerifyFactorBody)
    async with server.pool.connection() as conn:
        factor = await _factor(request, conn, person.id)
        if not body.code:
            raise invalid("Code needs to be non-empty")
        asked = None if body.challenge_id is None else await factors.question(conn, factor.id, body.challenge_id)
        await _refuse_answer(server, conn, asked, _address(request))
        if asked is None or not pyotp.TOTP(factor.secret or "").verify(body.code, valid_window=STEPS_OF_SKEW):
            raise AuthError(422, "mfa_verification_failed", "Invalid TOTP code entered")
        await factors.prove(conn, factor, asked.id)
        return JSONResponse(await server.tokens.lift(conn, person.id, device.id, factor.id))


async def _refuse_answer(server: AuthServer, conn: Connection, asked: Question | None, address: str) -> None:
    """Refuse an answer to a challenge that is not there, answered, somebody else's, or too old.

    Raises:
        AuthError: mfa_factor_not_found, mfa_ip_address_mismatch, mfa_challenge_expired.
    """
    if asked is None:
        message = "MFA factor with the provided challenge ID not found"
        raise AuthError(422, "mfa_factor_not_found", message)
    if asked.verified_at is not None or asked.ip_address != address:
        raise AuthError(422, "mfa_ip_address_mismatch", "Challenge and verify IP addresses mismatch.")
    if people.now() > asked.created_at + timedelta(seconds=server.settings.challenge_seconds):
        await factors.drop_question(conn, asked.id)
        await conn.commit()
        message = f"MFA challenge {asked.id} has expired, verify against another challenge or create a new challenge."
        raise AuthError(422, "mfa_challenge_expired", message)


async def unenrol(request: Request) -> JSONResponse:
    """Remove a factor of the caller's; a verified one only from a device at aal2."""
    person, device = await _device_of(request)
    async with AuthServer.of(request).pool.connection() as conn:
        factor = await _factor(request, conn, person.id)
        if factor.is_verified and device.aal != "aal2":
            raise AuthError(422, "insufficient_aal", "AAL2 required to unenroll verified factor")
        await factors.remove(conn, factor)
    return JSONResponse({"id": str(factor.id)})


async def list_factors(request: Request) -> JSONResponse:
    """Show an administrator a person's factors."""
    require_admin(request)
    async with AuthServer.of(request).pool.connection() as conn:
        found = await factors.of_person(conn, await _person_id(request, conn))
    return JSONResponse([factor.as_json() for factor in found])


async def delete_factor(request: Request) -> JSONResponse:
    """Remove a person's factor for an administrator, as for someone who lost their phone."""
    require_admin(request)
    async with AuthServer.of(request).pool.connection() as conn:
        factor = await _factor(request, conn, await _person_id(request, conn))
        await factors.remove(conn, factor)
    return JSONResponse(factor.as_json())


async def _device_of(request: Request) -> tuple[Person, Device]:
    """Find who calls, from a device: factors belong to a signed-in one.

    Raises:
        AuthError: as signed_in; bad_jwt for a token without a session.
    """
    who = await signed_in(request)
    if who.device is None:
        raise AuthError(403, "bad_jwt", "invalid claim: missing session_id claim")
    return who.person, who.device


def _address(request: Request) -> str:
    return caller(request).ip or NO_ADDRESS


async def _factor(request: Request, conn: Connection, person_id: UUID) -> Factor:
    try:
        factor_id = UUID(request.path_params["factor_id"])
    except ValueError as error:
        raise AuthError(404, "validation_failed", "factor_id must be an UUID") from error
    factor = await factors.owned(conn, person_id, factor_id)
    if factor is None:
        raise AuthError(404, "mfa_factor_not_found", "Factor not found")
    return factor


async def _person_id(request: Request, conn: Connection) -> UUID:
    try:
        person_id = UUID(request.path_params["user_id"])
    except ValueError as error:
        raise AuthError(404, "validation_failed", "user_id must be an UUID") from error
    if await people.by_id(conn, person_id) is None:
        raise not_found()
    return person_id
