"""A ledger kept a second time, from the journal of postings alone, and compared with the first after every call.

Nothing here uses a function of the database: what a share is, what an increment costs, what must follow a posting, is
worked out again, naively.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from tests.simulation.errors import ViolationError

Row = dict[str, Any]
_SPENDABLE = ("client_wallet", "promo_credit")
_PURCHASES = ("increment", "gift", "tip", "order")


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


Part = tuple[str, str]


@dataclass(slots=True)
class Paid:
    """One posting of a charge, after what was taken back before it was settled, and what was given back of it since."""

    amount: int
    earned: int
    gave: int = 0
    earner_gave: int = 0

    def check(self) -> None:
        """Refuse more than it was, and a part of which the earner bears more or less than of the whole."""
        if self.gave > self.amount:
            raise ViolationError(f"more of a posting is given back than was paid: {self}")
        if self.gave and self.earner_gave != self.earned - self.earned * (self.amount - self.gave) // self.amount:
            raise ViolationError(f"earner and platform give back as they did not share: {self}")


@dataclass
class Charge:
    """What a transaction charged and what was given back of it since, by (payer's, earner's account)."""

    # Of each part: what was paid, and what of it the earner had; the same of what was given back.
    paid: dict[Part, tuple[int, int]] = field(default_factory=dict)
    back: dict[Part, tuple[int, int]] = field(default_factory=dict)
    postings: dict[str, Paid] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse more than was charged, and parts out of their proportion by more than rounding."""
        paid, back = (sum(amount for amount, _ in parts.values()) for parts in (self.paid, self.back))
        if back > paid or (back == paid and self.back != {part: both for part, both in self.paid.items() if both[0]}):
            raise ViolationError(f"{self.back} is given back of {self.paid}")
        for part, (gave, earner_gave) in self.back.items():
            amount, earned = self.paid[part]
            if earner_gave > earned:
                raise ViolationError(f"the earner gives {earner_gave} of {earned} back: {self}")
            if abs(gave * paid - amount * back) > len(self.paid) * paid or gave > amount:
                raise ViolationError(f"{gave} of the part {amount} is given back as {back} of {paid} are: {self}")
        for posting in self.postings.values():
            posting.check()


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
    charges: dict[str, Charge] = field(default_factory=dict)
    # What people spent and earned, by (person, code of the posting).
    spent: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    earned: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    # Of those the fees that were judged.
    _fees: Counter[str] = field(default_factory=Counter)
    postings: int = 0
    # Of every posting in order: two runs of one seed agree in it.
    digest: Any = field(default_factory=lambda: blake2b(digest_size=16))
    # Of the call being read: what it posted by increment, what came back to whom, and which accounts it touched.
    call_posted: dict[tuple[str, int], Posted] = field(default_factory=dict)
    call_returned: Counter[str | None] = field(default_factory=Counter)
    _touched: dict[str, Row] = field(default_factory=dict)
    # Of each account and side: the running totals its postings were told, and what each moved.
    _told: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    _given_back: list[Charge] = field(default_factory=list)
    # Of each posting of a charge: its transaction and part.
    _parts: dict[str, tuple[str, Part]] = field(default_factory=dict)

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

    def fees_since(self, client: str, reader: str) -> tuple[int, int]:
        """What fees a client paid, and a reader earned, since this was last asked for either."""
        taken = self.spent[client, "fee"] - self._fees[client]
        earned = self.earned[reader, "fee"] - self._fees[reader]
        self._fees[client] += taken
        self._fees[reader] += earned
        return taken, earned

    def balance(self, kind: str) -> int:
        """Credits minus debits of an account of the house."""
        account = self.of(None, kind)
        return account.credits - account.debits

    def begin_call(self) -> None:
        """Forget what the call before posted."""
        self.call_posted.clear()
        self.call_returned.clear()
        self._touched.clear()
        self._told.clear()
        self._given_back.clear()

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
        for account, side, moved in ((debit, "debit", amount), (credit, "credit", amount - commission)):
            if account.user is not None:
                self._told.setdefault((account.id, side), []).append((row[f"{side}_total"], moved))
        if row["increment"] is not None:
            self._increment(row, debit, credit)
        self._charge(row, debit, credit)

    def _charge(self, row: Row, debit: Account, credit: Account) -> None:
        """Know what is charged, and what is given back of it."""
        if credit.kind == "reader_earnings":
            self.earned[credit.user, row["code"]] += row["amount"] - row["commission"]
        if debit.kind in _SPENDABLE:
            if debit.is_frozen and row["code"] in _PURCHASES:
                raise ViolationError(f"a frozen wallet pays: {row}")
            self.spent[debit.user, row["code"]] += row["amount"]
        if row["code"] in ("reversal", "increment_reversal"):
            self._give_back(row, debit, credit)
        elif debit.kind in _SPENDABLE:
            charge, part = self.charges.setdefault(row["transaction_id"], Charge()), (debit.id, credit.id)
            paid, earned = charge.paid.get(part, (0, 0))
            charge.paid[part] = (paid + row["amount"], earned + row["amount"] - row["commission"])
            charge.postings[row["id"]] = Paid(row["amount"], row["amount"] - row["commission"])
            self._parts[row["id"]] = (row["transaction_id"], part)

    def _give_back(self, row: Row, debit: Account, credit: Account) -> None:
        if row["reverses"] not in self._parts:
            return
        transaction, part = self._parts[row["reverses"]]
        charge, of_earner = self.charges[transaction], row["amount"] if debit.id == part[1] else 0
        if credit.id != part[0]:
            raise ViolationError(f"given back to another account than paid: {row}")
        if transaction == row["transaction_id"]:
            # Taken back before it was settled: that was never charged.
            paid, earned = charge.paid[part]
            charge.paid[part] = (paid - row["amount"], earned - of_earner)
            posting = charge.postings[row["reverses"]]
            posting.amount, posting.earned = posting.amount - row["amount"], posting.earned - of_earner
            return
        gave, earner_gave = charge.back.get(part, (0, 0))
        charge.back[part] = (gave + row["amount"], earner_gave + of_earner)
        posting = charge.postings[row["reverses"]]
        posting.gave, posting.earner_gave = posting.gave + row["amount"], posting.earner_gave + of_earner
        self._given_back.append(charge)

    def _increment(self, row: Row, debit: Account, credit: Account) -> None:
        key = (row["transaction_id"], row["increment"])
        kept = (
            self.borne
            if row["code"] == "outage_increment" or "outage_expense" in (debit.kind, credit.kind)
            else self.charged
        )
        if row["code"] == "increment_reversal":
            if credit.kind in _SPENDABLE:
                self.call_returned[credit.user] += row["amount"]
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
        for (account, side), told in self._told.items():
            self._check_running(self.accounts[account], side, told)
        for charge in self._given_back:
            charge.check()

    def _check_running(self, account: Account, side: str, told: list[tuple[int, int]]) -> None:
        """Refuse gaps between the totals of one call, whose postings may be written in any order."""
        total = account.debits if side == "debit" else account.credits
        running = total - sum(moved for _, moved in told)
        for is_told, moved in sorted(told, key=lambda both: (both[0], -both[1])):
            running += moved
            if running != is_told:
                raise ViolationError(f"running totals have a gap: {side} of {account} is told {told}")

    def compare(self, row: Row) -> None:
        """Compare an account with its postings and holds."""
        account = self.accounts[row["id"]]
        stands = (row["credits"], row["debits"], row["held"])
        if account.user is not None and stands != (account.credits, account.debits, account.held):
            raise ViolationError(f"an account differs from its postings: {stands}, by its postings {account}")
        if account.kind in _SPENDABLE and account.available < 0:
            raise ViolationError(f"a wallet is below zero: {account}")
        if account.kind == "client_debt" and account.credits > account.debits:
            raise ViolationError(f"a client is owed by a debt: {account}")
