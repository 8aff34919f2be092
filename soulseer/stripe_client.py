"""The Stripe client every service uses, and what its failures mean to us."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol
from uuid import UUID

import stripe

from soulseer.errors import ProviderRefusedError, ProviderUnavailableError, SoulSeerError
from soulseer.settings import StripeSettings

# Answers keep this shape until we move on purpose.
API_VERSION: Final = "2026-10-28.endive"
# The client's own default is 0; it retries lost connections, 409 and 5xx, with the same idempotency key.
MAX_NETWORK_RETRIES: Final = 2


def make_stripe(settings: StripeSettings) -> stripe.StripeClient:
    """Return a client; safe to share between threads.

    Args:
        settings: The API key, and the stand-in's address on a developer's machine.
    """
    local = settings.stripe_api_url
    return stripe.StripeClient(
        settings.stripe_secret_key.get_secret_value(),
        stripe_version=API_VERSION,
        base_addresses={} if local is None else {"api": local, "connect": local},
        max_network_retries=MAX_NETWORK_RETRIES,
        http_client=stripe.RequestsClient(timeout=settings.stripe_timeout_seconds),
    )


def provider_error(error: stripe.StripeError) -> SoulSeerError:
    """Return the typed error to answer a user with when a call to Stripe failed.

    Args:
        error: What the library raised.
    """
    if isinstance(error, stripe.CardError | stripe.InvalidRequestError):
        return ProviderRefusedError(error.user_message or "The request was refused.", error.code)
    return ProviderUnavailableError(type(error).__name__)


def metadata_id(metadata: object, name: str) -> UUID | None:
    """Return one of our ids from an object's metadata, or None where it holds none.

    Args:
        metadata: The object's `metadata` as the library gives it.
        name: The mark's name.
    """
    values = metadata.to_dict() if isinstance(metadata, stripe.StripeObject) else metadata
    value = values.get(name) if isinstance(values, dict) else None
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        # Metadata can be edited by hand in Stripe's dashboard.
        return None


class Failure(NamedTuple):
    """Why a payment failed: Stripe's code, and the bank's where it gave one."""

    code: str | None
    decline_code: str | None

    @property
    def reason(self) -> str | None:
        """The more precise of the two."""
        return self.decline_code or self.code


def payment_failure(intent: stripe.PaymentIntent) -> Failure | None:
    """Return why a PaymentIntent's last attempt failed, or None when it did not.

    Args:
        intent: As the library gives it.
    """
    error = intent.last_payment_error
    if error is None:
        return None
    # Of an error Stripe leaves out what it does not have, and the library raises for what is left out.
    return Failure(getattr(error, "code", None), getattr(error, "decline_code", None))


class Identified(Protocol):
    """An object of Stripe's that has an id."""

    id: str


def reference(value: str | Identified | None) -> str | None:
    """Return the id of what an object refers to, whether Stripe gave the id or the whole of it.

    Args:
        value: The field as the library gives it.
    """
    return value if value is None or isinstance(value, str) else value.id
