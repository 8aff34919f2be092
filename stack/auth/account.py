"""The person's own record: `GET` and `PUT /user`, and `GET /reauthenticate`."""

import hmac
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.auth import passwords, people
from stack.auth.errors import AuthError, email_taken
from stack.auth.keys import JsonObject
from stack.auth.one_time import Challenge, Letter, Sent, token_hash
from stack.auth.people import Connection, EmailInUseError, Person
from stack.auth.server import AuthServer, Body, SignedIn, checked_email, read_body, signed_in
from stack.auth.sign_up import change_mails

RECENT = timedelta(hours=24)


class UserBody(Body):
    """Body of `PUT /user`."""

    email: str | None = None
    phone: str | None = None
    password: str | None = None
    nonce: str | None = None
    data: JsonObject | None = None
    app_metadata: JsonObject | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None


async def get_user(request: Request) -> JSONResponse:
    """Show the person who calls."""
    who = await signed_in(request)
    return JSONResponse(who.person.as_json())


async def update_user(request: Request) -> JSONResponse:
    """Change the caller's own e-mail, password or metadata.

    A new e-mail counts once a mailed code confirms it, except that an anonymous person gets it at once where
    addresses confirm themselves. A new password signs out the person's other devices.
    """
    server, who = AuthServer.of(request), await signed_in(request)
    body = await read_body(request, UserBody)
    email = checked_email(body.email) if body.email else None
    await _refuse(server, who, body, email)
    password_hash = await passwords.hashed(body.password, server.settings) if body.password else None
    challenge = Challenge.read(body.code_challenge_method, body.code_challenge)
    sent: list[Sent] = []
    async with server.pool.connection() as conn:
        person = await people.locked(conn, who.person.id)
        if person is None:
            raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
        if password_hash is not None:
            await _spend_nonce(server, conn, who, person, body.nonce)
            await people.set_password(conn, person.id, password_hash, who.device.id if who.device else None)
        if body.data is not None:
            await people.merge_metadata(conn, person.id, user=body.data, app={})
        if email is not None and email != person.email:
            sent = await _change_email(request, conn, person, email, challenge)
        person = await people.reload(conn, person.id)
    for one in sent:
        server.mailbox.deliver(one.mail)
    return JSONResponse(person.as_json())


async def _refuse(server: AuthServer, who: SignedIn, body: UserBody, email: str | None) -> None:
    """Refuse what a person may not change, or not to this.

    Raises:
        AuthError: not_admin, phone_provider_disabled, insufficient_aal, weak_password, validation_failed,
            same_password.
    """
    if body.app_metadata is not None:
        raise AuthError(403, "not_admin", "Updating app_metadata requires admin privileges")
    if body.phone:
        raise AuthError(400, "phone_provider_disabled", "Phone logins are disabled")
    changes_login = bool(body.password) or (email is not None and email != who.person.email)
    if changes_login and who.person.has_second_factor() and (who.device is None or who.device.aal != "aal2"):
        message = "AAL2 session is required to update email or password when MFA is enabled."
        raise AuthError(401, "insufficient_aal", message)
    if body.password is None:
        return
    passwords.check_strength(body.password, server.settings)
    if who.person.is_anonymous and email is None:
        raise AuthError(
            422,
            "validation_failed",
            "Updating password of an anonymous user without an email or phone is not allowed",
        )
    if await passwords.matches(body.password, who.person.encrypted_password):
        raise AuthError(422, "same_password", "New password should be different from the old password.")


async def _spend_nonce(server: AuthServer, conn: Connection, who: SignedIn, person: Person, nonce: str | None) -> None:
    """Ask for a mailed code before a new password, where the settings want it and the sign-in is not recent."""
    recent = who.device is not None and people.now() <= who.device.created_at + RECENT
    if not server.settings.password_reauthentication or recent:
        return
    if not nonce:
        raise AuthError(400, "reauthentication_needed", "Password update requires reauthentication")
    expected = person.reauthentication_token or ""
    given = token_hash(person.email or "", nonce)
    expired = server.codes.expired(person.reauthentication_sent_at)
    if expired or not hmac.compare_digest(expected, given):
        raise AuthError(422, "reauthentication_not_valid", "Nonce has expired or is invalid")
    await conn.execute("update auth.users set reauthentication_token = '' where id = %s", [person.id])


async def _change_email(
    request: Request, conn: Connection, person: Person, email: str, challenge: Challenge | None
) -> list[Sent]:
    server = AuthServer.of(request)
    other = await people.by_email(conn, email)
    if other is not None and other.id != person.id:
        raise email_taken()
    if person.is_anonymous and server.settings.autoconfirm:
        try:
            await people.set_email(conn, person.id, email, verified=True)
        except EmailInUseError as error:
            raise email_taken() from error
        await people.confirm(conn, person.id)
        await people.settle(conn, person.id)
        return []
    return await change_mails(request, conn, person, email, challenge)


async def reauthenticate(request: Request) -> JSONResponse:
    """Mail the caller a code that proves it is them."""
    server, who = AuthServer.of(request), await signed_in(request)
    if not who.person.email:
        raise AuthError(
            422, "validation_failed", "Reauthentication requires the user to have an email or a phone number"
        )
    if who.person.email_confirmed_at is None:
        raise AuthError(422, "email_not_confirmed", "Please verify your email first.")
    async with server.pool.connection() as conn:
        letter = Letter(
            kind="reauthentication",
            stored_as="reauthentication_token",
            address=who.person.email,
            redirect_to=server.landing(request),
        )
        sent = await server.codes.make(conn, who.person, letter)
    server.mailbox.deliver(sent.mail)
    return JSONResponse({})
