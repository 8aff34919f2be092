"""Administration of people with the secret key: `/admin/users`, one person, and invitations."""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.auth import passwords, people
from stack.auth.errors import AuthError, email_taken, invalid, not_found
from stack.auth.keys import JsonObject
from stack.auth.people import Connection, EmailInUseError, NewPerson, Person
from stack.auth.server import AuthServer, Body, checked_email, read_body, require_admin

DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|us|µs|ns|s)")
UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
PER_PAGE = 50


class AdminUserBody(Body):
    """Body of `POST /admin/users` and `PUT /admin/users/<id>`."""

    id: str | None = None
    role: str | None = None
    email: str | None = None
    phone: str | None = None
    password: str | None = None
    password_hash: str | None = None
    email_confirm: bool | None = None
    user_metadata: JsonObject | None = None
    app_metadata: JsonObject | None = None
    ban_duration: str | None = None


class DeleteBody(Body):
    """Body of `DELETE /admin/users/<id>`."""

    should_soft_delete: bool | None = None


def ban_duration(text: str) -> timedelta:
    """Read a duration such as `24h` or `1h30m`; `none` is zero, which lifts a ban.

    Raises:
        AuthError: validation_failed.
    """
    if text == "none":
        return timedelta(0)
    parts = DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        message = f'invalid format for ban duration: time: invalid duration "{text}"'
        raise invalid(message)
    try:
        return timedelta(seconds=sum(float(number) * UNIT_SECONDS[unit] for number, unit in parts))
    except OverflowError as error:
        message = f'invalid format for ban duration: "{text}" is too long'
        raise invalid(message) from error


def _person_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["user_id"])
    except ValueError as error:
        raise AuthError(404, "validation_failed", "user_id must be an UUID") from error


def _whole_number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > 10**9:
        message = f"Bad Pagination Parameters: {name} must be a whole number"
        raise invalid(message)
    return int(text)


