"""What money costs: charging, purchases, the outbox and heartbeats, each against a peer on the same server."""

import os
from pathlib import Path

from bench.money import charging, heartbeats, lateness, other_ledger, outbox, purchases
from bench.pgbench import pgbench_on
from bench.slices import Outcome, Tell
from stack.instance import Stack
from stack.postgres import PostgresServer


def measure(name: str, slices: int, pgledger: Path | None, tell: Tell, *, is_durable: bool = True) -> list[Outcome]:
    """Measure everything about money on a stack of its own.

    Args:
        name: of the stack, which is gone afterwards.
        slices: turns of a thing and its peer.
        pgledger: folder of pgledger's repository; None takes a re-creation of it.
        tell: called with the name of each before it is measured.
        is_durable: whether commits wait for the disk, as on any server that holds money; else as the stack comes.
    """
    stack = Stack.named(name)
    try:
        stack.up(services=False)
        server = stack.layout().server
        if is_durable:
            wait_for_disk(server)
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


def wait_for_disk(server: PostgresServer) -> None:
    """Set a server as a production's: a commit is on disk before it is answered, and survives a torn page.

    Args:
        server: a running one, thrown away afterwards.
    """
    with server.connect() as database:
        for setting in ("fsync", "full_page_writes"):
            database.execute(f"alter system set {setting} = on".encode())
        database.execute("select pg_reload_conf()")
        database.execute("checkpoint")
    # What was written before nobody waited for; the first to wait would wait for all of it.
    os.sync()
