"""Links an administrator asks for: `POST /admin/generate_link` answers with one, `POST /invite` mails one."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.auth import passwords, people
from stack.auth.errors import AuthError, email_taken, invalid
from stack.auth.keys import JsonObject
from stack.auth.one_time import Kind, Letter, Sent, TokenType
from stack.auth.people import Connection, EmailInUseError, NewPerson, Person
from stack.auth.server import AuthServer, Body, checked_email, read_body, require_admin
from stack.auth.sign_up import BY_EMAIL

# For each type of link: the mail it belongs to and the stored type of its code.
LINKS: dict[str, tuple[Kind, TokenType]] = {
    "signup": ("signup", "confirmation_token"),
    "invite": ("invite", "confirmation_token"),
    "magiclink": ("magiclink", "recovery_token"),
    "recovery": ("recovery", "recovery_token"),
    "email_change_current": ("email_change", "email_change_token_current"),
    "email_change_new": ("email_change", "email_change_token_new"),
}


class LinkBody(Body):
    """Body of `POST /admin/generate_link` and `POST /invite`."""

    type: str | None = None
    email: str | None = None
    new_email: str | None = None
    password: str | None = None
    data: JsonObject | None = None
    redirect_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A link to make: its type, whom it is for, and where it leads."""

    kind: str
    email: str
    new_email: str | None
    password_hash: str
    data: JsonObject
    landing: str


async def generate_link(request: Request) -> JSONResponse:
    """Make a link and its code without mailing them; a sign-up, an invitation or a magic link creates the person."""
    require_admin(request)
    server = AuthServer.of(request)
    body = await read_body(request, LinkBody)
    email = checked_email(body.email)
    if body.type not in LINKS:
        message = f"Invalid email action link type requested: {body.type or ''}"
        raise invalid(message)
    asked = body.redirect_to
    landing = asked if asked and server.may_lead_to(asked) else server.landing(request)
    password_hash = await _password_hash(server, body)
    async with server.pool.connection() as conn:
        known = await people.by_email(conn, email)
        order = Order(
            kind="signup" if body.type == "magiclink" and known is None else body.type,
            email=email,
            new_email=body.new_email,
            password_hash=password_hash,
            data=body.data or {},
            landing=landing,
        )
        person, sent = await _carry_out(server, conn, known, order)
    return JSONResponse(
        {
            **person.as_json(),
            "action_link": sent.mail.link,
            "email_otp": sent.code,
            "hashed_token": sent.hash,
            "verification_type": order.kind,
            "redirect_to": landing,
        }
    )


async def _password_hash(server: AuthServer, body: LinkBody) -> str:
    """Hash the password a sign-up link brings; an invited person has none until the link is followed."""
    if body.type == "invite":
        return ""
    if body.type == "signup":
        if not body.password:
            raise invalid("Signup requires a valid password")
        passwords.check_strength(body.password, server.settings)
    return await passwords.hashed(body.password or passwords.unguessable(), server.settings)


async def _carry_out(server: AuthServer, conn: Connection, known: Person | None, order: Order) -> tuple[Person, Sent]:
    """Make a link, and the person it is for where it may; the answer is the person as they are then, and the link.

    Raises:
        AuthError: user_not_found, email_exists, validation_failed.
    """
    if order.kind in ("signup", "invite"):
        person = await _unconfirmed(conn, known, order)
    elif known is None:
        raise AuthError(404, "user_not_found", "User with this email not found")
    else:
        person = known
    if order.kind == "invite":
        await conn.execute("update auth.users set invited_at = now() where id = %s", [person.id])
    address = order.email
    if order.kind in ("email_change_current", "email_change_new"):
        new_email = await _free_email(conn, person, order.new_email)
        address = new_email if order.kind == "email_change_new" else order.email
        await conn.execute(
            "update auth.users set email_change = %s, email_change_confirm_status = 0 where id = %s",
            [new_email, person.id],
        )
    mail_kind, token_type = LINKS[order.kind]
    letter = Letter(kind=mail_kind, stored_as=token_type, address=address, redirect_to=order.landing)
    sent = await server.codes.make(conn, person, letter)
    return await people.reload(conn, person.id), sent


async def _unconfirmed(conn: Connection, known: Person | None, order: Order) -> Person:
    """Find or create the person a sign-up or an invitation is for.

    Raises:
        AuthError: email_exists, when the person is confirmed.
    """
    if known is None:
        new = NewPerson(
            email=order.email, password_hash=order.password_hash, user_metadata=order.data, app_metadata=BY_EMAIL
        )
        try:
            return await people.create(conn, new)
        except EmailInUseError as error:
            raise email_taken() from error
    if known.email_confirmed_at is not None:
        raise email_taken()
    await people.merge_metadata(conn, known.id, user=order.data, app={})
    return known


async def _free_email(conn: Connection, person: Person, value: str | None) -> str:
    email = checked_email(value)
    other = await people.by_email(conn, email)
    if other is not None and other.id != person.id:
        raise email_taken()
    return email


async def invite(request: Request) -> JSONResponse:
    """Create a person without a password, if need be, and mail an invitation."""
    require_admin(request)
    server = AuthServer.of(request)
    body = await read_body(request, LinkBody)
    order = Order(
        kind="invite",
        email=checked_email(body.email),
        new_email=None,
        password_hash="",
        data=body.data or {},
        landing=server.landing(request),
    )
    async with server.pool.connection() as conn:
        known = await people.by_email(conn, order.email)
        person, sent = await _carry_out(server, conn, known, order)
    server.mailbox.deliver(sent.mail)
    return JSONResponse(person.as_json())
