"""Sign-up by e-mail, anonymous sign-in, and the mails that sign a person in or help them back in."""

from dataclasses import replace
from uuid import uuid4

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.auth import passwords, people
from stack.auth.errors import AuthError, invalid, unexpected
from stack.auth.keys import JsonObject
from stack.auth.one_time import Challenge, Letter, Sent
from stack.auth.people import Connection, EmailInUseError, NewPerson, Person
from stack.auth.server import AuthServer, Body, caller, checked_email, read_body

BY_EMAIL: dict[str, JsonValue] = {"provider": "email", "providers": ["email"]}


class SignUpBody(Body):
    """Body of `POST /signup`."""

    email: str | None = None
    phone: str | None = None
    password: str | None = None
    data: JsonObject | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None


async def sign_up(request: Request) -> JSONResponse:
    """Create a person.

    With addresses that confirm themselves the answer is the tokens; otherwise the person, and a mail goes out. An
    address that is taken is refused in the first case and kept secret in the second. Without e-mail and phone the
    person is anonymous.
    """
    server = AuthServer.of(request)
    body = await read_body(request, SignUpBody)
    if not server.settings.signup_enabled:
        raise AuthError(422, "signup_disabled", "Signups not allowed for this instance")
    if not body.email and not body.phone:
        return await _anonymous(request, body)
    if body.phone:
        raise AuthError(400, "phone_provider_disabled", "Phone signups are disabled")
    if not body.password:
        raise invalid("Signup requires a valid password")
    passwords.check_strength(body.password, server.settings)
    challenge = Challenge.read(body.code_challenge_method, body.code_challenge)
    email = checked_email(body.email)
    password_hash = await passwords.hashed(body.password, server.settings)
    if server.settings.autoconfirm:
        return await _confirmed_at_once(request, email, password_hash, body.data or {})
    return await _awaiting_mail(request, email, password_hash, body.data or {}, challenge)


def _new(email: str, password_hash: str, data: JsonObject) -> NewPerson:
    person_id = uuid4()
    about: JsonObject = {"sub": str(person_id), "email": email, "email_verified": False, "phone_verified": False}
    return NewPerson(
        person_id=person_id,
        email=email,
        password_hash=password_hash,
        user_metadata={**data, **about},
        app_metadata=BY_EMAIL,
    )


async def _confirmed_at_once(request: Request, email: str, password_hash: str, data: JsonObject) -> JSONResponse:
    server = AuthServer.of(request)
    taken = AuthError(422, "user_already_exists", "User already registered")
    async with server.pool.connection() as conn:
        if await people.by_email(conn, email) is not None:
            raise taken
        try:
            person = await people.create(conn, _new(email, password_hash, data))
        except EmailInUseError as error:
            raise taken from error
        await people.confirm(conn, person.id)
    # The person stays when the token hook refuses; signing in later asks the hook again.
    async with server.pool.connection() as conn:
        return JSONResponse(await server.tokens.sign_in(conn, person.id, "password", caller(request)))


async def _awaiting_mail(
    request: Request, email: str, password_hash: str, data: JsonObject, challenge: Challenge | None
) -> JSONResponse:
    server = AuthServer.of(request)
    async with server.pool.connection() as conn:
        person = await people.by_email(conn, email)
        if person is not None and person.email_confirmed_at is not None:
            return JSONResponse(_decoy(person, data))
        if person is None:
            try:
                person = await people.create(conn, _new(email, password_hash, data))
            except EmailInUseError as error:
                raise unexpected("Database error saving new user") from error
        sent = await _confirmation(request, conn, person, challenge)
        person = await people.reload(conn, person.id)
    server.mailbox.deliver(sent.mail)
    return JSONResponse(person.as_json())


def _decoy(person: Person, data: JsonObject) -> JsonObject:
    """Answer for an address that is taken as if it were free, so that nobody learns it is taken."""
    now = people.shown_time(people.now())
    return {
        "id": str(uuid4()),
        "aud": people.AUDIENCE,
        "role": "",
        "email": person.email or "",
        "phone": "",
        "app_metadata": BY_EMAIL,
        "user_metadata": data,
        "identities": [],
        "is_anonymous": False,
        "confirmation_sent_at": now,
        "created_at": now,
        "updated_at": now,
    }


async def _anonymous(request: Request, body: SignUpBody) -> JSONResponse:
    server = AuthServer.of(request)
    if not server.settings.anonymous_enabled:
        raise AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
    new = NewPerson(email=None, password_hash="", user_metadata=body.data or {}, app_metadata={})
    async with server.pool.connection() as conn:
        person = await people.create(conn, new)
        return JSONResponse(await server.tokens.sign_in(conn, person.id, "anonymous", caller(request)))


class MailBody(Body):
    """Body of `POST /otp`, `/magiclink`, `/recover` and `/resend`."""

    email: str | None = None
    phone: str | None = None
    type: str | None = None
    create_user: bool | None = None
    data: JsonObject | None = None
    channel: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None

    def challenge(self) -> Challenge | None:
        """Give the PKCE challenge, if there is one."""
        return Challenge.read(self.code_challenge_method, self.code_challenge)


