"""Stripe's test cards: by number, by `pm_card_…` and by `tok_…`, and what a bank does when they are charged."""

from dataclasses import dataclass
from typing import Literal

from stack.stripe.errors import ApiError
from stack.stripe.store import Body

Authentication = Literal["never", "unless_set_up", "always", "off_session_ready"]


@dataclass(frozen=True)
class Decline:
    """How a bank says no: Stripe's error code, its decline code where there is one, and the sentence."""

    code: str
    decline_code: str | None
    message: str
    advice: str | None = None


_GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.", "try_again_later")
_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.", "try_again_later")
_LOST = Decline("card_declined", "lost_card", "Your card was declined.", "do_not_try_again")
_STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.", "do_not_try_again")
_VELOCITY = Decline("card_declined", "card_velocity_exceeded", "Your card was declined.", "try_again_later")
_FRAUDULENT = Decline("card_declined", "fraudulent", "Your card was declined.", "do_not_try_again")
_EXPIRED = Decline("expired_card", None, "Your card has expired.", "do_not_try_again")
_CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.", "confirm_card_data")
_PROCESSING = Decline(
    "processing_error",
    None,
    "An error occurred while processing your card. Try again in a little bit.",
    "try_again_later",
)

AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)


@dataclass(frozen=True)
class TestCard:
    """A card of Stripe's test mode.

    `authentication` says when the bank asks for 3-D Secure; `attaches` whether a customer can keep the card although
    it is declined; `at_once` whether its money is available without waiting.
    """

    number: str
    name: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    authentication: Authentication = "never"
    attaches: bool = True
    at_once: bool = False

    @property
    def last4(self) -> str:
        """The digits people see."""
        return self.number[-4:]


_CARDS = (
    TestCard("4242424242424242", "visa"),
    TestCard("4000056655665556", "visa_debit", funding="debit"),
    TestCard("5555555555554444", "mastercard", "mastercard"),
    TestCard("5200828282828210", "mastercard_debit", "mastercard", "debit"),
    TestCard("5105105105105100", "mastercard_prepaid", "mastercard", "prepaid"),
    TestCard("378282246310005", "amex", "amex"),
    TestCard("6011111111111117", "discover", "discover"),
    TestCard("4000000000000077", "bypassPending", at_once=True),
    TestCard("4000000000000002", "visa_chargeDeclined", decline=_GENERIC, attaches=False),
    TestCard("4000000000009995", "visa_chargeDeclinedInsufficientFunds", decline=_FUNDS, attaches=False),
    TestCard("4000000000009987", "visa_chargeDeclinedLostCard", decline=_LOST, attaches=False),
    TestCard("4000000000009979", "visa_chargeDeclinedStolenCard", decline=_STOLEN, attaches=False),
    TestCard("4000000000006975", "visa_chargeDeclinedVelocityLimitExceeded", decline=_VELOCITY, attaches=False),
    TestCard("4100000000000019", "radarBlock", decline=_FRAUDULENT),
    TestCard("4000000000000069", "chargeDeclinedExpiredCard", decline=_EXPIRED, attaches=False),
    TestCard("4000000000000127", "chargeDeclinedIncorrectCvc", decline=_CVC, attaches=False),
    TestCard("4000000000000119", "chargeDeclinedProcessingError", decline=_PROCESSING, attaches=False),
    TestCard("4000000000000341", "chargeCustomerFail", decline=_GENERIC),
    TestCard("4000002500003155", "authenticationRequiredOnSetup", authentication="unless_set_up"),
    TestCard("4000002760003184", "authenticationRequired", authentication="always"),
    TestCard("4000003800000446", "authenticationRequiredSetupForOffSession", authentication="off_session_ready"),
    TestCard("4000008400001629", "authenticationRequiredChargeDeclined", decline=_GENERIC, authentication="always"),
    TestCard(
        "4000008260003178",
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        decline=_FUNDS,
        authentication="always",
    ),
    TestCard("4000000000003220", "threeDSecure2Required", authentication="always"),
    TestCard("4000000000003055", "threeDSecureOptional"),
)

_BY_NUMBER = {card.number: card for card in _CARDS}
_ALIASES = {
    "chargeDeclined": "visa_chargeDeclined",
    "chargeDeclinedInsufficientFunds": "visa_chargeDeclinedInsufficientFunds",
    "visa_chargeDeclinedExpiredCard": "chargeDeclinedExpiredCard",
    "visa_chargeDeclinedIncorrectCvc": "chargeDeclinedIncorrectCvc",
    "visa_chargeDeclinedProcessingError": "chargeDeclinedProcessingError",
    "us": "visa",
}
_BY_NAME = {card.name: card for card in _CARDS}


def by_token(token: str) -> TestCard | None:
    """The card meant by `pm_card_visa` or `tok_visa`; None for any other string."""
    for prefix in ("pm_card_", "tok_"):
        if token.startswith(prefix):
            name = token.removeprefix(prefix)
            return _BY_NAME.get(_ALIASES.get(name, name))
    return None


def by_number(number: str) -> TestCard:
    """The test card with this number.

    Raises:
        ApiError: 402 incorrect_number, or card_declined for a number that is no test card.
    """
    digits = number.replace(" ", "").replace("-", "")
    if digits in _BY_NUMBER:
        return _BY_NUMBER[digits]
    if not digits.isdecimal() or not _luhn(digits):
        raise ApiError(
            402, "Your card number is incorrect.", code="incorrect_number", param="number", kind="card_error"
        )
    raise ApiError(
        402,
        "Your card was declined. Your request was in test mode, but used a non test (live) card.",
        code="card_declined",
        kind="card_error",
        extra={"decline_code": "test_mode_live_card"},
    )


def card_error(decline: Decline, extra: Body | None = None) -> ApiError:
    """The 402 that tells the caller of a decline; `extra` joins the error's fields (charge, payment_intent, …)."""
    fields: Body = {} if decline.decline_code is None else {"decline_code": decline.decline_code}
    if decline.advice is not None:
        fields["advice_code"] = decline.advice
    param = {"incorrect_cvc": "cvc", "expired_card": "exp_month"}.get(decline.code)
    return ApiError(
        402, decline.message, code=decline.code, param=param, kind="card_error", extra=fields | (extra or {})
    )


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0
