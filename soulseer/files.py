"""Supabase Storage with the secret key: files are removed through its API, never by deleting its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import httpx
from storage3 import SyncStorageClient
from storage3.exceptions import StorageApiError

from soulseer import request_id
from soulseer.errors import SoulSeerError, UnavailableError
from soulseer.settings import DatabaseSettings

TIMEOUT: Final = httpx.Timeout(30.0, connect=2.0)
# Said in the body; every refusal's answer itself is a 400, and a failure's a 500.
_BUSY: Final = 429
_FAULT: Final = 500


class FilesRefusedError(SoulSeerError):
    """Storage understood the call and refused it, or did nothing; somebody must look."""

    def __init__(self, details: str) -> None:
        super().__init__("storage_refused", status=422, message="The files could not be removed.", details=details)


class Files:
    """Removes files of any bucket; safe to share between threads.

    Args:
        settings: Where the project is, and its secret key.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self._http = httpx.Client(timeout=TIMEOUT, event_hooks={"request": [request_id.mark]})
        self._storage = SyncStorageClient(
            f"{settings.supabase_url}/storage/v1/", settings.secret_headers(), http_client=self._http
        )

    def remove(self, bucket: str, paths: Sequence[str]) -> int:
        """Remove files of one bucket; those that are gone already are passed over.

        Args:
            bucket: The bucket.
            paths: Their names in it, at most 1000.

        Returns:
            How many were removed.

        Raises:
            UnavailableError: Storage is away, or asks to slow down; repeat it later.
            FilesRefusedError: Storage refused.
        """
        try:
            return len(self._storage.from_(bucket).remove(list(paths)))
        except StorageApiError as error:
            status = int(error.status) if str(error.status).isdigit() else _FAULT
            if status == _BUSY or status >= _FAULT:
                raise UnavailableError(str(error), code="storage_unavailable") from error
            raise FilesRefusedError(str(error)) from error
        except (httpx.HTTPError, ValueError) as error:
            raise UnavailableError(str(error), code="storage_unavailable") from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
