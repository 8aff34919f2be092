"""The story: what the client, the reader, the administrator and the operator do, and what must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

import stripe

from demo.backoffice import Backoffice
from demo.board import Board
from demo.browser import DECLINED_CARD, GOOD_CARD, Browser
from demo.conversation import Conversation
from demo.money import CURRENCY, MINUTE_PRICE, MINUTE_SECONDS, RATE, minutes, shown
from demo.people import Person
from demo.receipt import Receipt
from demo.rows import Earnings, Payout, Reader, ReaderAccount, Row, Session, Transaction, Wallet
from demo.side import Side
from demo.waiting import DemoError, Watch, expect
from stack.environment import StackEnv

# Enough for a few minutes until the warning of a low balance, which comes at one real minute's price.
FIRST_TOPUP = 9000
DECLINED_TOPUP = 4000
SECOND_TOPUP = 2500
_LOW_BALANCE_MINUTES = 1

SETTINGS: Mapping[str, str] = {
    "session.increment_seconds": str(MINUTE_SECONDS),
    "session.heartbeat_seconds": "1",
    "session.heartbeat_timeout_seconds": "2",
    "session.min_billable_seconds": "1",
    "session.low_balance_minutes": str(_LOW_BALANCE_MINUTES),
    "payout.clearing_seconds": "0",
}
"""What is shortened so that the demonstration fits into a minute; everything else is as in production."""


class _Anything(Row):
    """An answer nobody reads."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays."""

    client: Person
    reader: Person
    admin: Person


