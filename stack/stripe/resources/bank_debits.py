"""Payments from bank accounts: `processing` until the bank has said yes or no, as delayed methods are."""

from stack.stripe.cards import Decline
from stack.stripe.errors import invalid
from stack.stripe.resources import bank_accounts, charges, confirmation
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, World

_DECLINED = Decline("bank_account_declined", None, "The customer's bank declined this payment.")


def failure(code: str | None) -> Decline:
    """Why a bank refuses: the reason with this code, or that it declined."""
    reasons = (account.failure for account in bank_accounts.BY_NUMBER.values())
    return next((reason for reason in reasons if reason is not None and reason.code == code), _DECLINED)


def begin(call: Call, intent: Body, method: Body) -> Body:
    """Ask a bank for an intent's money; the answer comes by the timer `bank_debit`, or by the control's order.

    Args:
        call: The request.
        intent: A PaymentIntent that is open.
        method: The bank account as a payment method.

    Returns:
        The intent, processing.
    """
    charge = charges.make(call, intent, method, None, authenticated=False, pending=True)
    intent.update(
        status="processing",
        latest_charge=charge["id"],
        payment_method=method["id"],
        last_payment_error=None,
        next_action=None,
    )
    call.store.save(intent)
    confirmation.remember(call, intent, method, authenticated=True)
    call.world.emit("charge.pending", charge, call.account)
    call.world.emit("payment_intent.processing", intent, call.account)
    if bank_accounts.test_account(call.world, method["id"]).settles:
        call.world.later("bank_debit", intent["id"], call.world.timing("bank_debit_seconds"))
    return intent


def is_waiting(world: World, intent_id: str | None) -> bool:
    """Whether an intent waits for a bank's answer."""
    intent = world.store.find(str(intent_id))
    return intent is not None and intent["object"] == "payment_intent" and intent["status"] == "processing"


def end(world: World, intent_id: str, refusal: Decline | None) -> Body:
    """Have the bank answer: the money came, or it did not and why.

    Args:
        world: The world.
        intent_id: A PaymentIntent that is processing.
        refusal: Why the bank refused; None when it paid.

    Returns:
        The intent as it then is.

    Raises:
        ApiError: 400 when the intent does not wait for a bank.
    """
    if not is_waiting(world, intent_id):
        raise invalid("This PaymentIntent does not wait for a bank.", code="payment_intent_unexpected_state")
    account = world.store.owner(intent_id) or PLATFORM
    intent = world.get("payment_intent", intent_id, account)
    charge = world.get("charge", intent["latest_charge"], account)
    if refusal is None:
        _pay(world, account, intent, charge)
    else:
        _refuse(world, account, intent, charge, refusal)
    return intent


def _pay(world: World, account: str, intent: Body, charge: Body) -> None:
    charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
    charge["receipt_url"] = f"{world.settings.origin}/receipts/{charge['id']}"
    world.store.save(charge)
    charges.settle(world, charge["id"], announced=False)
    world.emit("charge.succeeded", world.get("charge", charge["id"], account), account)
    intent.update(status="succeeded", amount_received=intent["amount"])
    world.store.save(intent)
    world.emit("payment_intent.succeeded", intent, account)


def _refuse(world: World, account: str, intent: Body, charge: Body, refusal: Decline) -> None:
    charge.update(status="failed", failure_code=refusal.code, failure_message=refusal.message)
    world.store.save(charge)
    world.emit("charge.failed", charge, account)
    error = {
        "charge": charge["id"],
        "code": refusal.code,
        "message": refusal.message,
        "payment_method": world.get("payment_method", charge["payment_method"], account),
        "type": "invalid_request_error",
    }
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error)
    world.store.save(intent)
    world.emit("payment_intent.payment_failed", intent, account)
