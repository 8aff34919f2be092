"""The ASGI application: routes, the shape of refusals, and what starts and stops with the server."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.auth.account import get_user, reauthenticate, update_user
from stack.auth.admin import create_person, delete_person, get_person, list_people, update_person
from stack.auth.errors import AuthError, OAuthError, invalid, render, render_oauth, unexpected
from stack.auth.grants import logout, token
from stack.auth.keys import JsonObject, Keys
from stack.auth.links import generate_link, invite
from stack.auth.mailbox import Mailbox, mailbox_routes
from stack.auth.mfa import challenge, delete_factor, enrol, list_factors, unenrol, verify
from stack.auth.one_time import OneTimeCodes
from stack.auth.server import AuthServer
from stack.auth.settings import AuthSettings
from stack.auth.sign_up import magic_link, otp, recover, resend, sign_up
from stack.auth.smtp import receive_mail
from stack.auth.tokens import TokenIssuer
from stack.auth.verification import follow_link, verify_code
from stack.request_line import RequestLine

logger = logging.getLogger("stack.auth")

Handler = Callable[[Request], Awaitable[Response]]

ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "/signup", sign_up),
    ("POST", "/token", token),
    ("POST", "/logout", logout),
    ("POST", "/otp", otp),
    ("POST", "/magiclink", magic_link),
    ("POST", "/recover", recover),
    ("POST", "/resend", resend),
    ("POST", "/verify", verify_code),
    ("GET", "/verify", follow_link),
    ("GET", "/user", get_user),
    ("PUT", "/user", update_user),
    ("GET", "/reauthenticate", reauthenticate),
    ("POST", "/factors", enrol),
    ("POST", "/factors/{factor_id}/challenge", challenge),
    ("POST", "/factors/{factor_id}/verify", verify),
    ("DELETE", "/factors/{factor_id}", unenrol),
    ("POST", "/invite", invite),
    ("GET", "/admin/users", list_people),
    ("POST", "/admin/users", create_person),
    ("GET", "/admin/users/{user_id}", get_person),
    ("PUT", "/admin/users/{user_id}", update_person),
    ("DELETE", "/admin/users/{user_id}", delete_person),
    ("GET", "/admin/users/{user_id}/factors", list_factors),
    ("DELETE", "/admin/users/{user_id}/factors/{factor_id}", delete_factor),
    ("POST", "/admin/generate_link", generate_link),
]


async def health(request: Request) -> JSONResponse:
    """Say that the server is up and reaches its database."""
    async with AuthServer.of(request).pool.connection() as conn:
        await conn.execute("select 1 from auth.users limit 1")
    return JSONResponse(
        {
            "name": "GoTrue",
            "version": "stand-in",
            "description": "Local stand-in for Supabase Auth",
        }
    )


async def jwks(request: Request) -> JSONResponse:
    """Publish the keys that verify access tokens."""
    keys = AuthServer.of(request).keys.jwks()
    return JSONResponse(keys, headers={"Cache-Control": "public, max-age=600"})


async def public_settings(request: Request) -> JSONResponse:
    """Say which ways of signing in are open."""
    settings = AuthServer.of(request).settings
    body: JsonObject = {
        "external": {"email": True, "phone": False, "anonymous_users": settings.anonymous_enabled},
        "disable_signup": not settings.signup_enabled,
        "mailer_autoconfirm": settings.autoconfirm,
        "phone_autoconfirm": False,
        "sms_provider": "",
        "saml_enabled": False,
    }
    return JSONResponse(body)


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, AuthError):
        return render(request, error)
    if isinstance(error, OAuthError):
        return render_oauth(error)
    raise error


async def _unrouted(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NOT_FOUND:
        message = f"{request.url.path} is not part of the local stand-in for Supabase Auth"
        return render(request, AuthError(404, "not_found", message))
    return render(request, AuthError(status, "unexpected_failure", getattr(error, "detail", "")))


async def _unstorable(request: Request, error: Exception) -> Response:
    logger.info("input Postgres cannot hold at %s %s: %s", request.method, request.url.path, error)
    return render(request, invalid("The request holds text the database cannot store"))


async def _database_failed(request: Request, error: Exception) -> Response:
    logger.error("database error at %s %s: %s", request.method, request.url.path, error)
    if request.url.path == "/signup" and isinstance(error, psycopg.Error):
        return render(request, unexpected("Database error saving new user"))
    return render(request, unexpected())


async def _failed(request: Request, error: Exception) -> Response:
    logger.error("failure at %s %s: %r", request.method, request.url.path, error)
    return render(request, unexpected())


def create_app(settings: AuthSettings) -> Starlette:
    """Make the application.

    Raises:
        ValueError: the signing key file holds no usable key.
    """
    keys = Keys.load(settings.signing_key_file, settings.jwt_secret)
    mailbox = Mailbox(settings.mailbox_file)
    pool = AsyncConnectionPool(
        settings.db_url,
        min_size=1,
        max_size=settings.pool_size,
        open=False,
        timeout=10,
        # Databases here are dropped and remade under the server; a dead connection is noticed before it is used.
        check=AsyncConnectionPool.check_connection,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.auth = AuthServer(settings, pool, keys, mailbox, TokenIssuer(settings, keys), OneTimeCodes(settings))
        async with pool, receive_mail(mailbox, settings.host, settings.smtp_port):
            await pool.wait()
            yield

    routes = [Route(path, handler, methods=[method]) for method, path, handler in ROUTES]
    routes += [Route("/health", health), Route("/settings", public_settings), Route("/.well-known/jwks.json", jwks)]
    routes += mailbox_routes(mailbox)
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(RequestLine, logger=logger)],
        exception_handlers={
            AuthError: _refused,
            OAuthError: _refused,
            HTTPException: _unrouted,
            Exception: _failed,
            psycopg.DataError: _unstorable,
            psycopg.Error: _database_failed,
            PoolTimeout: _database_failed,
        },
    )
