"""What money costs: charging, purchases, the outbox and heartbeats, each against a peer on the same server."""

from pathlib import Path

from bench.money import charging, heartbeats, lateness, other_ledger, outbox, purchases
from bench.pgbench import pgbench_on
from bench.slices import Outcome, Tell
from stack.instance import Stack


def measure(name: str, slices: int, pgledger: Path | None, tell: Tell) -> list[Outcome]:
    """Measure everything about money on a stack of its own.

    Args:
        name: of the stack, which is gone afterwards.
        slices: turns of a thing and its peer.
        pgledger: folder of pgledger's repository; None takes a re-creation of it.
        tell: called with the name of each before it is measured.
    """
    stack = Stack.named(name)
    try:
        stack.up(services=False)
        server = stack.layout().server
        with pgbench_on(server) as pgbench:
            tell(f"B is {pgbench.name}")
            outcomes = charging.measure(server, pgbench, slices, tell)
            outcomes += other_ledger.measure(server, pgledger, slices, tell)
            outcomes += purchases.measure(server, pgbench, slices, tell)
        outcomes += [
            outbox.measure(server, slices, tell),
            heartbeats.measure(stack, slices, tell),
            lateness.measure(server, tell),
        ]
    finally:
        stack.remove()
    return outcomes
