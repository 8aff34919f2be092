"""Refusals in the shape of Supabase Auth, which depends on the API version the client asks for."""

from collections.abc import Mapping
from datetime import date

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse

API_VERSION_HEADER = "X-Supabase-Api-Version"
NAMED_CODES_SINCE = date(2024, 1, 1)


class AuthError(Exception):
    """A refusal for the caller."""

    def __init__(self, status: int, code: str, message: str, extra: Mapping[str, JsonValue] | None = None) -> None:
        """Make a refusal.

        Args:
            status: HTTP status.
            code: snake_case code, one of those Supabase Auth documents.
            message: sentence for people.
            extra: further members of the answer.
        """
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extra = dict(extra or {})


class OAuthError(Exception):
    """A refusal of the token endpoint that has OAuth's own shape whatever the version; always status 400."""

    def __init__(self, error: str, description: str) -> None:
        """Make a refusal out of an OAuth error name and a sentence for people."""
        super().__init__(description)
        self.error = error
        self.description = description


def invalid(message: str) -> AuthError:
    """Refuse input that breaks a rule of the endpoint."""
    return AuthError(400, "validation_failed", message)


def not_found() -> AuthError:
    """Refuse an id no person has."""
    return AuthError(404, "user_not_found", "User not found")


def email_taken() -> AuthError:
    """Refuse an e-mail another person uses."""
    return AuthError(422, "email_exists", "A user with this email address has already been registered")


def unexpected(message: str = "Unexpected failure, please check server logs for more information") -> AuthError:
    """Admit a failure of ours; the cause belongs in the log."""
    return AuthError(500, "unexpected_failure", message)


def weak_password(minimum: int) -> AuthError:
    """Refuse a password that is too short."""
    message = f"Password should be at least {minimum} characters."
    return AuthError(422, "weak_password", message, {"weak_password": {"reasons": ["length"]}})


def _asked_for_named_codes(request: Request) -> bool:
    try:
        return date.fromisoformat(request.headers.get(API_VERSION_HEADER, "")) >= NAMED_CODES_SINCE
    except ValueError:
        return False


def render(request: Request, error: AuthError) -> JSONResponse:
    """Answer with the error.

    Versions from 2024-01-01 get `{code: "snake_case", message}` and the version echoed; older ones, or none, get
    `{code: <status>, error_code, msg}`.
    """
    if _asked_for_named_codes(request):
        body: dict[str, JsonValue] = {"code": error.code, "message": error.message, **error.extra}
        headers = {API_VERSION_HEADER: NAMED_CODES_SINCE.isoformat()}
        return JSONResponse(body, error.status, headers)
    body = {"code": error.status, "error_code": error.code, "msg": error.message, **error.extra}
    return JSONResponse(body, error.status)


def render_oauth(error: OAuthError) -> JSONResponse:
    """Answer with an OAuth error."""
    return JSONResponse({"error": error.error, "error_description": error.description}, 400)
