"""What happens later: money that comes or becomes available, payouts, accounts verified, pages that expire."""

import asyncio
import logging
from collections.abc import Callable

from stack.stripe.errors import ApiError
from stack.stripe.resources import balances, charges, checkout_payments, payouts, requirements
from stack.stripe.world import World

_LOG = logging.getLogger(__name__)
_IDLE = 1.0

_HANDLERS: dict[str, Callable[[World, str], None]] = {
    "account_verified": requirements.verify,
    "bank_debit": checkout_payments.settle_debit,
    "charge_settle": charges.settle,
    "checkout_expire": checkout_payments.expire_in_time,
    "funds_available": balances.mature,
    "payout_advance": payouts.advance,
}


def run_due(world: World) -> int:
    """Run the timers that are due, each in one transaction with its own removal; returns how many there were."""
    due = world.store.rows("select * from timers where due <= ? order by due, id limit 200", (world.now(),))
    for row in due:
        with world.store.transaction():
            world.store.rows("delete from timers where id = ?", (row["id"],))
            try:
                _HANDLERS[row["kind"]](world, row["object_id"])
            except ApiError:
                # The object went away in the meantime, such as an account that was deleted before its verification.
                _LOG.info("timer %s on %s found nothing to do", row["kind"], row["object_id"])
    return len(due)


async def run(world: World, wake: asyncio.Event) -> None:
    """Run timers for ever."""
    while True:
        wake.clear()
        if run_due(world):
            await asyncio.sleep(0)
            continue
        rows = world.store.rows("select min(due) as due from timers")
        due = rows[0]["due"]
        wait = _IDLE if due is None else min(_IDLE, max(0.001, due - world.now()))
        await wait_for(wake, wait)


async def wait_for(wake: asyncio.Event, seconds: float) -> None:
    """Sleep until woken, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return
