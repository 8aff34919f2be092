"""The paid conversation: minutes go by, money runs low, a line drops and comes back."""

from datetime import timedelta

from demo.board import Board, Figures
from demo.money import MINUTE_PRICE, MINUTE_SECONDS, shown
from demo.rows import SessionState
from demo.side import Side
from demo.waiting import Watch, expect

# How late a worker may be: ticks come every second, and the machine may be busy.
_LATENESS = timedelta(seconds=1)


class Conversation:
    """Both sides of one accepted session.

    Args:
        board: shows the figures as they change.
        client: the paying side.
        reader: the earning side.
    """

    def __init__(self, board: Board, client: Side, reader: Side) -> None:
        """Neither side is in the session yet."""
        self._board = board
        self._client = client
        self._reader = reader
        self._watch = Watch(self._look)
        self._paused_at_cost = 0

    def _look(self) -> None:
        self._board.show(Figures.of(self._client.state, self._reader.state))

    def begin(self) -> None:
        """Have both sides join; the first minute is charged as the second one comes in."""
        self._client.join()
        self._reader.join()
        started = self._reader.state
        expect(started.status == "IN_PROGRESS", f"Both joined and the session is {started.status}.", "postgres")
        expect(started.cost == MINUTE_PRICE, f"The start charged {started.cost}, not {MINUTE_PRICE}.", "postgres")
        self._board.say("Both joined: the session began and its first minute is charged.")

    def run_low(self) -> None:
        """Wait while the workers charge minute after minute, until the client is warned."""

        def is_warned() -> SessionState | None:
            return self._client.state if self._client.state.low_balance else None

        warned = self._watch.until("the warning of a low balance", is_warned, "workers", "scheduler", within=25.0)
        self._board.say(f"The client is warned: {shown(warned.balance or 0)} is low. They top up while they talk.")

    def go_on_after_topup(self) -> None:
        """Wait for the warning to go and for one more minute."""
        self._await_charge(self._client.state.cost)
        expect(not self._client.state.low_balance, "The warning of a low balance outlives the top-up.", "postgres")

    def lose_the_reader(self) -> None:
        """Let the reader's line drop, and see the meter stop: no minute is charged when the next one would begin."""
        before = self._client.state
        self._reader.drop()
        self._board.say("The reader's line drops.")

        def is_paused() -> SessionState | None:
            return self._client.state if self._client.state.pause_reason == "reader_absent" else None

        paused = self._watch.until("the meter to pause", is_paused, "workers", "scheduler")
        self._paused_at_cost = paused.cost
        self._board.say("The meter pauses: nobody pays for a reader who is not there.")
        would_be_charged = (before.paid_until or paused.server_time) + _LATENESS

        def has_outlived_the_minute() -> SessionState | None:
            return self._client.state if self._client.state.server_time > would_be_charged else None

        later = self._watch.until("the end of the paid minute", has_outlived_the_minute, "postgrest")
        expect(
            later.cost == paused.cost,
            f"{later.cost - paused.cost} was charged while the reader was away.",
            "workers",
            "postgres",
        )

    def get_the_reader_back(self) -> None:
        """Let the reader join again: what was left of the paid minute goes on, then the next one is charged."""
        self._reader.join()

        def goes_on() -> SessionState | None:
            return self._client.state if self._client.state.pause_reason is None else None

        self._watch.until("the meter to go on", goes_on, "workers", "scheduler")
        self._board.say("The reader is back; the rest of the paid minute goes on.")
        self._await_charge(self._paused_at_cost)

    def end(self) -> None:
        """Let both apps hear of the end, and show the last figures."""

        def both_heard() -> SessionState | None:
            over = self._client.state.status == "COMPLETED" == self._reader.state.status
            return self._client.state if over else None

        final = self._watch.until("both sides to hear of the end", both_heard, "postgrest")
        self._look()
        self._board.say(f"The client ends the session: {shown(final.cost)}.")

    def _await_charge(self, cost: int) -> SessionState:
        """Wait until more than `cost` is charged and both sides have heard of it, so both were there after it began."""

        def is_charged() -> SessionState | None:
            both = min(self._client.state.cost, self._reader.state.cost)
            return self._client.state if both > cost else None

        return self._watch.until(
            "the workers to charge a minute", is_charged, "workers", "scheduler", within=MINUTE_SECONDS + 12.0
        )
