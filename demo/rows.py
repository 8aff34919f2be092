"""What the API answers, as far as the demonstration reads it. Money in minor units."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

SessionStatus = Literal["SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW", "DISCONNECTED"]


class Row(BaseModel):
    """Base of them all: frozen, and blind to columns that are not read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Reader(Row):
    """A reader's public profile."""

    user_id: UUID
    status: str
    total_sessions: int


class ReaderAccount(Row):
    """What a reader alone sees of their account; `payouts_enabled` is the payout gate."""

    stripe_account_id: str | None
    payouts_enabled: bool


class Wallet(Row):
    """A client's money."""

    balance: int
    held: int
    available: int


class Earnings(Row):
    """A reader's money."""

    balance: int
    held: int
    payable: int


class Transaction(Row):
    """A row of the owner's transactions; the last two are set when a session is settled."""

    id: UUID
    status: str
    amount: int
    reader_earnings: int | None = None
    platform_revenue: int | None = None


class Session(Row):
    """A session, as both sides see it."""

    id: UUID
    status: SessionStatus
    billed_seconds: int
    total_cost: int | None
    transaction_id: UUID | None
    end_reason: str | None


class Payout(Row):
    """A payout, as its reader sees it."""

    id: UUID
    amount: int
    status: str
    stripe_payout_id: str | None
    failure_code: str | None


class SessionState(Row):
    """The answer to join and heartbeat; the client gets balance and low_balance, the reader gets earned."""

    server_time: datetime
    status: SessionStatus
    pause_reason: str | None
    paid_until: datetime | None
    billed_seconds: int
    cost: int
    balance: int | None = None
    low_balance: bool = False
    earned: int | None = None
