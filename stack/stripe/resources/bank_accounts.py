"""Bank accounts people pay from (`us_bank_account`): Stripe's test numbers, and payment methods made of them.

They are entered on a Checkout page only; the API makes cards.
"""

from dataclasses import dataclass
from hashlib import sha256

from stack.stripe import ids
from stack.stripe.cards import Decline
from stack.stripe.errors import ApiError
from stack.stripe.schema import ADDRESS
from stack.stripe.store import Body
from stack.stripe.world import Call, World

KIND = "us_bank_account"
GOOD = "000123456789"
_ROUTING = "110000000"


@dataclass(frozen=True)
class TestAccount:
    """A bank account of Stripe's test mode: how a debit of it ends, and whether it ever does."""

    number: str
    meaning: str
    failure: Decline | None = None
    settles: bool = True


_ACCOUNTS = (
    TestAccount(GOOD, "the money arrives"),
    TestAccount(
        "000222222227",
        "the account has insufficient funds",
        Decline("insufficient_funds", None, "The customer's account has insufficient funds to cover this payment."),
    ),
    TestAccount(
        "000111111113",
        "the account is closed",
        Decline("account_closed", None, "The customer's bank account has been closed."),
    ),
    TestAccount(
        "000111111116",
        "no such account is found",
        Decline("no_account", None, "The customer's bank account could not be located."),
    ),
    TestAccount(
        "000333333335",
        "the debit is not authorized",
        Decline("debit_not_authorized", None, "The customer has notified their bank that this debit is unauthorized."),
    ),
    TestAccount("000000000009", "the payment stays in processing", settles=False),
)
BY_NUMBER = {account.number: account for account in _ACCOUNTS}


def make(call: Call, number: str, name: str | None, email: str | None) -> Body:
    """A new payment method of a test account.

    Args:
        call: The request it is made in.
        number: One of Stripe's test account numbers.
        name: Of the account's holder.
        email: Of the account's holder.

    Raises:
        ApiError: 400 for a number that is none of them.
    """
    if number not in BY_NUMBER:
        raise ApiError(
            400, "You must use a test bank account number in test mode.", code="account_number_invalid", param="number"
        )
    body: Body = {
        "id": ids.new("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {
            "address": dict.fromkeys(ADDRESS.fields),
            "email": email,
            "name": name,
            "phone": None,
            "tax_id": None,
        },
        "created": int(call.world.now()),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": KIND,
        KIND: {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
            "fingerprint": sha256(number.encode()).hexdigest()[:16],
            "last4": number[-4:],
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": _ROUTING,
            "status_details": {},
        },
    }
    call.store.insert(call.account, body, {"number": number, "set_up": True})
    return body


def test_account(world: World, method_id: str) -> TestAccount:
    """The test account behind a payment method."""
    return BY_NUMBER[world.store.private(method_id)["number"]]


def charged(method: Body) -> Body:
    """What a charge tells of the account: its `payment_method_details`."""
    account = method[KIND]
    named = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
    details = {**{name: account[name] for name in named}, "mandate": None, "payment_reference": None}
    return {KIND: details, "type": KIND}
