"""The receipt: what was charged and who got it, added up and shown. Amounts in minor units."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from demo.money import MINUTE_PRICE, MINUTE_SECONDS, RATE, shown
from demo.waiting import expect


@dataclass(frozen=True, slots=True)
class Receipt:
    """The sums of one session, each read from where its owner reads it.

    Attributes:
        minutes: billed, of the demonstration's length.
        billed_seconds: the same in seconds.
        topups: what the client paid by card.
        charged: what the session cost the client.
        wallet: what the client has left.
        reader: what the reader earned.
        platform: what the platform earned.
        payable: what could be paid out when the payout was asked for.
        payout: what was paid out.
        earnings_left: what the reader still has with us.
        is_balanced: whether the ledger was proved.
    """

    minutes: int
    billed_seconds: int
    topups: int
    charged: int
    wallet: int
    reader: int
    platform: int
    payable: int
    payout: int
    earnings_left: int
    is_balanced: bool

    def prove(self) -> None:
        """Add it all up.

        Raises:
            DemoError: a sum is off by as little as a cent, and which.
        """
        most = RATE * self.billed_seconds // 60
        sums = (
            (self.charged > 0, "Nothing was charged."),
            (
                most - MINUTE_PRICE < self.charged <= most,
                f"{self.charged} was charged for {self.billed_seconds} s, which cost {most}.",
            ),
            (
                self.charged == self.reader + self.platform,
                f"Charged {self.charged}, but {self.reader} to the reader and {self.platform} to the platform.",
            ),
            (
                self.wallet == self.topups - self.charged,
                f"The wallet holds {self.wallet} of {self.topups} after {self.charged} was charged.",
            ),
            (
                self.payout == self.payable == self.reader,
                f"Earned {self.reader}, payable {self.payable}, paid out {self.payout}.",
            ),
            (self.earnings_left == 0, f"The reader still has {self.earnings_left} after being paid out."),
            (self.is_balanced, "The ledger does not balance."),
        )
        for holds, reason in sums:
            expect(holds, reason, "postgres", "workers")

    def show(self, console: Console) -> None:
        """Print it as a table."""
        table = Table(title="Receipt", title_justify="left", show_header=False)
        table.add_column()
        table.add_column(justify="right")
        table.add_row("client topped up by card", shown(self.topups))
        table.add_row(
            f"session: {self.minutes} minutes of {MINUTE_SECONDS} s at {shown(MINUTE_PRICE)}", shown(-self.charged)
        )
        table.add_row("left in the client's wallet", shown(self.wallet), end_section=True)
        table.add_row("of the charge, the reader's share", shown(self.reader))
        table.add_row("of the charge, the platform's share", shown(self.platform), end_section=True)
        table.add_row("paid out to the reader's bank", shown(self.payout))
        table.add_row("ledger", "balanced" if self.is_balanced else "NOT BALANCED")
        console.print()
        console.print(table)

    def line(self) -> str:
        """Return the closing line, amounts in minor units."""
        return (
            f"demo ok: minutes={self.minutes} charged={self.charged} reader={self.reader} "
            f"platform={self.platform} payout={self.payout} ledger={'balanced' if self.is_balanced else 'broken'}"
        )