async def list_people(request: Request) -> JSONResponse:
    """List people, newest first: `page` from 1, `per_page`, `filter`; Link and X-Total-Count say what there is."""
    require_admin(request)
    number = max(1, _whole_number(request, "page", 1))
    per_page = _whole_number(request, "per_page", PER_PAGE)
    if per_page == 0:
        raise invalid("Bad Pagination Parameters: per_page must be greater than 0")
    async with AuthServer.of(request).pool.connection() as conn:
        found, total = await people.page(
            conn, filter_text=request.query_params.get("filter", ""), offset=(number - 1) * per_page, limit=per_page
        )
    body: JsonObject = {"users": [person.as_json() for person in found], "aud": people.AUDIENCE}
    last = -(-total // per_page)
    links = [f'<{_page_address(request, last)}>; rel="last"']
    if last > number:
        links.insert(0, f'<{_page_address(request, number + 1)}>; rel="next"')
    return JSONResponse(body, headers={"Link": ", ".join(links), "X-Total-Count": str(total)})


def _page_address(request: Request, number: int) -> str:
    members = dict(request.query_params) | {"page": str(number)}
    return f"{request.url.path}?{urlencode(sorted(members.items()))}"


async def get_person(request: Request) -> JSONResponse:
    """Show one person."""
    require_admin(request)
    async with AuthServer.of(request).pool.connection() as conn:
        person = await people.by_id(conn, _person_id(request))
    if person is None:
        raise not_found()
    return JSONResponse(person.as_json())


@dataclass(frozen=True, slots=True)
class Checked:
    """The parts of an administrator's body that need checking, checked."""

    email: str | None
    password_hash: str | None
    ban: timedelta | None


async def _checked(server: AuthServer, body: AdminUserBody) -> Checked:
    if body.phone:
        raise AuthError(400, "phone_provider_disabled", "Phone logins are disabled")
    if body.password and body.password_hash:
        raise invalid("Only a password or a password hash should be provided")
    password_hash = passwords.checked_hash(body.password_hash) if body.password_hash else None
    if body.password:
        passwords.check_strength(body.password, server.settings)
        password_hash = await passwords.hashed(body.password, server.settings)
    return Checked(
        email=checked_email(body.email) if body.email else None,
        password_hash=password_hash,
        ban=ban_duration(body.ban_duration) if body.ban_duration else None,
    )


def _chosen_id(body: AdminUserBody) -> UUID | None:
    if not body.id:
        return None
    try:
        chosen = UUID(body.id)
    except ValueError as error:
        raise invalid("ID must conform to the uuid v4 format") from error
    if chosen == people.NO_INSTANCE:
        raise invalid("ID cannot be a nil uuid")
    return chosen


async def create_person(request: Request) -> JSONResponse:
    """Create a person, confirmed only if the body says so."""
    require_admin(request)
    server = AuthServer.of(request)
    body = await read_body(request, AdminUserBody)
    checked = await _checked(server, body)
    if checked.email is None:
        raise invalid("Cannot create a user without either an email or phone")
    password_hash = checked.password_hash or await passwords.hashed(passwords.unguessable(), server.settings)
    app_metadata: JsonObject = {"provider": "email", "providers": ["email"], **(body.app_metadata or {})}
    new = NewPerson(
        person_id=_chosen_id(body),
        email=checked.email,
        password_hash=password_hash,
        role=body.role or people.AUDIENCE,
        user_metadata=body.user_metadata or {},
        app_metadata=app_metadata,
    )
    async with server.pool.connection() as conn:
        try:
            person = await people.create(conn, new)
        except EmailInUseError as error:
            raise email_taken() from error
        if body.email_confirm:
            await people.confirm(conn, person.id)
        if checked.ban is not None:
            await people.ban(conn, person.id, checked.ban)
        return JSONResponse((await people.reload(conn, person.id)).as_json())


async def update_person(request: Request) -> JSONResponse:
    """Change any part of a person; a new e-mail counts at once, a new password signs out every device."""
    require_admin(request)
    server, person_id = AuthServer.of(request), _person_id(request)
    body = await read_body(request, AdminUserBody)
    checked = await _checked(server, body)
    async with server.pool.connection() as conn:
        person = await people.locked(conn, person_id)
        if person is None:
            raise not_found()
        await _apply(conn, person, body, checked)
        return JSONResponse((await people.reload(conn, person_id)).as_json())


async def _apply(conn: Connection, person: Person, body: AdminUserBody, checked: Checked) -> None:
    if body.role:
        await conn.execute("update auth.users set role = %s, updated_at = now() where id = %s", [body.role, person.id])
    if checked.password_hash is not None:
        await people.set_password(conn, person.id, checked.password_hash, None)
    if checked.email is not None:
        try:
            await people.set_email(conn, person.id, checked.email, verified=bool(body.email_confirm))
        except EmailInUseError as error:
            raise email_taken() from error
        if person.is_anonymous and body.email_confirm:
            await people.settle(conn, person.id)
    if body.email_confirm:
        await people.confirm(conn, person.id)
    if body.user_metadata is not None or body.app_metadata is not None:
        await people.merge_metadata(conn, person.id, user=body.user_metadata or {}, app=body.app_metadata or {})
    if checked.ban is not None:
        await people.ban(conn, person.id, checked.ban)


async def delete_person(request: Request) -> JSONResponse:
    """Delete a person with everything that hangs on the row, or keep the row and make it unusable."""
    require_admin(request)
    person_id = _person_id(request)
    body = await read_body(request, DeleteBody) if await request.body() else DeleteBody()
    async with AuthServer.of(request).pool.connection() as conn:
        person = await people.locked(conn, person_id)
        if person is None:
            raise not_found()
        if not body.should_soft_delete:
            await conn.execute("delete from auth.users where id = %s", [person_id])
        elif person.deleted_at is None:
            await people.soft_delete(conn, person)
    return JSONResponse({})
