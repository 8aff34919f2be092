"""What happens on a Checkout page: paying or keeping a card, authentication, leaving it until it expires.

The PaymentIntent is made at the first attempt and serves all further ones; the session is complete once the person has
nothing left to do, which is before a bank has said whether the money comes.
"""

from typing import Literal

from stack.stripe.cards import Decline
from stack.stripe.errors import invalid
from stack.stripe.resources import bank_accounts, bank_debits, confirmation, customers, payment_intents, setup_intents
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, World

Event = Literal["completed", "async_payment_succeeded", "async_payment_failed", "expired"]
OBJECT = "checkout.session"


def details_of(call: Call, name: str | None = None, email: str | None = None) -> Body | None:
    """What is known of the payer: the customer's own details, or those given; None when nothing is."""
    customer = call.store.find(str(call.params.get("customer"))) or {}
    known: Body = {
        "address": customer.get("address"),
        "business_name": None,
        "email": customer.get("email") or call.params.get("customer_email") or email,
        "individual_name": None,
        "name": customer.get("name") or name,
        "phone": customer.get("phone"),
        "tax_exempt": "none",
        "tax_ids": [],
    }
    return known if any(known[field] for field in ("email", "name", "phone")) else None


def pay_by_card(call: Call, session: Body, card: Body, payer: Body) -> Body:
    """Try a card: it pays, or is kept.

    Args:
        call: The request, without parameters of its own.
        session: An open session.
        card: `number`, `exp_month`, `exp_year` and `cvc`.
        payer: `name` and `email` as entered, each a string or None.

    Returns:
        The intent: succeeded, or waiting for the bank's question at its `next_action`.

    Raises:
        ApiError: 402 for a card that is declined, which stands, or that cannot be.
    """
    method = {"type": "card", "card": card, "billing_details": {key: value for key, value in payer.items() if value}}
    params = {"payment_method_data": method, "return_url": f"{session['url']}/return"}
    if session["mode"] == "setup":
        intent = call.world.get("setup_intent", session["setup_intent"], call.account)
        intent = setup_intents.save_card(_as(call, intent, params), intent)
    else:
        intent = _intent(call, session, payer)
        intent = confirmation.confirm(_as(call, intent, params), intent)
    _follow(call.world, call.account, session, intent)
    return intent


def pay_by_bank(call: Call, session: Body, number: str, payer: Body) -> Body:
    """Have a bank account debited.

    Args:
        call: The request, without parameters of its own.
        session: An open session that takes bank accounts.
        number: One of Stripe's test account numbers.
        payer: `name` and `email` as entered, each a string or None.

    Returns:
        The intent, processing.

    Raises:
        ApiError: 400 for a number that is no test account, or a session that takes no bank accounts.
    """
    if bank_accounts.KIND not in session["payment_method_types"]:
        raise invalid("This page takes no bank accounts.", param="payment_method_types")
    method = bank_accounts.make(call, number, payer["name"], payer["email"])
    intent = bank_debits.begin(call, _intent(call, session, payer), method)
    _follow(call.world, call.account, session, intent)
    return intent


def _as(call: Call, intent: Body, params: Body) -> Call:
    return Call(call.world, call.account, {"id": intent["id"]}, params)


def _intent(call: Call, session: Body, payer: Body) -> Body:
    """The session's PaymentIntent, made at the first attempt; the payer becomes a customer where one is wanted."""
    if session["status"] != "open":
        raise invalid("This Checkout Session is not open any more.", code="payment_intent_unexpected_state")
    if session["payment_intent"] is not None:
        return call.world.get("payment_intent", session["payment_intent"], call.account)
    given = call.store.private(session["id"])["intent"]
    wants_customer = session["customer_creation"] == "always" or "setup_future_usage" in given
    if session["customer"] is None and wants_customer:
        known = {key: value for key, value in payer.items() if value}
        session["customer"] = customers.create(Call(call.world, call.account, {}, known))["id"]
    asked = {**given, "amount": session["amount_total"], "currency": session["currency"]}
    if session["customer"] is not None:
        asked["customer"] = session["customer"]
    intent = payment_intents.create(Call(call.world, call.account, {}, asked))
    intent.update(automatic_payment_methods=None, payment_method_types=session["payment_method_types"])
    call.store.save(intent)
    call.store.save_private(intent["id"], {"checkout_session": session["id"]})
    session["payment_intent"] = intent["id"]
    # The payer's details join what is known of the customer.
    params = {"customer": session["customer"], "customer_email": session["customer_email"]}
    session["customer_details"] = details_of(Call(call.world, call.account, {}, params), **payer)
    call.store.save(session)
    return intent


