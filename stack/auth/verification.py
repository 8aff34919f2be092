"""`POST /verify` with a code or a hash, and `GET /verify`, where the links of mails lead."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse

from stack.auth import one_time, passwords, people
from stack.auth.errors import AuthError, email_taken, invalid
from stack.auth.keys import JsonObject
from stack.auth.one_time import PKCE_PREFIX, TokenType
from stack.auth.people import Connection, EmailInUseError, Person
from stack.auth.server import AuthServer, Body, caller, checked_email, read_body

# The stored types that answer to each type of verification; "email" is a sign-up or a sign-in, whichever was mailed.
TYPES: dict[str, list[TokenType]] = {
    "signup": ["confirmation_token"],
    "invite": ["confirmation_token"],
    "email": ["confirmation_token", "recovery_token"],
    "magiclink": ["recovery_token"],
    "recovery": ["recovery_token"],
    "email_change": ["email_change_token_new", "email_change_token_current"],
}
ONE_OF_TWO = "Confirmation link accepted. Please proceed to confirm link sent to the other email"
OAUTH_NAMES = {
    400: "invalid_request",
    401: "unauthorized_client",
    403: "access_denied",
    500: "server_error",
    503: "temporarily_unavailable",
}


class VerifyBody(Body):
    """Body of `POST /verify`."""

    type: str | None = None
    token: str | None = None
    token_hash: str | None = None
    email: str | None = None
    phone: str | None = None


async def verify_code(request: Request) -> JSONResponse:
    """Exchange a mailed code, or the hash of a link, for tokens."""
    server = AuthServer.of(request)
    body = await read_body(request, VerifyBody)
    if not body.type:
        raise invalid("Verify requires a verification type")
    if bool(body.token) == bool(body.token_hash):
        raise invalid("Verify requires either a token or a token hash")
    if body.phone or body.type in ("sms", "phone_change"):
        raise AuthError(400, "phone_provider_disabled", "Phone logins are disabled")
    async with server.pool.connection() as conn:
        if body.token_hash:
            if body.email:
                raise invalid("Only the token_hash and type should be provided")
            person, spent = await _by_hash(server, conn, body.type, body.token_hash)
        else:
            person, spent = await _by_code(server, conn, body.type, body.email, body.token or "")
        if not await _fulfil(server, conn, person, spent):
            return JSONResponse({"msg": ONE_OF_TWO, "code": "200"})
        return JSONResponse(await server.tokens.sign_in(conn, person.id, "otp", caller(request)))


async def _by_hash(server: AuthServer, conn: Connection, verification: str, hashed: str) -> tuple[Person, TokenType]:
    """Find whom a link was mailed to, and lock the row so that the link counts once.

    Raises:
        AuthError: validation_failed, otp_expired, user_banned.
    """
    if verification not in TYPES:
        raise invalid("Invalid email verification type")
    expired = AuthError(403, "otp_expired", "Email link is invalid or has expired")
    owner = await one_time.owner_of_hash(conn, hashed, TYPES[verification])
    person = await people.locked(conn, owner[0]) if owner else None
    # Looked up again under the lock: two clicks at once, and the second one finds the link spent.
    owner = await one_time.owner_of_hash(conn, hashed, TYPES[verification])
    if person is None or owner is None:
        raise expired
    return _unexpired(server, person, owner[1], expired), owner[1]


async def _by_code(
    server: AuthServer, conn: Connection, verification: str, address: str | None, code: str
) -> tuple[Person, TokenType]:
    """Find whom a code was mailed to, and lock the row so that the code counts once.

    Raises:
        AuthError: validation_failed, otp_expired, user_banned.
    """
    if verification not in TYPES:
        raise invalid("Invalid email verification type")
    if not address:
        raise invalid("Only an email address or phone number should be provided on verify")
    email = checked_email(address)
    expired = AuthError(403, "otp_expired", "Token has expired or is invalid")
    hashed = one_time.token_hash(email, code)
    hashes = [hashed, PKCE_PREFIX + hashed]
    if verification == "email_change":
        found = await people.by_email_change(conn, email, hashes)
    else:
        found = await people.by_email(conn, email)
    person = await people.locked(conn, found.id) if found else None
    if person is None:
        raise expired
    spent = next((kind for kind in TYPES[verification] if _stored(person, kind) in hashes), None)
    if spent is None:
        raise expired
    return _unexpired(server, person, spent, expired), spent


def _stored(person: Person, kind: TokenType) -> str | None:
    return {
        "confirmation_token": person.confirmation_token,
        "recovery_token": person.recovery_token,
        "email_change_token_new": person.email_change_token_new,
        "email_change_token_current": person.email_change_token_current,
        "reauthentication_token": person.reauthentication_token,
    }[kind]


def _unexpired(server: AuthServer, person: Person, spent: TokenType, expired: AuthError) -> Person:
    if person.is_banned():
        raise AuthError(403, "user_banned", "User is banned")
    sent_at = {
        "confirmation_token": person.confirmation_sent_at,
        "recovery_token": person.recovery_sent_at,
    }.get(spent, person.email_change_sent_at)
    if server.codes.expired(sent_at):
        raise expired
    return person


async def _fulfil(server: AuthServer, conn: Connection, person: Person, spent: TokenType) -> bool:
    """Do what the mail was for, and void its code.

    Returns:
        False when the other address of a change of e-mail has yet to agree.
    """
    if spent in ("email_change_token_new", "email_change_token_current"):
        return await _change_email(server, conn, person, spent)
    if spent == "confirmation_token" and person.invited_at is not None and not person.encrypted_password:
        password_hash = await passwords.hashed(passwords.unguessable(), server.settings)
        await people.set_password(conn, person.id, password_hash, None)
    if spent == "confirmation_token" or person.email_confirmed_at is None:
        await people.confirm(conn, person.id)
        await people.verify_identity(conn, person.id)
    await conn.execute("update auth.users set recovery_token = '', updated_at = now() where id = %s", [person.id])
    await conn.execute("delete from auth.one_time_tokens where user_id = %s", [person.id])
    return True


async def _change_email(server: AuthServer, conn: Connection, person: Person, spent: TokenType) -> bool:
    both_must_agree = server.settings.secure_email_change and not server.settings.autoconfirm and person.email
    if both_must_agree and not person.email_change_confirm_status:
        await one_time.note_consent(conn, person.id, spent)
        return False
    try:
        await people.set_email(conn, person.id, person.email_change or "", verified=True)
    except EmailInUseError as error:
        raise email_taken() from error
    if person.email_confirmed_at is None:
        await people.confirm(conn, person.id)
    await people.settle(conn, person.id)
    await conn.execute("delete from auth.one_time_tokens where user_id = %s", [person.id])
    return True


async def follow_link(request: Request) -> RedirectResponse:
    """Spend a link and lead on: with the tokens in the fragment, or with a PKCE code; refusals go there too."""
    server = AuthServer.of(request)
    hashed, verification = request.query_params.get("token", ""), request.query_params.get("type", "")
    landing = server.landing(request)
    if not verification:
        raise invalid("Verify requires a verification type")
    if not hashed:
        raise invalid("Verify requires a token or a token hash")
    with_code = hashed.startswith(PKCE_PREFIX)
    try:
        async with server.pool.connection() as conn:
            person, spent = await _by_hash(server, conn, verification, hashed)
            if not await _fulfil(server, conn, person, spent):
                return _redirect(landing, {"message": ONE_OF_TWO}, in_query=with_code)
            if with_code:
                code = await one_time.issue_flow_code(conn, person.id, verification)
                return RedirectResponse(_with_query(landing, {"code": code}), 303)
            tokens = await server.tokens.sign_in(conn, person.id, "otp", caller(request))
    except AuthError as error:
        refusal = {"error_code": error.code, "error_description": error.message}
        if error.status in OAUTH_NAMES:
            refusal = {"error": OAUTH_NAMES[error.status], **refusal}
        return _redirect(landing, refusal, in_query=with_code)
    return RedirectResponse(f"{landing}#{_fragment(tokens, verification)}", 303)


def _fragment(tokens: JsonObject, verification: str) -> str:
    names = ("access_token", "expires_at", "expires_in", "refresh_token", "token_type")
    return urlencode({**{name: str(tokens[name]) for name in names}, "type": verification, "sb": ""})


def _with_query(address: str, members: dict[str, str]) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode(parse_qsl(parts.query) + list(members.items()))))


def _redirect(address: str, members: dict[str, str], *, in_query: bool) -> RedirectResponse:
    """Lead on with a message in the fragment, and in the query too where the device reads only that."""
    target = _with_query(address, members) if in_query else address
    return RedirectResponse(f"{target}#{urlencode({**members, 'sb': ''})}", 303)
