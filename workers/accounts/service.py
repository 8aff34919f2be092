"""Gathers a person's export; closes the login and removes the files of a person who was erased."""

from __future__ import annotations

from itertools import groupby
from typing import Final
from uuid import UUID

from soulseer import logs
from soulseer.errors import RpcError, RpcUnavailableError, SoulSeerError, UnavailableError
from soulseer.files import FilesRefusedError
from soulseer.worker_api import accounts, outbox
from workers.inbox import describe
from workers.tools import Tools

log = logs.get(__name__)

FILES_AT_ONCE: Final = 100


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
    """Close the login and remove the files of a person whose rows are anonymised already.

    Killed anywhere, it runs again: a closed login is closed once more, the files that are left are removed, and the row
    ends once.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it; it ends when the login is closed and the files are gone.

    Raises:
        RpcUnavailableError: The database is away; the row is due again later.
    """
    user_id = tools.rpc.run(accounts.start_account_erasure(outbox_id))
    if user_id is None:
        log.info("account_erased_already", outbox_id=str(outbox_id))
        return
    try:
        tools.logins.close_login(user_id)
        removed = _remove_files(tools, outbox_id)
    except RpcUnavailableError:
        raise
    except SoulSeerError as error:
        log.warning("account_erasure_failed", outbox_id=str(outbox_id), user_id=str(user_id), error=describe(error))
        is_away = isinstance(error, UnavailableError)
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error), is_away=is_away))
        return
    done = tools.rpc.run(accounts.finish_account_erasure(outbox_id))
    log.info("account_erased", outbox_id=str(outbox_id), user_id=str(user_id), files=removed, applied=done)


def _remove_files(tools: Tools, outbox_id: UUID) -> int:
    """Remove what the database names, batch by batch, until it names nothing; each batch is of what is still there."""
    removed = 0
    while files := tools.rpc.run(accounts.erased_files(outbox_id, FILES_AT_ONCE)):
        if tools.stopping.is_set():
            raise UnavailableError("the process ends; what is left is for another one", code="stopping")
        gone = sum(
            tools.files.remove(bucket, [file.path for file in batch])
            for bucket, batch in groupby(files, key=lambda file: file.bucket)
        )
        # What Storage leaves would be named again for ever.
        if gone == 0:
            raise FilesRefusedError(f"{len(files)} files are still there.")
        removed += gone
    return removed
