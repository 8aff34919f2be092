"""What every endpoint works with: the server's parts, the request's body, and who is calling."""

import ipaddress
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import jwt
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from stack.auth import devices, people
from stack.auth.devices import Caller, Device
from stack.auth.errors import AuthError, invalid
from stack.auth.keys import JsonObject, Keys
from stack.auth.mailbox import Mailbox
from stack.auth.one_time import OneTimeCodes
from stack.auth.people import Person
from stack.auth.settings import AuthSettings
from stack.auth.tokens import TokenIssuer

ADMIN_ROLES = ("service_role", "supabase_admin")
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
LONGEST_EMAIL = 255
BEARER = re.compile(r"[Bb]earer (\S+)")


class Body(BaseModel):
    """A request body: unknown members are ignored, and null means the member is absent."""

    model_config = ConfigDict(extra="ignore", frozen=True)


BodyType = TypeVar("BodyType", bound=Body)


@dataclass(frozen=True, slots=True)
class AuthServer:
    """The parts of the server, made once at start."""

    settings: AuthSettings
    pool: AsyncConnectionPool[AsyncConnection[TupleRow]]
    keys: Keys
    mailbox: Mailbox
    tokens: TokenIssuer
    codes: OneTimeCodes

    @classmethod
    def of(cls, request: Request) -> "AuthServer":
        """Give the server the request came to."""
        server = request.app.state.auth
        if not isinstance(server, cls):
            message = "the application was not made by stack.auth.app"
            raise TypeError(message)
        return server

    def landing(self, request: Request) -> str:
        """Choose where a link leads: the address the request asks for if that is allowed, else the site's."""
        asked = (
            request.query_params.get("redirect_to")
            or request.headers.get("redirect_to")
            or request.headers.get("referer")
        )
        return asked if asked and self.may_lead_to(asked) else self.settings.site_url

    def may_lead_to(self, address: str) -> bool:
        """Tell whether links may lead to this address: the site's host, or one of the addresses in the settings."""
        host = urlsplit(address).hostname
        if host is not None and host == urlsplit(self.settings.site_url).hostname:
            return True
        return any(fnmatchcase(address, pattern) for pattern in self.settings.redirect_urls)


async def read_body(request: Request, model: type[BodyType]) -> BodyType:
    """Read the JSON body.

    Raises:
        AuthError: bad_json.
    """
    raw = await request.body()
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"Could not parse request body as JSON: {first['msg']}" + (f" at {where}" if where else "")
        raise AuthError(400, "bad_json", message) from error


def checked_email(value: str | None) -> str:
    """Check the form of an e-mail and give it in lower case.

    Raises:
        AuthError: validation_failed.
    """
    if not value:
        raise invalid("An email address is required")
    if len(value) > LONGEST_EMAIL:
        raise invalid("An email address is too long")
    if not EMAIL.fullmatch(value):
        raise invalid("Unable to validate email address: invalid format")
    return value.lower()


def caller(request: Request) -> Caller:
    """Say where a request comes from, through the gateway's header if it is there."""
    forwarded = request.headers.get("x-forwarded-for", "").split(",")[0].strip()
    address = forwarded or (request.client.host if request.client else "")
    try:
        ip = str(ipaddress.ip_address(address))
    except ValueError:
        ip = None
    return Caller(user_agent=request.headers.get("user-agent"), ip=ip)


def claims_of(request: Request) -> JsonObject:
    """Check the bearer token and give its claims.

    Raises:
        AuthError: no_authorization, bad_jwt.
    """
    match = BEARER.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    try:
        return AuthServer.of(request).keys.verify(match[1])
    except jwt.InvalidTokenError as error:
        message = f"invalid JWT: unable to parse or verify signature, {error}"
        raise AuthError(403, "bad_jwt", message) from error


def require_admin(request: Request) -> None:
    """Refuse whoever does not call with the secret key.

    Raises:
        AuthError: not_admin, no_authorization, bad_jwt.
    """
    if claims_of(request).get("role") not in ADMIN_ROLES:
        raise AuthError(403, "not_admin", "User not allowed")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and the device they call from; None for a token without one."""

    person: Person
    device: Device | None


def _uuid_claim(claims: JsonObject, name: str) -> UUID | None:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        return None
    try:
        return UUID(value)
    except ValueError as error:
        message = f"invalid claim: {name} claim must be a UUID"
        raise AuthError(403, "bad_jwt", message) from error


async def signed_in(request: Request) -> SignedIn:
    """Find the person and the device the bearer token names.

    Raises:
        AuthError: no_authorization, bad_jwt, user_not_found, session_not_found.
    """
    claims = claims_of(request)
    person_id = _uuid_claim(claims, "sub")
    if person_id is None:
        raise AuthError(403, "bad_jwt", "invalid claim: missing sub claim")
    device_id = _uuid_claim(claims, "session_id")
    async with AuthServer.of(request).pool.connection() as conn:
        person = await people.by_id(conn, person_id)
        if person is None:
            raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
        device = None
        if device_id is not None:
            device = await devices.find(conn, device_id)
            if device is None:
                message = "Session from session_id claim in JWT does not exist"
                raise AuthError(403, "session_not_found", message)
    return SignedIn(person, device)