def authenticate(call: Call, *, complete: bool) -> Body:
    """End the authentication that the intent `call.id` waits for, and complete the session it belongs to.

    Args:
        call: Names the intent.
        complete: Whether the person agreed.

    Raises:
        ApiError: 402 when the card declines after it; 400 when the intent does not wait.
    """
    found = call.store.find(call.id) or {}
    keeps = found.get("object") == "setup_intent"
    intent = (setup_intents.authenticate if keeps else confirmation.authenticate)(call, complete=complete)
    session = session_of(call.world, intent["id"])
    if session is not None:
        _follow(call.world, call.account, session, intent)
    return intent


def session_of(world: World, intent_id: str) -> Body | None:
    """The session an intent belongs to; None for an intent of its own."""
    found = world.store.private(intent_id).get("checkout_session")
    return None if found is None else world.store.find(found)


def _follow(world: World, account: str, session: Body, intent: Body) -> None:
    """Complete an open session whose payment succeeded or is under way, or whose card is kept."""
    if session["status"] != "open" or intent["status"] not in {"succeeded", "processing"}:
        return
    session.update(status="complete", url=None)
    if session["mode"] == "payment":
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    _tell(world, account, session, "completed")


def _tell(world: World, account: str, session: Body, event: Event) -> None:
    world.store.save(session)
    world.emit(f"checkout.session.{event}", session, account)


def settle_debit(world: World, intent_id: str) -> None:
    """The timer of a bank debit: the bank answers as the test account says, unless the control was faster."""
    intent = world.store.find(intent_id)
    if intent is not None and bank_debits.is_waiting(world, intent_id):
        account = bank_accounts.test_account(world, intent["payment_method"])
        answer(world, intent_id, account.failure)


def answer(world: World, intent_id: str, failure: Decline | None) -> Body:
    """Have the bank answer a debit, and the session tell of it.

    Args:
        world: The world.
        intent_id: A PaymentIntent that is processing.
        failure: Why the bank refused; None when it paid.

    Raises:
        ApiError: 400 when the intent does not wait for a bank.
    """
    intent = bank_debits.end(world, intent_id, failure)
    session = session_of(world, intent_id)
    if session is not None:
        account = world.store.owner(intent_id) or PLATFORM
        if failure is None:
            session["payment_status"] = "paid"
        _tell(world, account, session, "async_payment_succeeded" if failure is None else "async_payment_failed")
    return intent


def expire(call: Call, session: Body) -> Body:
    """End an open session, and with it the PaymentIntent of a failed attempt.

    Args:
        call: The request.
        session: An open session.

    Returns:
        The session, expired.
    """
    session.update(status="expired", url=None)
    intent_id = session["payment_intent"]
    if session["mode"] == "setup":
        setup = call.world.get("setup_intent", session["setup_intent"], call.account)
        setup_intents.give_up(_as(call, setup, {}), setup)
    elif intent_id is not None:
        payment_intents.give_up(_as(call, {"id": intent_id}, {"cancellation_reason": "expired"}))
    _tell(call.world, call.account, session, "expired")
    return session


def expire_in_time(world: World, session_id: str) -> None:
    """The timer of a session: it expires unless it is complete."""
    session = world.store.find(session_id)
    if session is not None and session["status"] == "open":
        expire(Call(world, world.store.owner(session_id) or PLATFORM, {"id": session_id}, {}), session)
