"""Gathers a person's export, and closes the login of a person who was erased."""

from __future__ import annotations

from uuid import UUID

from soulseer import logs
from soulseer.errors import RpcError, SoulSeerError
from soulseer.worker_api import accounts, outbox
from workers.inbox import describe
from workers.tools import Tools

log = logs.get(__name__)


def export(tools: Tools, outbox_id: UUID) -> None:
    """Gather everything the platform holds of one person, in one transaction of the database.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it.

    Raises:
        RpcUnavailableError: The database is away; the row is due again later.
    """
    try:
        done = tools.rpc.run(accounts.apply_account_export(outbox_id))
    except RpcError as error:
        log.warning("account_export_failed", outbox_id=str(outbox_id), error=describe(error))
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error)))
        return
    log.info("account_exported", outbox_id=str(outbox_id), applied=done)


def erase(tools: Tools, outbox_id: UUID) -> None:
    """Close the login of a person whose rows are anonymised already.

    Killed anywhere, it runs again: a closed login is closed once more, and the row ends once.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it; it ends when the login is closed.

    Raises:
        RpcUnavailableError: The database is away; the row is due again later.
    """
    user_id = tools.rpc.run(accounts.start_account_erasure(outbox_id))
    if user_id is None:
        log.info("account_erased_already", outbox_id=str(outbox_id))
        return
    try:
        tools.logins.close_login(user_id)
    except SoulSeerError as error:
        log.warning("account_erasure_failed", outbox_id=str(outbox_id), user_id=str(user_id), error=describe(error))
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error)))
        return
    done = tools.rpc.run(accounts.finish_account_erasure(outbox_id))
    log.info("account_erased", outbox_id=str(outbox_id), user_id=str(user_id), applied=done)
