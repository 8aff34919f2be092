"""What a failed call to Stripe means for the money it was to move."""

from __future__ import annotations

from typing import Final

import stripe

from soulseer.errors import SoulSeerError
from soulseer.worker_api.outbox import Outcome

# Stripe's codes for a balance that does not cover what was asked, ours or the reader's.
_INSUFFICIENT: Final = frozenset({"balance_insufficient", "insufficient_funds"})


class LookUpFailedError(SoulSeerError):
    """What an earlier try did could not be found out."""

    def __init__(self, details: str) -> None:
        super().__init__("look_up_failed", status=503, message="Stripe could not be asked.", details=details)


def is_away(error: Exception) -> bool:
    """Tell whether Stripe could not be asked, or not by us: nothing was learned of the object.

    Args:
        error: What a call raised.
    """
    examined = isinstance(error, stripe.InvalidRequestError | stripe.CardError | stripe.PermissionError)
    return isinstance(error, stripe.StripeError) and not examined


def outcome_of(error: stripe.StripeError) -> Outcome | None:
    """Tell what a failed step means for the money.

    Args:
        error: What the library raised.

    Returns:
        `refused` when Stripe examined the request and declined it; `insufficient_balance` when it
        may be asked again later; `unknown` when it may have happened; None when it surely was not
        looked at (a bad key of ours, too many calls) and the same step is simply due again.
    """
    if isinstance(error, stripe.RateLimitError | stripe.AuthenticationError):
        return None
    if error.code in _INSUFFICIENT:
        return "insufficient_balance"
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError | stripe.PermissionError):
        # A conflict is a twin of this very request still under way: its outcome is not known yet.
        return "unknown" if error.http_status == 409 else "refused"  # noqa: PLR2004  Conflict
    return "unknown"
