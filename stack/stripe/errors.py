"""Refusals in Stripe's shape: `{"error": {"type", "code", "message", "param", …}}`."""

from stack.stripe.store import Body


class ApiError(Exception):
    """An answer other than 200. It undoes what its handler wrote, unless `stands`, as a decline does."""

    stands = False

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        extra: Body | None = None,
    ) -> None:
        """Args: HTTP status, sentence, Stripe's `code`, parameter to blame, `type`, further fields of the error."""
        super().__init__(message)
        self.status = status
        self.error: Body = {"message": message, "type": kind}
        if code is not None:
            self.error["code"] = code
        if param is not None:
            self.error["param"] = param
        self.error.update(extra or {})


def invalid(message: str, *, code: str | None = None, param: str | None = None, extra: Body | None = None) -> ApiError:
    """400: the request makes no sense, or the state of things forbids it."""
    return ApiError(400, message, code=code, param=param, extra=extra)


def missing(noun: str, object_id: str, param: str = "id", status: int = 404) -> ApiError:
    """404 (400 when named by a body parameter): there is no such object on this account."""
    return ApiError(status, f"No such {noun}: '{object_id}'", code="resource_missing", param=param)


def insufficient_balance() -> ApiError:
    """400 balance_insufficient, as transfers and payouts beyond the available balance are refused."""
    return invalid(
        "You have insufficient available funds in your Stripe account. Try adding funds directly to your available "
        "balance by creating Charges using the 4000000000000077 test card.",
        code="balance_insufficient",
    )


def crashed() -> ApiError:
    """500: Stripe's own fault."""
    return ApiError(500, "An unknown error occurred.", kind="api_error")


def rate_limited() -> ApiError:
    """429: too many requests; Stripe keeps no answer under the idempotency key for it."""
    return ApiError(
        429,
        "Request rate limit exceeded. Learn more about rate limits in Stripe's documentation.",
        code="rate_limit",
    )
