"""Readers who have earned enough to be paid out many times, and the payouts that are owed to them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Final
from uuid import UUID

from tests.acceptance.conversation import Conversation
from tests.acceptance.people import Person, make_client, make_reader
from tests.acceptance.platform import Platform
from tests.acceptance.waiting import eventually

# Per minute, minor units: an increment is a second here, so a few of them earn enough for hundreds of payouts.
_RATE: Final = 1_000_000
# What an increment costs at most, and what is left of it to the reader at least.
_COST, _EARNED = 17_000, 10_000
LEAST, MOST = 100, 300
# More than all readers together earn, so that Stripe's balance is short only when it is made so.
BALANCE: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Earner:
    """A reader with earnings and an open payout gate.

    Attributes:
        person: Who.
        account: Their connected account.
        earned: What they had earned before the first payout, minor units.
    """

    person: Person
    account: str
    earned: int

    @property
    def is_open(self) -> bool:
        """Whether the payout gate is open."""
        return bool(self.person.row("reader_accounts", user_id=self.person.id)["payouts_enabled"])


@dataclass(frozen=True, slots=True)
class Obligation:
    """A payout that was asked for.

    Attributes:
        payout_id: The payout.
        reader_id: Whom it is owed to.
        amount: Minor units.
    """

    payout_id: UUID
    reader_id: UUID
    amount: int


def make_earners(platform: Platform, count: int, payouts: int) -> list[Earner]:
    """Let so many readers earn, at the same time, and open their payout gates.

    Args:
        platform: Where.
        count: How many readers.
        payouts: How many payouts each of them can be asked for.
    """
    increments = max(2, ceil(payouts * MOST / _EARNED))
    platform.control("balance", {"currency": "usd", "available": BALANCE})
    with ThreadPoolExecutor(max_workers=count) as pool:
        return list(pool.map(lambda _: _make(platform, increments), range(count)))


def _make(platform: Platform, increments: int) -> Earner:
    reader = make_reader(platform, _RATE)
    account = reader.open_payouts()
    client = make_client(platform, (increments + 4) * _COST)
    with Conversation(client, reader) as talk:
        talk.wait_increments(increments, seconds=60.0)
        talk.end(client)
    return Earner(reader, account, int(reader.earnings["balance"]))


def ask(earners: Sequence[Earner], chance: Random, count: int) -> list[Obligation]:
    """Ask for payouts, several at the same time.

    Args:
        earners: Who asks, in turn.
        chance: Where amounts are drawn from.
        count: How many payouts.
    """
    orders = [(earners[number % len(earners)], chance.randint(LEAST, MOST)) for number in range(count)]

    def one(order: tuple[Earner, int]) -> Obligation:
        earner, amount = order
        row = earner.person.request_payout(amount)
        return Obligation(UUID(row["id"]), UUID(earner.person.id), amount)

    with ThreadPoolExecutor(max_workers=min(8, len(earners))) as pool:
        return list(pool.map(one, orders))


def wait_open(earners: Sequence[Earner]) -> None:
    """Wait until every payout gate is open, as the accounts at Stripe are."""
    eventually(lambda: all(earner.is_open for earner in earners), "every payout gate open", seconds=60.0)
