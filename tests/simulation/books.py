"""A ledger kept a second time, from the journal of postings alone, and compared with the first after every call.

Nothing here uses a function of the database: what a share is, what an increment costs, what must follow a posting, is
worked out again, naively.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from tests.simulation.errors import ViolationError

Row = dict[str, Any]
_SPENDABLE = ("client_wallet", "promo_credit")


@dataclass(slots=True)
class Account:
    """An account of a person, as the postings have made it."""

    id: str
    user: str | None
    kind: str
    credits: int = 0
    debits: int = 0
    held: int = 0
    is_frozen: bool = False

    @property
    def available(self) -> int:
        """What can be spent or paid out."""
        return self.credits - self.debits - self.held


@dataclass(slots=True)
class Posted:
    """What one call posted for one increment."""

    amount: int = 0
    earned: int = 0
    code: str = "increment"


@dataclass
class Books:
    """Accounts, holds and increments, as they must be."""

    accounts: dict[str, Account] = field(default_factory=dict)
    by_owner: dict[tuple[str | None, str], Account] = field(default_factory=dict)
    holds: dict[str, Row] = field(default_factory=dict)
    # What of an increment is charged, net of reversals, by (transaction, increment); and what the house bore.
    charged: dict[tuple[str, int], int] = field(default_factory=dict)
    borne: dict[tuple[str, int], int] = field(default_factory=dict)
    jobs: dict[str, Row] = field(default_factory=dict)
    payouts: dict[str, Row] = field(default_factory=dict)
    postings: int = 0
    # Of every posting in order: two runs of one seed agree in it.
    digest: Any = field(default_factory=lambda: blake2b(digest_size=16))
    # Of the call being read: what it posted by increment, and which accounts it touched.
    call_posted: dict[tuple[str, int], Posted] = field(default_factory=dict)
    _touched: dict[str, Row] = field(default_factory=dict)

    def open(self, row: Row) -> Account:
        """Know an account."""
        account = Account(row["id"], row["user_id"], row["kind"])
        self.accounts[account.id] = self.by_owner[account.user, account.kind] = account
        return account

    def of(self, user: str | None, kind: str) -> Account:
        """Return an account of a person, or of the house."""
        return self.by_owner[user, kind]

    def funds(self, user: str) -> int:
        """What a person can spend now."""
        own = [self.of(user, kind) for kind in _SPENDABLE]
        return sum(account.available for account in own if not account.is_frozen)

    def balance(self, kind: str) -> int:
        """Credits minus debits of an account of the house."""
        account = self.of(None, kind)
        return account.credits - account.debits

    def begin_call(self) -> None:
        """Forget what the call before posted."""
        self.call_posted.clear()
        self._touched.clear()

    def transfer(self, row: Row) -> None:
        """Take over a posting."""
        amount, commission = row["amount"], row["commission"]
        debit, credit = self.accounts[row["debit_account_id"]], self.accounts[row["credit_account_id"]]
        if amount <= 0 or not 0 <= commission <= amount:
            raise ViolationError(f"a posting of {amount} with commission {commission}: {row}")
        debit.debits += amount
        credit.credits += amount - commission
        if commission:
            self.accounts[row["commission_account_id"]].credits += commission
        self.postings += 1
        self.digest.update(f"{row['id']} {amount} {commission}".encode())
        for account, total, told in (
            (debit, debit.debits, row["debit_total"]),
            (credit, credit.credits, row["credit_total"]),
        ):
            if account.user is not None and total != told:
                raise ViolationError(f"running totals have a gap: {account} is told {told} in {row}")
        if row["increment"] is not None:
            self._increment(row, debit, credit)

    def _increment(self, row: Row, debit: Account, credit: Account) -> None:
        key = (row["transaction_id"], row["increment"])
        kept = (
            self.borne
            if row["code"] == "outage_increment" or "outage_expense" in (debit.kind, credit.kind)
            else self.charged
        )
        if row["code"] == "increment_reversal":
            kept[key] = kept.get(key, 0) - row["amount"]
            if kept[key] < 0:
                raise ViolationError(f"more given back than was charged: {row}")
            return
        posted = self.call_posted.setdefault(key, Posted())
        if posted.amount == 0 and (self.charged.get(key, 0) or self.borne.get(key, 0)):
            raise ViolationError(f"an increment is charged twice: {row}")
        posted.amount += row["amount"]
        posted.earned += row["amount"] - row["commission"]
        posted.code = row["code"]
        kept[key] = kept.get(key, 0) + row["amount"]

    def hold(self, row: Row) -> None:
        """Take over a hold, or its end."""
        before = self.holds.get(row["id"])
        account = self.accounts[row["account_id"]]
        if before is None and row["status"] == "PENDING":
            account.held += row["amount"]
        elif before is not None and before["status"] == "PENDING" and row["status"] != "PENDING":
            account.held -= row["amount"]
        elif before != row:
            raise ViolationError(f"a hold is resolved twice: {before} becomes {row}")
        self.holds[row["id"]] = row

    def account(self, row: Row) -> None:
        """Note how an account stands; compared when the call is over."""
        if row["id"] not in self.accounts:
            self.open(row)
        self.accounts[row["id"]].is_frozen = row["frozen_at"] is not None
        self._touched[row["id"]] = row

    def end_call(self) -> None:
        """Compare what the call touched with what it must be."""
        for row in self._touched.values():
            self.compare(row)

    def compare(self, row: Row) -> None:
        """Compare an account with its postings and holds."""
        account = self.accounts[row["id"]]
        stands = (row["credits"], row["debits"], row["held"])
        if account.user is not None and stands != (account.credits, account.debits, account.held):
            raise ViolationError(f"an account differs from its postings: {stands}, by its postings {account}")
        if account.kind in _SPENDABLE and account.available < 0:
            raise ViolationError(f"a wallet is below zero: {account}")
