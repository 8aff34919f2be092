"""`/v1/setup_intents`: keeping a card for a customer without charging it."""

from stack.stripe import ids, listing
from stack.stripe.cards import TestCard, card_error
from stack.stripe.errors import ApiError, invalid
from stack.stripe.resources import payment_methods
from stack.stripe.schema import EXPAND, PAGE, Choice, Flag, Hash, Metadata, Text, merge_metadata
from stack.stripe.store import Body
from stack.stripe.world import Call, Route

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_USAGE = Choice(("off_session", "on_session"))
_CONFIRM = Hash(
    {
        "payment_method": Text(),
        "payment_method_data": payment_methods.NEW_CARD,
        "return_url": Text(),
        "use_stripe_sdk": Flag(),
    }
)
_AUTOMATIC = Hash({"enabled": Flag(), "allow_redirects": Choice(("always", "never"))}, ("enabled",))
_CREATE = _CONFIRM | Hash(
    {
        "automatic_payment_methods": _AUTOMATIC,
        "confirm": Flag(),
        "customer": Text(),
        "description": Text(1000),
        "metadata": Metadata(),
        "usage": _USAGE,
    }
)
_SECRET = Hash({"client_secret": Text()})


def create(call: Call) -> Body:
    """A new SetupIntent, confirmed at once when `confirm` says so."""
    params = call.params
    if params.get("return_url") and not params.get("confirm"):
        message = "The parameter return_url cannot be passed unless confirm is set to true."
        raise invalid(message, param="return_url")
    if params.get("customer"):
        call.world.get("customer", params["customer"], call.account, "customer", 400)
    intent_id = ids.new("seti")
    automatic = params.get("automatic_payment_methods") or {"enabled": True}
    body: Body = {
        "id": intent_id,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": (
            {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": True}
            if automatic["enabled"]
            else None
        ),
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_secret_{ids.token(32)}",
        "created": int(call.world.now()),
        "customer": params.get("customer"),
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merge_metadata({}, params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
    _choose(call, body)
    call.store.insert(call.account, body)
    call.world.emit("setup_intent.created", body, call.account)
    return attempt(call, body) if params.get("confirm") else body


def _choose(call: Call, body: Body) -> None:
    params = call.params
    if params.get("payment_method_data"):
        body["payment_method"] = payment_methods.make(call, params["payment_method_data"])["id"]
    elif params.get("payment_method"):
        body["payment_method"] = payment_methods.resolve(call, params["payment_method"])["id"]
    if body["payment_method"] and body["status"] == "requires_payment_method":
        body["status"] = "requires_confirmation"


def retrieve(call: Call) -> Body:
    """An intent; a publishable key must show the client secret."""
    body = call.world.get("setup_intent", call.id, call.account)
    _check_secret(call, body)
    return body


def public_view(intent: Body) -> Body:
    """The fields of an intent that a publishable key may see."""
    hidden = {"application", "customer", "latest_attempt", "mandate", "metadata", "on_behalf_of", "single_use_mandate"}
    return {name: value for name, value in intent.items() if name not in hidden}


def _check_secret(call: Call, body: Body) -> None:
    given = call.params.get("client_secret")
    if given is None and call.publishable:
        raise invalid("Missing required param: client_secret.", code="parameter_missing", param="client_secret")
    if given is not None and given != body["client_secret"]:
        message = "The client_secret provided does not match any associated SetupIntent on this account."
        raise invalid(message, code="setup_intent_invalid_parameter", param="client_secret")


def save_card(call: Call, body: Body) -> Body:
    """Try to keep the card of the parameters, whoever's the intent is; raises as `attempt` does."""
    _choose(call, body)
    return attempt(call, body)


def confirm(call: Call) -> Body:
    """Try to keep the card."""
    body = call.world.get("setup_intent", call.id, call.account)
    _check_secret(call, body)
    _check_own(call, "confirm")
    return save_card(call, body)


def attempt(call: Call, body: Body) -> Body:
    """Check the intent's card with its bank.

    Returns:
        The intent: succeeded, or waiting for authentication.

    Raises:
        ApiError: 402 for a card its bank refuses, which the intent remembers; 400 when its state forbids it.
    """
    if body["status"] not in _OPEN:
        message = f"You cannot confirm this SetupIntent because it has a status of {body['status']}."
        raise invalid(message, code="setup_intent_unexpected_state", extra={"setup_intent": body})
    if not body["payment_method"]:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise invalid(message, code="setup_intent_unexpected_state", extra={"setup_intent": body})
    body.update(next_action=None, last_setup_error=None)
    card = payment_methods.test_card(call, body["payment_method"])
    if card.authentication in {"always", "unless_set_up", "off_session_ready"}:
        return _ask(call, body)
    return _keep(call, body, card)


def _ask(call: Call, body: Body) -> Body:
    token = ids.token(32)
    return_url = call.params.get("return_url")
    url = f"{call.world.settings.origin}/authenticate/{body['id']}/{token}"
    if return_url and not call.params.get("use_stripe_sdk"):
        redirect = {"return_url": return_url, "url": url}
        body["next_action"] = {"redirect_to_url": redirect, "type": "redirect_to_url"}
    else:
        sdk = {"source": ids.new("payatt"), "stripe_js": url, "type": "three_d_secure_redirect"}
        body["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    body["status"] = "requires_action"
    call.store.save(body)
    private = call.store.private(body["id"])
    call.store.save_private(body["id"], {**private, "authentication": token, "return_url": return_url})
    call.world.emit("setup_intent.requires_action", body, call.account)
    return body


def authenticate(call: Call, *, complete: bool) -> Body:
    """End the authentication that the intent `call.id` waits for, as the person at the page decides.

    Raises:
        ApiError: 402 when the card is refused after it; 400 when the intent does not wait.
    """
    body = call.world.get("setup_intent", call.id, call.account)
    if body["status"] != "requires_action":
        raise invalid("This SetupIntent does not wait for authentication.", code="setup_intent_unexpected_state")
    body["next_action"] = None
    if complete:
        return _keep(call, body, payment_methods.test_card(call, body["payment_method"]))
    message = "The provided PaymentMethod has failed authentication."
    error = {"code": "setup_intent_authentication_failure", "message": message, "type": "invalid_request_error"}
    _fail(call, body, error)
    return body


def _keep(call: Call, body: Body, card: TestCard) -> Body:
    method_id = body["payment_method"]
    if card.decline is not None and not card.attaches:
        refusal = card_error(card.decline)
        _fail(call, body, dict(refusal.error))
        raise _standing(refusal, body)
    if body["customer"] is not None:
        payment_methods.attach_to(call, method_id, body["customer"])
    private = call.store.private(method_id)
    call.store.save_private(method_id, {**private, "set_up": body["usage"] == "off_session"})
    body["status"] = "succeeded"
    call.store.save(body)
    call.world.emit("setup_intent.succeeded", body, call.account)
    return body


def _standing(refusal: ApiError, body: Body) -> ApiError:
    refusal.error["setup_intent"] = body
    refusal.stands = True
    return refusal


def _fail(call: Call, body: Body, error: Body) -> None:
    method = call.world.get("payment_method", body["payment_method"], call.account)
    body.update(
        status="requires_payment_method", payment_method=None, last_setup_error={**error, "payment_method": method}
    )
    call.store.save(body)
    call.world.emit("setup_intent.setup_failed", body, call.account)


def cancel(call: Call) -> Body:
    """Give up an open intent."""
    body = call.world.get("setup_intent", call.id, call.account)
    _check_own(call, "cancel")
    return give_up(call, body)


def _check_own(call: Call, verb: str) -> None:
    if "checkout_session" in call.store.private(call.id):
        message = f"You cannot {verb} this SetupIntent because it was created by Checkout."
        raise invalid(message, code="setup_intent_unexpected_state")


def give_up(call: Call, body: Body) -> Body:
    """Cancel, whoever's the intent is."""
    if body["status"] not in _OPEN:
        message = f"You cannot cancel this SetupIntent because it has a status of {body['status']}."
        raise invalid(message, code="setup_intent_unexpected_state", extra={"setup_intent": body})
    reason = call.params.get("cancellation_reason")
    body.update(status="canceled", cancellation_reason=reason, next_action=None)
    call.store.save(body)
    call.world.emit("setup_intent.canceled", body, call.account)
    return body


def index(call: Call) -> Body:
    """Intents, newest first."""
    return listing.answer(call, "setup_intent", call.given("customer", "payment_method"), "/v1/setup_intents")


_REASON = Choice(("abandoned", "duplicate", "requested_by_customer"))

ROUTES = (
    Route("POST", "/v1/setup_intents", create, _CREATE | EXPAND),
    Route("GET", "/v1/setup_intents", index, PAGE | EXPAND | Hash({"customer": Text(), "payment_method": Text()})),
    Route("GET", "/v1/setup_intents/{id}", retrieve, _SECRET | EXPAND, publishable=True),
    Route("POST", "/v1/setup_intents/{id}/confirm", confirm, _CONFIRM | _SECRET | EXPAND, publishable=True),
    Route("POST", "/v1/setup_intents/{id}/cancel", cancel, Hash({"cancellation_reason": _REASON}) | EXPAND),
)
