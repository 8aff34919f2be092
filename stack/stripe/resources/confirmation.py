"""Attempts of a PaymentIntent: choosing a card, authentication, charging, and what a decline leaves behind."""

from stack.stripe import ids
from stack.stripe.cards import AUTHENTICATION_REQUIRED, Decline, TestCard, card_error
from stack.stripe.errors import invalid
from stack.stripe.resources import charges, payment_methods
from stack.stripe.store import Body
from stack.stripe.world import Call

# What a publishable key sees of an intent: nothing of the customer, the charge or the metadata.
_PUBLIC = (
    "id",
    "object",
    "amount",
    "amount_details",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_types",
    "processing",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "source",
    "status",
)
# What confirming may change of an intent.
_CARRIED = ("allowed_payment_method_types", "capture_method", "receipt_email", "setup_future_usage", "shipping")
_SECRET_ONLY = ("off_session", "capture_method", "error_on_requires_action", "allowed_payment_method_types")


def public_view(intent: Body) -> Body:
    """The fields of an intent that a publishable key may see."""
    return {name: intent[name] for name in _PUBLIC}


def check_secret(call: Call, intent: Body) -> None:
    """Raise unless a secret key asks, or the client secret fits and no parameter is beyond a publishable key."""
    given = call.params.get("client_secret")
    if given is None and call.publishable:
        raise invalid("Missing required param: client_secret.", code="parameter_missing", param="client_secret")
    if given is not None and given != intent["client_secret"]:
        raise invalid(
            "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the "
            "publishable key used belongs to the same account that created the PaymentIntent.",
            code="payment_intent_invalid_parameter",
            param="client_secret",
        )
    for name in _SECRET_ONLY:
        if call.publishable and name in call.params:
            raise invalid(f"Parameter {name} is not allowed with a publishable key.", param=name)


def choose_method(call: Call, intent: Body) -> None:
    """Put the card of the parameters (an id, a test token, or `payment_method_data`) on the intent."""
    params = call.params
    if params.get("payment_method_data"):
        intent["payment_method"] = payment_methods.make(call, params["payment_method_data"])["id"]
    elif params.get("payment_method"):
        method = payment_methods.resolve(call, params["payment_method"])
        if method["customer"] is not None and method["customer"] != intent["customer"]:
            raise invalid(
                f"The provided PaymentMethod ({method['id']}) belongs to a Customer; it can only be used with a "
                "PaymentIntent of that Customer. Please include the Customer in the `customer` parameter.",
                param="payment_method",
            )
        if call.store.private(method["id"]).get("spent"):
            raise invalid(
                "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or "
                "was detached from a Customer. It may not be used again.",
                param="payment_method",
            )
        intent["payment_method"] = method["id"]
    options = (params.get("payment_method_options") or {}).get("card") or {}
    intent["payment_method_options"]["card"].update(options)


def confirm(call: Call, intent: Body) -> Body:
    """Attempt the payment with the parameters of the call.

    Returns the intent: succeeded, to be captured, or waiting for authentication.

    Raises:
        ApiError: 402 for a decline, which the intent remembers; 400 when its state forbids confirmation.
    """
    params = call.params
    _check_open(intent)
    for name in _CARRIED:
        if name in params:
            intent[name] = params[name]
    choose_method(call, intent)
    if not intent["payment_method"]:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": intent},
        )
    intent.update(next_action=None, last_payment_error=None)
    method = call.world.get("payment_method", intent["payment_method"], call.account)
    card = payment_methods.test_card(call, method["id"])
    off_session = bool(params.get("off_session"))
    if not _asks(call, intent, card, off_session=off_session):
        return _charge(call, intent, method, card.decline, authenticated=False)
    if off_session or params.get("error_on_requires_action"):
        return _charge(call, intent, method, AUTHENTICATION_REQUIRED, authenticated=False)
    return _await_authentication(call, intent)