async def otp(request: Request) -> JSONResponse:
    """Mail a sign-in code and link, creating the person unless the caller says not to."""
    body = await read_body(request, MailBody)
    if body.email and body.phone:
        raise invalid("Only an email address or phone number should be provided")
    if body.phone:
        raise AuthError(400, "phone_provider_disabled", "Unsupported phone provider")
    if not body.email:
        raise invalid("One of email or phone must be set")
    if body.channel:
        raise invalid("Channel should only be specified with Phone OTP")
    return await _mail_sign_in(request, body)


async def magic_link(request: Request) -> JSONResponse:
    """Mail a sign-in link, under the older name of `/otp`."""
    return await _mail_sign_in(request, await read_body(request, MailBody))


async def _mail_sign_in(request: Request, body: MailBody) -> JSONResponse:
    server = AuthServer.of(request)
    email, challenge = checked_email(body.email), body.challenge()
    async with server.pool.connection() as conn:
        known = await people.by_email(conn, email)
    if known is None:
        if body.create_user is False:
            raise AuthError(422, "otp_disabled", "Signups not allowed for otp")
        if not server.settings.signup_enabled:
            raise AuthError(422, "signup_disabled", "Signups not allowed for this instance")
    password_hash = "" if known else await passwords.hashed(passwords.unguessable(), server.settings)
    async with server.pool.connection() as conn:
        person = known or await _find_or_create(conn, _new(email, password_hash, body.data or {}))
        if person.email_confirmed_at is None and server.settings.autoconfirm:
            await people.confirm(conn, person.id)
        elif person.email_confirmed_at is None:
            sent = await _confirmation(request, conn, person, challenge)
            server.mailbox.deliver(sent.mail)
            return JSONResponse({})
        landing = server.landing(request)
        letter = Letter(
            kind="magiclink", stored_as="recovery_token", address=email, redirect_to=landing, challenge=challenge
        )
        sent = await server.codes.make(conn, person, letter)
    server.mailbox.deliver(sent.mail)
    return JSONResponse({})


async def _find_or_create(conn: Connection, new: NewPerson) -> Person:
    """Create a person, or find the one another request created meanwhile."""
    try:
        return await people.create(conn, new)
    except EmailInUseError as error:
        person = await people.by_email(conn, new.email or "")
        if person is None:
            raise unexpected("Database error saving new user") from error
        return person


async def _confirmation(request: Request, conn: Connection, person: Person, challenge: Challenge | None) -> Sent:
    server = AuthServer.of(request)
    letter = Letter(
        kind="signup",
        stored_as="confirmation_token",
        address=person.email or "",
        redirect_to=server.landing(request),
        challenge=challenge,
    )
    return await server.codes.make(conn, person, letter)


async def recover(request: Request) -> JSONResponse:
    """Mail a recovery code and link; the answer is the same whether or not the address is known."""
    server = AuthServer.of(request)
    body = await read_body(request, MailBody)
    if not body.email:
        raise invalid("Password recovery requires an email")
    email, challenge = checked_email(body.email), body.challenge()
    async with server.pool.connection() as conn:
        person = await people.by_email(conn, email)
        if person is None:
            return JSONResponse({})
        landing = server.landing(request)
        letter = Letter(
            kind="recovery", stored_as="recovery_token", address=email, redirect_to=landing, challenge=challenge
        )
        sent = await server.codes.make(conn, person, letter)
    server.mailbox.deliver(sent.mail)
    return JSONResponse({})


async def resend(request: Request) -> JSONResponse:
    """Mail a sign-up confirmation or the confirmation of a change of e-mail again."""
    server = AuthServer.of(request)
    body = await read_body(request, MailBody)
    if body.type in ("sms", "phone_change"):
        raise AuthError(400, "phone_provider_disabled", "Phone logins are disabled")
    if body.type not in ("signup", "email_change"):
        raise invalid("Missing one of these types: signup, email_change, sms, phone_change")
    if not body.email:
        raise invalid("Type provided requires an email address")
    email = checked_email(body.email)
    sent: list[Sent] = []
    async with server.pool.connection() as conn:
        person = await people.by_email(conn, email)
        if person is not None and body.type == "signup" and person.email_confirmed_at is None:
            sent = [await _confirmation(request, conn, person, None)]
        elif person is not None and body.type == "email_change" and person.email_change:
            sent = await change_mails(request, conn, person, person.email_change, None)
    for one in sent:
        server.mailbox.deliver(one.mail)
    return JSONResponse({})


async def change_mails(
    request: Request, conn: Connection, person: Person, email: str, challenge: Challenge | None
) -> list[Sent]:
    """Note the wish for another e-mail and write to the new address, and to the old one where both must agree."""
    server = AuthServer.of(request)
    await conn.execute(
        "update auth.users set email_change = %s, email_change_confirm_status = 0 where id = %s", [email, person.id]
    )
    to_new = Letter(
        kind="email_change",
        stored_as="email_change_token_new",
        address=email,
        redirect_to=server.landing(request),
        challenge=challenge,
    )
    letters = [to_new]
    if server.settings.secure_email_change and person.email:
        letters.append(replace(to_new, stored_as="email_change_token_current", address=person.email))
    return [await server.codes.make(conn, person, letter) for letter in letters]
