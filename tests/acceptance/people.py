"""People who use the platform as an app lets them: supabase-py, the bridge, and Stripe's library in the browser."""

from typing import Any
from uuid import uuid4

import httpx
import stripe
from supabase import create_client

from tests.acceptance.platform import Platform, Row
from tests.acceptance.waiting import eventually

GOOD_CARD = "pm_card_visa"
DECLINED_CARD = "pm_card_visa_chargeDeclined"
# Per minute, in minor units: an increment of one second costs 100.
RATE = 6000


class Person:
    """Somebody who has signed up and is signed in.

    Attributes:
        platform: where.
        supabase: their official client.
        id: their user id.
        token: their access token.
    """

    def __init__(self, platform: Platform) -> None:
        """Sign up."""
        self.platform = platform
        self.supabase = create_client(platform.env.api_url, platform.env.publishable_key, platform.client_options())
        answer = self.supabase.auth.sign_up(
            {"email": f"person-{uuid4().hex[:16]}@example.com", "password": "correct horse battery"}
        )
        assert answer.user is not None
        assert answer.session is not None
        self.id = answer.user.id
        self.token = answer.session.access_token

    def call(self, function: str, **arguments: object) -> Any:
        """Call an RPC; raises postgrest.APIError when it is refused."""
        return self.supabase.rpc(function, {f"p_{name}": value for name, value in arguments.items()}).execute().data

    def rows(self, table: str, **equal: object) -> list[Row]:
        """Read the rows of a table this person may see."""
        asked = self.supabase.table(table).select("*")
        for column, value in equal.items():
            asked = asked.eq(column, value)
        found: list[Any] = asked.execute().data
        return found

    def row(self, table: str, **equal: object) -> Row:
        """Read the one row there is."""
        (found,) = self.rows(table, **equal)
        return found

    def bridge(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Call the bridge as this person."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        return self.platform.http.post(self.platform.env.bridge_url + path, json=body, headers=sent)

    # Paying

    @property
    def balance(self) -> int:
        """What the wallet holds, minor units."""
        return int(self.row("wallets", user_id=self.id)["balance"])

    def begin_topup(self, amount: int, key: str | None = None, **headers: str) -> Row:
        """Ask the bridge for a payment."""
        order = {"amount": amount, "currency": "usd", "idempotency_key": key or str(uuid4())}
        answer = self.bridge("/topups", order, **headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def pay(self, topup: Row, card: str = GOOD_CARD) -> str:
        """Confirm a payment in the browser and return its status; raises stripe.CardError for a declined card."""
        params: Any = {"payment_method": card, "client_secret": topup["client_secret"]}
        return str(self.platform.browser.v1.payment_intents.confirm(topup["payment_intent_id"], params).status)

    def pay_declined(self, topup: Row) -> stripe.CardError:
        """Try a card that the bank declines."""
        try:
            self.pay(topup, DECLINED_CARD)
        except stripe.CardError as error:
            return error
        raise AssertionError("the card was not declined")

    def top_up(self, amount: int) -> Row:
        """Fill the wallet by card and wait until the webhook has credited it."""
        topup = self.begin_topup(amount)
        assert self.pay(topup) == "succeeded"
        self.wait_transaction(topup, "COMPLETED")
        return topup

    def wait_transaction(self, topup: Row, status: str, *, seconds: float = 20.0) -> Row:
        """Wait until a top-up's transaction has a status."""

        def reached() -> Row | None:
            row = self.row("transactions", id=topup["transaction_id"])
            return row if row["status"] == status else None

        return eventually(reached, f"transaction {topup['transaction_id']} {status}", seconds=seconds)

    # Reading for others

    def become_reader(self, rate: int = RATE) -> None:
        """Apply, be approved by an administrator, and go online."""
        self.call(
            "apply_as_reader",
            first_name="Mira",
            last_name="Stone",
            bio="Reads the stars.",
            specialties=["tarot"],
            session_types=["CHAT"],
            pricing={"CHAT": rate},
            timezone="Europe/Berlin",
        )
        administrator(self.platform).call("review_reader_application", user_id=self.id, approve=True, reason="welcome")
        self.call("set_reader_status", status="ONLINE")

    def open_payouts(self) -> str:
        """Onboard with Stripe, wait until the payout gate is open, and return the account's id."""
        answer = self.bridge("/payout-account", {})
        assert answer.status_code == 201, answer.text
        account_id = str(answer.json()["account_id"])
        self.platform.control(f"accounts/{account_id}", {"onboard": True})
        eventually(lambda: self.row("reader_accounts", user_id=self.id)["payouts_enabled"], "payout gate open")
        return account_id

    @property
    def earnings(self) -> Row:
        """What the reader has earned: balance, held, payable."""
        return self.row("reader_earnings", user_id=self.id)

    def request_payout(self, amount: int | None = None) -> Row:
        """Ask for earnings to be paid out."""
        return dict(self.call("request_payout", idempotency_key=str(uuid4()), amount=amount))

    def wait_payout(self, payout: Row, status: str, *, seconds: float = 30.0) -> Row:
        """Wait until a payout has a status."""

        def reached() -> Row | None:
            row = self.row("payouts", id=payout["id"])
            return row if row["status"] == status else None

        return eventually(reached, f"payout {payout['id']} {status}", seconds=seconds)


_administrators: dict[int, Person] = {}


def administrator(platform: Platform) -> Person:
    """Return the administrator of a platform, appointed on first use."""
    known = _administrators.get(id(platform))
    if known is None:
        known = _administrators[id(platform)] = Person(platform)
        platform.worker_api("appoint_admin", user_id=known.id, permissions=["manage_users", "manage_finances"])
    return known


def make_reader(platform: Platform, rate: int = RATE) -> Person:
    """Return a reader who is online."""
    reader = Person(platform)
    reader.become_reader(rate)
    return reader


def make_client(platform: Platform, amount: int) -> Person:
    """Return a client with so much in the wallet, paid by card; 0 leaves it empty."""
    client = Person(platform)
    if amount:
        client.top_up(amount)
    return client
