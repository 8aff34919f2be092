"""Finds what was left behind and proves that the books are right."""

from __future__ import annotations

from typing import Final

from soulseer import jobs, logs
from soulseer.broker import waiting
from soulseer.jobs import Queue
from soulseer.worker_api import inbox, payouts, upkeep
from workers.tools import Tools

log = logs.get(__name__)

_SWEEP_BATCH: Final = 100
# Messages that may wait in the queues of events before the sweeper sends no more.
_BACKLOG: Final = 1000
_MONTHS_WANTED: Final = 2


def sweep_stripe_events(tools: Tools) -> int:
    """Send the jobs of events that were stored and never processed; return how many.

    Neither a crash between storing and sending nor a Redis that lost its data loses an event. While the queues are
    backed up nothing is sent again: what waits in them is not lost, and sent twice it would lengthen them and, after
    many sweeps, be parked without ever having been tried.

    Args:
        tools: What the jobs work with.
    """
    swept = 0
    while not tools.stopping.is_set():
        backlog = waiting(tools.broker, Queue.PAYMENTS, Queue.PAYOUTS)
        if backlog >= _BACKLOG:
            log.info("sweep_left_out", waiting=backlog)
            break
        events = tools.rpc.run(inbox.claim_stripe_events(_SWEEP_BATCH))
        for event in events:
            message = jobs.message(jobs.STRIPE_EVENT, request=event.request_id, event_ids=[event.event_id])
            tools.broker.enqueue(message)
        swept += len(events)
        if len(events) < _SWEEP_BATCH:
            break
    if swept:
        log.warning("stripe_events_swept", count=swept)
    return swept


def run_upkeep(tools: Tools) -> None:
    """Make partitions ahead, drop what has expired, fold what waits, and seal the audit record.

    The seal is a call of its own, after the rest: it reads a whole month, and what keeps the platform writable must
    not depend on that. It is said in the log, which whoever could rewrite the whole chain does not hold.

    Args:
        tools: What the jobs work with.
    """
    done = tools.rpc.run(upkeep.run_upkeep())
    log.info("upkeep_done", **done.model_dump())
    if done.months_ready < _MONTHS_WANTED:
        # Without a partition for the month no posting, message or audit row can be written: the platform stands still.
        log.critical("partitions_running_out", months_ready=done.months_ready, wanted=_MONTHS_WANTED)
    if done.payouts_stuck:
        log.error("payouts_stuck", payouts=done.payouts_stuck)
    for seal in tools.rpc.run(upkeep.seal_audit()):
        log.info("audit_sealed", month=seal.month.isoformat(), rows=seal.sealed_rows, hash=seal.hash)


def pay_on_schedule(tools: Tools) -> int:
    """Request the payouts that the platform's schedule makes due; return how many.

    Args:
        tools: What the jobs work with.
    """
    requested = 0
    while not tools.stopping.is_set():
        asked = tools.rpc.run(payouts.request_scheduled_payouts())
        requested += asked.requested
        if not asked.more:
            break
    if requested:
        log.info("scheduled_payouts_requested", payouts=requested)
    return requested


def roll_up(tools: Tools) -> int:
    """Roll up the days of the house's accounts that are closed, a week a call; return how many.

    Args:
        tools: What the jobs work with.
    """
    days = 0
    while not tools.stopping.is_set():
        rolled = tools.rpc.run(upkeep.roll_up_days())
        days += rolled.rolled
        if not rolled.more:
            break
    if days:
        log.info("house_days_rolled_up", days=days)
    return days


def check_ledger(tools: Tools) -> bool:
    """Prove the ledger; an imbalance is said as loudly as a log can.

    Args:
        tools: What the jobs work with.
    """
    check = tools.rpc.run(upkeep.check_ledger())
    if check.balanced:
        log.info("ledger_balanced")
    else:
        log.critical("ledger_unbalanced", problems=check.problems)
    return check.balanced