def _check_open(intent: Body) -> None:
    status = intent["status"]
    if status in {"requires_payment_method", "requires_confirmation", "requires_action"}:
        return
    message = f"You cannot confirm this PaymentIntent because it has a status of {status}."
    if status == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    raise invalid(message, code="payment_intent_unexpected_state", extra={"payment_intent": intent})


def _asks(call: Call, intent: Body, card: TestCard, *, off_session: bool) -> bool:
    wanted = intent["payment_method_options"]["card"]["request_three_d_secure"] in {"any", "challenge"}
    if card.authentication == "never":
        return wanted and not off_session and card.name == "threeDSecureOptional"
    if card.authentication == "always" or not off_session:
        return True
    ready = card.authentication == "off_session_ready" or call.store.private(intent["payment_method"])["set_up"]
    return not ready


def _await_authentication(call: Call, intent: Body) -> Body:
    params, world = call.params, call.world
    token = ids.token(32)
    url = f"{world.settings.origin}/authenticate/{intent['id']}/{token}"
    return_url = params.get("return_url")
    if return_url and not params.get("use_stripe_sdk"):
        intent["next_action"] = {
            "redirect_to_url": {"return_url": return_url, "url": url},
            "type": "redirect_to_url",
        }
    else:
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"source": ids.new("payatt"), "stripe_js": url, "type": "three_d_secure_redirect"},
        }
    intent["status"] = "requires_action"
    call.store.save(intent)
    private = call.store.private(intent["id"])
    call.store.save_private(intent["id"], {**private, "authentication": token, "return_url": return_url})
    world.emit("payment_intent.requires_action", intent, call.account)
    return intent


def authenticate(call: Call, *, complete: bool) -> Body:
    """End the authentication that the intent `call.id` waits for, as the person at the page decides.

    Raises:
        ApiError: 402 when the card declines after it; 400 when the intent does not wait.
    """
    intent = call.world.get("payment_intent", call.id, call.account)
    if intent["status"] != "requires_action":
        raise invalid("This PaymentIntent does not wait for authentication.", code="payment_intent_unexpected_state")
    intent["next_action"] = None
    method = call.world.get("payment_method", intent["payment_method"], call.account)
    if complete:
        decline = payment_methods.test_card(call, method["id"]).decline
        return _charge(call, intent, method, decline, authenticated=True)
    error = {
        "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a "
        "new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": method,
        "type": "invalid_request_error",
    }
    _fail(call, intent, error)
    return intent


def _fail(call: Call, intent: Body, error: Body) -> None:
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error)
    call.store.save(intent)
    call.world.emit("payment_intent.payment_failed", intent, call.account)


def _charge(call: Call, intent: Body, method: Body, decline: Decline | None, *, authenticated: bool) -> Body:
    charge = charges.make(call, intent, method, decline, authenticated=authenticated)
    intent["latest_charge"] = charge["id"]
    charges.announce(call, charge, intent["capture_method"])
    if decline is not None:
        refusal = card_error(decline, {"charge": charge["id"], "payment_method": method})
        _fail(call, intent, dict(refusal.error))
        refusal.error["payment_intent"] = public_view(intent) if call.publishable else intent
        refusal.stands = True
        raise refusal
    intent["last_payment_error"] = None
    if intent["capture_method"] == "manual":
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
    else:
        intent.update(status="succeeded", amount_received=intent["amount"])
    call.store.save(intent)
    remember(call, intent, method, authenticated=authenticated)
    manual = intent["status"] == "requires_capture"
    kind = "payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded"
    call.world.emit(kind, intent, call.account)
    return intent


def remember(call: Call, intent: Body, method: Body, *, authenticated: bool) -> None:
    """Keep the card or account for its customer when the intent says so; otherwise it was good for once."""
    private = call.store.private(method["id"])
    if intent["setup_future_usage"] and intent["customer"]:
        if method["customer"] is None:
            payment_methods.attach_to(call, method["id"], intent["customer"])
        ready = authenticated and intent["setup_future_usage"] == "off_session"
        call.store.save_private(method["id"], {**private, "set_up": private["set_up"] or ready})
    elif method["customer"] is None:
        call.store.save_private(method["id"], {**private, "spent": True})
