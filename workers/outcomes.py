"""What a failed call to Stripe means for the money it was to move."""

from __future__ import annotations

from typing import Final

import stripe

from soulseer.errors import SoulSeerError
from soulseer.worker_api.outbox import Outcome

# Stripe's codes for a balance that does not cover what was asked, ours or the reader's.
_INSUFFICIENT: Final = frozenset({"balance_insufficient", "insufficient_funds"})
# A connected account that is not ours any more, or never was. Any other 403 is about our own key and what it may do.
_GONE: Final = "account_invalid"


class LookUpFailedError(SoulSeerError):
    """What an earlier try did could not be found out."""

    def __init__(self, details: str) -> None:
        super().__init__("look_up_failed", status=503, message="Stripe could not be asked.", details=details)


def is_away(error: Exception) -> bool:
    """Tell whether Stripe could not be asked, or not by us: nothing was learned of the object.

    Args:
        error: What a call raised.
    """
    return isinstance(error, stripe.StripeError) and not _is_examined(error)


def _is_examined(error: stripe.StripeError) -> bool:
    """Tell whether Stripe looked at the request itself and declined it."""
    return is_gone(error) or isinstance(error, stripe.InvalidRequestError | stripe.CardError)


def is_gone(error: BaseException | None) -> bool:
    """Tell whether an account is gone, or its owner sent us away; a key of ours that may not look says nothing of it.

    Args:
        error: What a call on behalf of the account raised.
    """
    if not isinstance(error, stripe.PermissionError):
        return False
    # The library leaves `code` of this error out.
    return error.error is not None and error.error.code == _GONE


def outcome_of(error: stripe.StripeError) -> Outcome | None:
    """Tell what a failed step means for the money.

    Args:
        error: What the library raised.

    Returns:
        `refused` when Stripe examined the request and declined it; `insufficient_balance` when it
        may be asked again later; `unknown` when it may have happened; None when it surely was not
        looked at (a key of ours that is bad or may not, too many calls) and the same step is simply due again.
    """
    is_about_us = isinstance(error, stripe.RateLimitError | stripe.AuthenticationError | stripe.PermissionError)
    if is_about_us and not is_gone(error):
        return None
    if error.code in _INSUFFICIENT:
        return "insufficient_balance"
    if _is_examined(error):
        # A conflict is a twin of this very request still under way: its outcome is not known yet.
        return "unknown" if error.http_status == 409 else "refused"  # noqa: PLR2004  Conflict
    return "unknown"
