"""`POST /token` by grant type, and signing out."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stack.auth import devices, one_time, passwords, people
from stack.auth.devices import ReusedTokenError
from stack.auth.errors import AuthError, OAuthError, invalid
from stack.auth.server import AuthServer, Body, caller, read_body, signed_in


class TokenBody(Body):
    """Body of `POST /token`; which members count depends on the grant type."""

    email: str | None = None
    phone: str | None = None
    password: str | None = None
    refresh_token: str | None = None
    auth_code: str | None = None
    code_verifier: str | None = None


async def token(request: Request) -> JSONResponse:
    """Answer with tokens for a password, a refresh token, or the code of a mailed link."""
    grant = request.query_params.get("grant_type", "")
    handlers = {"password": _password, "refresh_token": _refresh, "pkce": _pkce}
    if grant not in handlers:
        raise AuthError(400, "invalid_credentials", "unsupported_grant_type")
    return await handlers[grant](request, await read_body(request, TokenBody))


async def _password(request: Request, body: TokenBody) -> JSONResponse:
    server = AuthServer.of(request)
    if body.phone:
        raise AuthError(400, "phone_provider_disabled", "Phone logins are disabled")
    if not body.email:
        raise invalid("missing email or phone")
    async with server.pool.connection() as conn:
        person = await people.by_email(conn, body.email.lower())
    # One answer for both mistakes, so that nobody learns which addresses exist.
    if person is None or not await passwords.matches(body.password or "", person.encrypted_password):
        raise AuthError(400, "invalid_credentials", "Invalid login credentials")
    if person.is_banned():
        raise AuthError(400, "user_banned", "User is banned")
    if person.email_confirmed_at is None:
        raise AuthError(400, "email_not_confirmed", "Email not confirmed")
    async with server.pool.connection() as conn:
        return JSONResponse(await server.tokens.sign_in(conn, person.id, "password", caller(request)))


async def _refresh(request: Request, body: TokenBody) -> JSONResponse:
    server = AuthServer.of(request)
    if not body.refresh_token:
        raise OAuthError("invalid_request", "refresh_token required")
    async with server.pool.connection() as conn:
        try:
            return JSONResponse(await server.tokens.renew(conn, body.refresh_token, caller(request)))
        except ReusedTokenError as error:
            await conn.commit()
            raise AuthError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used") from error


async def _pkce(request: Request, body: TokenBody) -> JSONResponse:
    server = AuthServer.of(request)
    if not body.auth_code or not body.code_verifier:
        raise invalid("invalid request: both auth code and code verifier should be non-empty")
    lifetime = timedelta(seconds=server.settings.flow_seconds)
    async with server.pool.connection() as conn:
        flow = await one_time.redeem_flow(conn, body.auth_code, body.code_verifier, lifetime)
        person = await people.by_id(conn, flow.user_id)
        if person is None:
            raise AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
        if person.is_banned():
            raise AuthError(400, "user_banned", "User is banned")
        return JSONResponse(await server.tokens.sign_in(conn, person.id, flow.authentication_method, caller(request)))


async def logout(request: Request) -> Response:
    """Sign out every device of the person, only this one (`scope=local`), or all the others (`scope=others`)."""
    scope = request.query_params.get("scope") or "global"
    if scope not in ("global", "local", "others"):
        message = f'Unsupported logout scope "{scope}"'
        raise invalid(message)
    who = await signed_in(request)
    this = who.device.id if who.device else None
    async with AuthServer.of(request).pool.connection() as conn:
        await devices.sign_out(
            conn,
            who.person.id,
            only=this if scope == "local" else None,
            keep=this if scope == "others" else None,
        )
    return Response(status_code=204)
