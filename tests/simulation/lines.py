"""Who stands in line for which reader: first come, first offered, and a reader who is offered is nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation.errors import ViolationError

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation
    from tests.simulation.talks import Talk

Row = dict[str, Any]


class Lines:
    """Places in line, from the journal, and what must be true of them."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._places: dict[str, Row] = {}
        self._prices: dict[tuple[str, str], int] = {}

    def learn_prices(self) -> None:
        """Know what each reader asks a minute for each kind of session; nobody changes it in a seed."""
        for reader, kind, price in self._sim.query(
            "select r.user_id::text, p.key, p.value::bigint from public.readers r, jsonb_each_text(r.pricing) p"
        ):
            self._prices[reader, kind] = price

    def place(self, row: Row) -> None:
        """Take over a place, or its change; an offer is made to the first in line who can begin."""
        before = self._places.get(row["id"])
        self._places[row["id"]] = row
        if row["offered_at"] is None or (before is not None and before["offered_at"] is not None):
            return
        for other in self._of(row["reader_id"]):
            if other["id"] == row["id"]:
                continue
            if other["offered_at"] is not None:
                raise ViolationError(f"a reader is kept free for two at once: {other}, {row}")
            if other["id"] < row["id"] and self._could_begin(other):
                raise ViolationError(f"someone is passed over in line: {other} waits, {row} is offered")

    def gone(self, row: Row) -> None:
        """Take a place out of the line."""
        del self._places[row["id"]]

    def of_client(self, client: str) -> list[Row]:
        """Where somebody stands in line."""
        return [place for place in self._places.values() if place["client_id"] == client]

    def check_reserved(self, talk: Talk) -> None:
        """Refuse a session at once with a reader who is kept free for somebody, be it the one who asked."""
        for place in self._of(talk.reader.id):
            if place["offered_at"] is not None:
                raise ViolationError(f"session {talk.id} takes a reader who is kept free: {place}")

    def _of(self, reader: str) -> list[Row]:
        return [place for place in self._places.values() if place["reader_id"] == reader]

    def _could_begin(self, place: Row) -> bool:
        """Tell whether someone surely could: of whom it is not sure, nothing is said."""
        sim, client = self._sim, place["client_id"]
        wallets = [sim.books.of(client, kind) for kind in ("client_wallet", "promo_credit")]
        if client in sim.suspended or any(wallet.is_frozen for wallet in wallets):
            return False
        if any(client == talk.client.id for talk in sim.live()):
            return False
        (step,) = sim.query("select value from public.system_settings where key = 'session.increment_seconds'")[0]
        price = self._prices[place["reader_id"], place["type"]] * int(step) // 60
        return sim.books.funds(client) >= price
