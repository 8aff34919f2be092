"""What Stripe tells of a top-up after it was paid: refunds, disputes, warnings. For the tests of both."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.sql.marketplace import Marketplace, Person, Row


def some(kind: str) -> str:
    """Return an id as Stripe makes them."""
    return f"{kind}_{uuid4().hex[:16]}"


class Card:
    """A client's card: the top-ups it paid, and what becomes of them at Stripe."""

    def __init__(self, market: Marketplace, amount: int = 1000, person: Person | None = None) -> None:
        self.market, self.amount = market, amount
        self.person = person or market.client()
        self.topup = market.top_up(self.person, amount)
        self.intent = str(
            market.value("select stripe_payment_intent_id from public.transactions where id = %s", self.topup)
        )
        self.charge = some("ch")

    # What Stripe tells ----------------------------------------------------------------------------------------------

    def _apply(self, function: str, kind: str, object_id: str, **arguments: Any) -> Row:
        asked = {"p_sequence": None, "p_event_id": None, **arguments}
        asked["p_sequence"] = asked["p_sequence"] or self.sequence(object_id)
        asked["p_event_id"] = asked["p_event_id"] or self.market.store_event(kind, object_id)
        answer: Row = self.market.worker(function, p_payment_intent_id=self.intent, **{"p_currency": "usd", **asked})
        return answer

    def sequence(self, object_id: str) -> int:
        return int(self.market.worker("next_object_sequence", p_object_id=object_id))

    def refund(self, refund: str, amount: int, status: str = "succeeded", **more: Any) -> Row:
        """Tell of a refund as it stands at Stripe."""
        arguments = {
            "p_stripe_refund_id": refund,
            "p_attempt_id": None,
            "p_amount": amount,
            "p_status": status,
            "p_failure_reason": "lost_or_stolen_card" if status == "failed" else None,
            "p_failure_transaction_id": f"txn_f_{refund}" if status == "failed" else None,
        }
        return self._apply("apply_refund", f"refund.{status}", refund, **{**arguments, **more})

    def dispute(self, dispute: str, status: str, *moves: Row, amount: int | None = None, **more: Any) -> Row:
        """Tell of a dispute as it stands at Stripe, with every movement of money so far."""
        arguments = {
            "p_stripe_dispute_id": dispute,
            "p_charge_id": self.charge,
            "p_status": status,
            "p_reason": "fraudulent",
            "p_amount": self.amount if amount is None else amount,
            "p_due_at": "2027-01-01T00:00:00Z",
            "p_movements": list(moves),
        }
        return self._apply("apply_dispute", "charge.dispute.updated", dispute, **{**arguments, **more})

    def warning(self, warning: str, *, actionable: bool, refunded: bool = False) -> Row:
        return self._apply(
            "apply_fraud_warning",
            "radar.early_fraud_warning.created",
            warning,
            p_warning_id=warning,
            p_charge_id=self.charge,
            p_is_actionable=actionable,
            p_is_refunded=refunded,
        )

    def reconcile(self, amount: int, event: str) -> Row:
        """Tell how much of the charge Stripe has refunded by now."""
        answer: Row = self.market.worker(
            "reconcile_charge_refunds",
            p_event_id=event,
            p_payment_intent_id=self.intent,
            p_amount_refunded=amount,
            p_currency="usd",
        )
        return answer

    # What became of it ----------------------------------------------------------------------------------------------

    def unspent(self) -> int:
        return int(self.market.value("select ledger.unspent(%s)", self.topup))

    def balance(self) -> int:
        return int(self.market.wallet(self.person)["balance"])

    def owed(self) -> int:
        query = "select debits - credits from ledger.accounts where user_id = %s and kind = 'client_debt'"
        return int(self.market.value(query, self.person.id))

    def is_frozen(self) -> bool:
        return bool(self.market.value("select private.wallet_is_frozen(%s)", self.person.id))

    def rows(self, kind: str) -> list[Row]:
        """Return the client's own transactions of a type."""
        return self.market.read(self.person, f"transactions?type=eq.{kind}")

    def spend(self, reader: Person, amount: int, share_bps: int = 7000) -> str:
        """Pay a reader at once; answers the transaction."""
        return pay_reader(self.market, self.person, reader, amount, share_bps)


def pay_reader(market: Marketplace, person: Person, reader: Person, amount: int, share_bps: int) -> str:
    """Pay a reader at once, as a tip with a share of its own; answers the transaction."""
    made = market.value(
        "insert into public.transactions (user_id, type, amount, status) values (%s, 'TIP', %s, 'COMPLETED') "
        "returning id::text",
        person.id,
        amount,
    )
    share = market.value(
        "select private.spend(%s, 'tip', %s, %s, %s, %s)", made, person.id, reader.id, amount, share_bps
    )
    market.database.execute(
        "update public.transactions set reader_earnings = %s, platform_revenue = %s where id = %s",
        [share, amount - share, made],
    )
    return str(made)


def taken(amount: int, fee: int = 1500, number: int = 1) -> Row:
    """A dispute's balance transaction: Stripe took the amount and a fee."""
    return {"id": some("txn"), "amount": -amount, "fee": fee, "currency": "usd", "created": number}


def given_back(amount: int, fee: int = 0, number: int = 2) -> Row:
    """A dispute's balance transaction: Stripe gave the amount back."""
    return {"id": some("txn"), "amount": amount, "fee": -fee, "currency": "usd", "created": number}


def postings(market: Marketplace, person: Person) -> list[Row]:
    """What refunds and disputes posted for a client, without ids, in no particular order."""
    return market.rows(
        "select t.type::text, t.status::text, t.amount as total, p.code::text, d.kind::text as debit, "
        "c.kind::text as credit, p.amount from public.transactions t "
        "join ledger.card_returns r on r.transaction_id = t.id "
        "join ledger.transfers p on p.transaction_id = t.id join ledger.accounts d on d.id = p.debit_account_id "
        "join ledger.accounts c on c.id = p.credit_account_id where t.user_id = %s "
        "order by 1, 2, 3, 4, 5, 6, 7",
        person.id,
    )
