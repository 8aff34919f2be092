"""One family of typed errors, so that every refusal has a stable code and a fitting HTTP status."""

from __future__ import annotations

from typing import TypedDict


class ErrorBody(TypedDict):
    """The JSON form of an error, the same in every HTTP answer of the services."""

    code: str
    message: str
    details: object
    hint: str | None
    request_id: str | None


class SoulSeerError(Exception):
    """A failure that a caller can act on.

    Args:
        code: Stable snake_case code, listed in docs/errors.md.
        status: HTTP status it is answered with.
        message: A sentence for people.
        details: What exactly was wrong: a sentence, or a list of fields.
        hint: What to do about it.
        retry_after: Seconds after which a repeat makes sense, where that is known.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int,
        message: str,
        details: object = None,
        hint: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.message = message
        self.details = details
        self.hint = hint
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Say the code, and the details where they are a sentence."""
        return f"{self.code}: {self.details}" if isinstance(self.details, str) else self.code

    def body(self, request_id: str | None) -> ErrorBody:
        """Return the JSON body that tells this error to a caller."""
        return {
            "code": self.code,
            "message": self.message,
            "details": self.details,
            "hint": self.hint,
            "request_id": request_id,
        }


class SettingsError(Exception):
    """Settings are missing or unsafe; the text says which, and where each comes from."""


class BadRequestError(SoulSeerError):
    """The caller's request is malformed; repeating it unchanged cannot help."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, details: object = None, hint: str | None = None
    ) -> None:
        super().__init__(code, status=status, message=message, details=details, hint=hint)


class UnauthenticatedError(SoulSeerError):
    """No valid access token came with the request."""

    def __init__(self, details: str) -> None:
        super().__init__(
            "unauthenticated",
            status=401,
            message="A valid access token is needed.",
            details=details,
            hint="Sign in, and send the token as Authorization: Bearer <access token>.",
        )


class UnavailableError(SoulSeerError):
    """Something this service depends on cannot be reached now; the same call may be repeated."""

    def __init__(self, details: str, *, code: str = "service_unavailable") -> None:
        super().__init__(
            code,
            status=503,
            message="The service is unavailable for a moment.",
            details=details,
            hint="Repeat the same request with the same idempotency key.",
            retry_after=1,
        )


class InternalError(SoulSeerError):
    """A fault of ours; the details stay in the log under the request id."""

    def __init__(self) -> None:
        super().__init__(
            "internal_error",
            status=500,
            message="Something went wrong on our side.",
            hint="Quote the request id when you report this.",
        )


class RpcError(SoulSeerError):
    """A `worker_api` function refused the call or failed.

    Args:
        code: The database's snake_case code (`insufficient_funds`), or `database_error` for a fault
            that is not one of its typed refusals.
        status: HTTP status PostgREST answered with.
        sqlstate: SQLSTATE or PostgREST's own code, for the log.
        function: Name of the function called.
        typed: Whether this is one of the database's typed refusals, fit to be shown to a user.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int,
        sqlstate: str,
        function: str,
        typed: bool,
        details: object = None,
        hint: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        message = details if typed and isinstance(details, str) else "The database refused the call."
        super().__init__(code, status=status, message=message, details=details, hint=hint, retry_after=retry_after)
        self.sqlstate = sqlstate
        self.function = function
        self.typed = typed

    def __str__(self) -> str:
        """Name the function too: the caller's log line needs no more context."""
        return f"{self.function}: {super().__str__()} ({self.sqlstate}, HTTP {self.status})"


class RpcUnavailableError(UnavailableError):
    """PostgREST or the database behind it could not be reached, or did not answer in time.

    Whether the function ran is unknown.
    """

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(f"{function}: {reason}", code="database_unavailable")
        self.function = function


class ProviderRefusedError(SoulSeerError):
    """Stripe understood the call and refused it."""

    def __init__(self, details: str, provider_code: str | None) -> None:
        super().__init__(
            "payment_provider_refused",
            status=422,
            message="The payment provider refused this.",
            details=details,
            hint=None if provider_code is None else f"The provider's code is {provider_code}.",
        )


class ProviderUnavailableError(UnavailableError):
    """Stripe could not be reached, failed, or asked us to slow down."""

    def __init__(self, details: str) -> None:
        super().__init__(details, code="payment_provider_unavailable")
