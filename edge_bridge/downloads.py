"""POST /downloads: a short-lived address of the file of a digital product, for whoever has paid for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import httpx
from pydantic import ValidationError
from storage3 import AsyncStorageClient
from storage3.exceptions import StorageApiError

from edge_bridge.inputs import DownloadInput
from soulseer import logs
from soulseer.errors import SoulSeerError, UnavailableError
from soulseer.rpc import AsyncRpc, Row
from soulseer.settings import DatabaseSettings
from soulseer.worker_api import edge_calls

log = logs.get(__name__)

# Said in the body; the answer itself is a 400.
_MISSING: Final = "404"


class DownloadAnswer(Row):
    """Where the file is fetched.

    Attributes:
        url: Its address; whoever has it may fetch the file until it expires.
        expires_at: Until when.
    """

    url: str
    expires_at: datetime


def make_storage(settings: DatabaseSettings, http: httpx.AsyncClient) -> AsyncStorageClient:
    """Return a client of the project's Storage with the secret key.

    Args:
        settings: Where the project is, and the key to it.
        http: What carries its requests.
    """
    return AsyncStorageClient(f"{settings.supabase_url}/storage/v1/", settings.secret_headers(), http_client=http)


async def sign(
    rpc: AsyncRpc, storage: AsyncStorageClient, user_id: UUID, asked: DownloadInput, *, ttl: int
) -> DownloadAnswer:
    """Sign the address of a bought file.

    Args:
        rpc: The door to the database.
        storage: The project's Storage.
        user_id: The verified user.
        asked: What was asked for.
        ttl: Seconds the address is good for.

    Raises:
        RpcError: The database refused (not_purchased, not_found).
        SoulSeerError: not_found (404): the file is not in Storage.
        UnavailableError: Storage is away.
    """
    file = await rpc.run(edge_calls.purchased_file(user_id, asked.product_id))
    expires = int(time.time()) + ttl
    try:
        signed = await storage.from_(file.bucket).create_signed_url(file.path, ttl)
    except StorageApiError as error:
        if str(error.status) == _MISSING:
            raise _absent(asked.product_id) from error
        raise _away(error) from error
    except (httpx.HTTPError, ValidationError) as error:
        raise _away(error) from error
    except ValueError as error:
        # The library's word for a path with dots in it.
        raise _absent(asked.product_id) from error
    if signed["signedURL"] is None:
        raise _absent(asked.product_id)
    log.info("download_signed", product_id=str(asked.product_id), user_id=str(user_id))
    return DownloadAnswer(url=signed["signedURL"], expires_at=datetime.fromtimestamp(expires, UTC))


def _absent(product_id: UUID) -> SoulSeerError:
    # Paid for, and not there: for whoever keeps the shop to mend.
    log.error("bought_file_missing", product_id=str(product_id))
    return SoulSeerError(
        "not_found",
        status=404,
        message="The file is not there.",
        hint="Ask the seller to put it back; you have paid for it.",
    )


def _away(error: Exception) -> UnavailableError:
    log.warning("storage_away", error=type(error).__name__)
    return UnavailableError("the file's address cannot be signed", code="storage_unavailable")
