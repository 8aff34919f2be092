"""What people's browsers do beside Supabase: ask the bridge, pay by card, fill in Stripe's onboarding page."""

from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID, uuid4

import httpx
import stripe

from demo.people import Person
from demo.rows import Row
from demo.waiting import DemoError, expect
from soulseer.stripe_client import API_VERSION
from stack.environment import StackEnv

RowT = TypeVar("RowT", bound=Row)

# Stripe's test cards, as a person types them.
GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"


class Topup(Row):
    """The bridge's answer to POST /topups."""

    transaction_id: UUID
    payment_intent_id: str
    client_secret: str


class Onboarding(Row):
    """The bridge's answer to POST /payout-account."""

    account_id: str
    onboarding_url: str
    expires_at: datetime


class Browser:
    """Talks to the bridge and, with the publishable key, to Stripe."""

    def __init__(self, env: StackEnv) -> None:
        """Args: the stack's addresses and keys."""
        self._http = httpx.Client(timeout=15.0)
        self._bridge = env.bridge_url
        self._stripe = stripe.StripeClient(
            env.stripe_publishable_key, stripe_version=API_VERSION, base_addresses={"api": env.stripe_api_url}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def begin_topup(self, person: Person, amount: int, currency: str) -> Topup:
        """Ask the bridge for a payment of this amount, minor units."""
        order = {"amount": amount, "currency": currency, "idempotency_key": str(uuid4())}
        return self._post("/topups", person, order, Topup)

    def pay(self, topup: Topup, card: str) -> str:
        """Pay with a card, as Stripe's form does, and return the payment's status.

        Raises:
            stripe.CardError: the bank declined.
        """
        method = self._stripe.v1.payment_methods.create(
            {
                "type": "card",
                "card": {"number": card.replace(" ", ""), "exp_month": 12, "exp_year": 2040, "cvc": "123"},
            }
        )
        params = {"payment_method": method.id, "client_secret": topup.client_secret}
        # The library's types know the secret key's parameters only.
        return self._stripe.v1.payment_intents.confirm(topup.payment_intent_id, params).status  # type: ignore[arg-type]

    def begin_onboarding(self, person: Person) -> Onboarding:
        """Ask the bridge for the reader's account at Stripe and the page that completes it."""
        return self._post("/payout-account", person, {}, Onboarding)

    def complete_onboarding(self, onboarding: Onboarding) -> None:
        """Open Stripe's page and send its form, finished."""
        shown = self._http.get(onboarding.onboarding_url)
        expect(shown.status_code == HTTPStatus.OK, f"The onboarding page answered {shown.status_code}.", "stripe")
        # Nobody answers where it sends the reader afterwards: that would be the web app.
        sent = self._http.post(onboarding.onboarding_url, data={"outcome": "complete"})
        expect(sent.status_code == HTTPStatus.SEE_OTHER, f"The onboarding form answered {sent.status_code}.", "stripe")

    def _post(self, path: str, person: Person, body: dict[str, object], answer: type[RowT]) -> RowT:
        response = self._http.post(
            self._bridge + path, json=body, headers={"Authorization": f"Bearer {person.access_token}"}
        )
        if response.status_code != HTTPStatus.CREATED:
            raise DemoError(f"POST {path} answered {response.status_code}: {response.text}", "bridge")
        return answer.model_validate(response.json())