class Story:
    """One run of the demonstration.

    Args:
        env: the stack's addresses and keys.
        board: what shows it.
        browser: for what is done outside Supabase.
    """

    def __init__(self, env: StackEnv, board: Board, browser: Browser) -> None:
        """Nothing has happened yet."""
        self._env = env
        self._board = board
        self._browser = browser
        self._office = Backoffice(env)
        self._watch = Watch(lambda: None)
        self._topups = 0

    def change_settings(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Change settings as the operator does; returns what they were."""
        return self._office.change_settings(settings)

    def play(self) -> Receipt:
        """Play it from sign-up to payout.

        Returns:
            The receipt, proved.

        Raises:
            DemoError: something did not come, or came otherwise than it must.
        """
        board = self._board
        board.act("Doors open")
        board.say(
            f"A minute is shortened to {MINUTE_SECONDS} seconds here and costs {shown(MINUTE_PRICE)}; "
            f"the price list, per real minute, says {shown(RATE)}. Earnings clear at once."
        )
        cast = self._sign_up()
        self._become_reader(cast)
        self._board.act("The client fills the wallet")
        self._top_up(cast.client, FIRST_TOPUP)
        self._fail_to_top_up(cast.client)
        board.act("The session")
        session = self._converse(cast)
        board.act("The reader is paid")
        payable, payout = self._pay_out(cast.reader)
        receipt = self._add_up(cast, session, payable, payout)
        receipt.prove()
        return receipt

    # Before the session -----------------------------------------------------------------------------------------------

    def _sign_up(self) -> Cast:
        run = uuid4().hex[:8]

        def new(role: str) -> Person:
            return Person.sign_up(self._env, f"{role}-{run}@demo.soulseer.test", f"a long password {uuid4()}")

        cast = Cast(client=new("client"), reader=new("reader"), admin=new("admin"))
        self._office.appoint_admin(cast.admin.id, "manage_users", "manage_finances")
        self._board.say("A client, a reader and an administrator signed up; the operator appointed the administrator.")
        return cast

    def _become_reader(self, cast: Cast) -> None:
        cast.reader.call(
            "apply_as_reader", _Anything,
            p_first_name="Rhea", p_last_name="Demo", p_bio="Reads the cards, and the ledger.",
            p_specialties=["tarot"], p_session_types=["CHAT"], p_pricing={"CHAT": RATE}, p_timezone="UTC",
        )  # fmt: skip
        cast.admin.call("review_reader_application", _Anything, p_user_id=str(cast.reader.id), p_approve=True)
        self._board.say("The reader applied, the administrator approved.")
        onboarding = self._browser.begin_onboarding(cast.reader)
        self._browser.complete_onboarding(onboarding)

        def gate_is_open() -> Literal[True] | None:
            return True if cast.reader.row("reader_accounts", ReaderAccount).payouts_enabled else None

        self._watch.until("Stripe's word that the reader can be paid", gate_is_open, "webhooks", "workers", "stripe")
        cast.reader.tell("set_reader_status", p_status="ONLINE")
        found = cast.client.row("readers", Reader, user_id=cast.reader.id)
        expect(found.status == "ONLINE", f"The client sees the reader {found.status}, not ONLINE.", "postgres")
        self._board.say(f"The reader completed Stripe's onboarding ({onboarding.account_id}) and went online.")

    def _top_up(self, client: Person, amount: int) -> None:
        """Pay by card and wait until the webhook has credited the wallet."""
        before = client.row("wallets", Wallet, user_id=client.id).balance
        began = self._board.seconds
        topup = self._browser.begin_topup(client, amount, CURRENCY)
        status = self._browser.pay(topup, GOOD_CARD)
        expect(status == "succeeded", f"Stripe says {status} of a payment with a good card.", "stripe")
        self._await_transaction(client, topup.transaction_id, "COMPLETED")
        self._topups += amount
        if before == 0:
            # Later the meter takes money out at the same time.
            balance = client.row("wallets", Wallet, user_id=client.id).balance
            expect(balance == amount, f"A top-up of {amount} left {balance} in the wallet.", "workers", "webhooks")
        self._board.say(
            f"{shown(amount)} paid by card, credited by Stripe's webhook {self._board.seconds - began:.1f} s later."
        )

    def _fail_to_top_up(self, client: Person) -> None:
        """Pay with a card the bank declines, and see that nothing is credited."""
        topup = self._browser.begin_topup(client, DECLINED_TOPUP, CURRENCY)
        try:
            status = self._browser.pay(topup, DECLINED_CARD)
        except stripe.CardError as declined:
            told = declined.user_message or declined.code
        else:
            raise DemoError(f"Stripe says {status} of a payment with a card that is declined.", "stripe")
        self._await_transaction(client, topup.transaction_id, "FAILED")
        balance = client.row("wallets", Wallet, user_id=client.id).balance
        expect(balance == self._topups, f"The wallet holds {balance} after a declined card, not {self._topups}.")
        self._board.say(f"{shown(DECLINED_TOPUP)} with another card: {told} Nothing is credited.")

    def _await_transaction(self, client: Person, transaction_id: UUID, status: str) -> None:
        def has_status() -> Literal[True] | None:
            return True if client.row("transactions", Transaction, id=transaction_id).status == status else None

        self._watch.until(
            f"a top-up to become {status} by Stripe's webhook", has_status, "webhooks", "workers", "stripe"
        )

    # The session ------------------------------------------------------------------------------------------------------

    def _converse(self, cast: Cast) -> Session:
        session = cast.client.call(
            "request_session", Session,
            p_reader_id=str(cast.reader.id), p_type="CHAT", p_idempotency_key=str(uuid4()),
        )  # fmt: skip
        held = cast.client.row("wallets", Wallet, user_id=cast.client.id).held
        expect(held == MINUTE_PRICE, f"A request holds {held}, not the price of a minute.", "postgres")
        [asked] = cast.reader.rows("sessions", Session, reader_id=cast.reader.id, status="SCHEDULED")
        cast.reader.call("accept_session", Session, p_session_id=str(asked.id))
        self._board.say(f"The client asked for a chat ({shown(held)} is held), the reader accepted.")
        with (
            self._board.live(),
            Side(cast.client, session.id) as client,
            Side(cast.reader, session.id) as reader,
        ):
            talk = Conversation(self._board, client, reader)
            talk.begin()
            talk.run_low()
            self._top_up(cast.client, SECOND_TOPUP)
            talk.go_on_after_topup()
            talk.lose_the_reader()
            talk.get_the_reader_back()
            ended = cast.client.call("end_session", Session, p_session_id=str(session.id))
            talk.end()
        expect(
            (ended.status, ended.end_reason) == ("COMPLETED", "client_ended"),
            f"The session ended as {ended.status}, {ended.end_reason}.",
            "postgres",
        )
        return ended

    # After the session ------------------------------------------------------------------------------------------------

    def _pay_out(self, reader: Person) -> tuple[int, Payout]:
        """Have the earnings paid out; returns what was payable and the payout, paid."""
        payable = reader.row("reader_earnings", Earnings, user_id=reader.id).payable
        payout = reader.call("request_payout", Payout, p_idempotency_key=str(uuid4()))
        self._board.say(f"The reader asked for everything payable: {shown(payable)}.")

        def is_final() -> Payout | None:
            row = reader.row("payouts", Payout, id=payout.id)
            return row if row.status in {"COMPLETED", "FAILED"} else None

        paid = self._watch.until("the payout to arrive", is_final, "workers", "bridge", "stripe", within=20.0)
        expect(paid.status == "COMPLETED", f"The payout is {paid.status}: {paid.failure_code}.", "workers", "stripe")
        account = reader.row("reader_accounts", ReaderAccount).stripe_account_id or ""
        said = self._office.bank_payout_status(account, paid.stripe_payout_id or "")
        expect(said == "paid", f"Stripe says {said} of a payout that is completed here.", "stripe", "workers")
        self._board.say(f"Stripe made the transfer and the bank payout {paid.stripe_payout_id}: {said}.")
        return payable, paid

    def _add_up(self, cast: Cast, session: Session, payable: int, payout: Payout) -> Receipt:
        transaction = cast.client.row("transactions", Transaction, id=session.transaction_id)

        def is_counted() -> Literal[True] | None:
            return True if cast.client.row("readers", Reader, user_id=cast.reader.id).total_sessions == 1 else None

        self._watch.until("the session in the reader's statistics", is_counted, "workers", "bridge")
        ledger = self._office.check_ledger()
        expect(ledger.balanced, f"The ledger does not balance: {ledger.problems}.", "postgres")
        self._board.say("Every posting, balance and hold was checked: the ledger balances.")
        return Receipt(
            minutes=minutes(session.billed_seconds),
            billed_seconds=session.billed_seconds,
            topups=self._topups,
            charged=session.total_cost or 0,
            wallet=cast.client.row("wallets", Wallet, user_id=cast.client.id).balance,
            reader=transaction.reader_earnings or 0,
            platform=transaction.platform_revenue or 0,
            payable=payable,
            payout=payout.amount,
            earnings_left=cast.reader.row("reader_earnings", Earnings, user_id=cast.reader.id).balance,
            is_balanced=ledger.balanced,
        )
