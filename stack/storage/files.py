"""Where the bytes lie: one file per version of an object, named by the version's id, never changed once it is there.

A file is written under `incoming`, brought to the disk, and renamed into `objects`; only then a row names it. So a row
never names half a file. What a crash leaves without a row is swept when the server starts.
"""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from anyio import to_thread

from stack.storage.errors import too_large


class Draft:
    """A version being written."""

    def __init__(self, store: "Store", limit: int) -> None:
        """Open a file of at most `limit` bytes."""
        self.version = str(uuid4())
        self.size = 0
        self._store = store
        self._limit = limit
        self._place = store.incoming / self.version
        self._file = self._place.open("xb")
        # What S3 calls an entity tag of an upload in one piece.
        self._digest = hashlib.md5(usedforsecurity=False)

    @property
    def etag(self) -> str:
        """Digest of what was written, in quotes."""
        return f'"{self._digest.hexdigest()}"'

    def expect(self, size: int) -> None:
        """Refuse a body whose announced size is too much.

        Raises:
            StorageError: EntityTooLarge.
        """
        if size > self._limit:
            raise too_large()

    async def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            StorageError: EntityTooLarge.
        """
        self.size += len(data)
        if self.size > self._limit:
            raise too_large()
        self._digest.update(data)
        await to_thread.run_sync(self._file.write, data)

    async def keep(self) -> None:
        """Bring the bytes to the disk and under their name."""
        await to_thread.run_sync(self._keep)

    def _keep(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        place = self._store.place(self.version)
        place.parent.mkdir(exist_ok=True)
        self._place.rename(place)
        _sync_folder(place.parent)
        _sync_folder(self._store.objects)

    def drop(self) -> None:
        """Throw the version away, however far it came."""
        self._file.close()
        self._place.unlink(missing_ok=True)
        self._store.discard([self.version])


class Store:
    """The folder of the bytes."""

    def __init__(self, folder: Path) -> None:
        """Make the folders, and clear away uploads that a crash cut short."""
        self.objects = folder / "objects"
        self.incoming = folder / "incoming"
        shutil.rmtree(self.incoming, ignore_errors=True)
        for place in (self.objects, self.incoming):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)

    def place(self, version: str) -> Path:
        """Say where a version lies.

        Raises:
            FileNotFoundError: the id is none that was given here.
        """
        try:
            name = str(UUID(version))
        except ValueError:
            raise FileNotFoundError(version) from None
        return self.objects / name[:2] / name

    def draft(self, limit: int) -> Draft:
        """Begin a version of at most `limit` bytes."""
        return Draft(self, limit)

    def open(self, version: str) -> BinaryIO:
        """Open a version for reading; it stays readable when it is thrown away meanwhile.

        Raises:
            FileNotFoundError: it is not there.
        """
        return self.place(version).open("rb")

    def duplicate(self, version: str) -> str:
        """Give the same bytes a second version, without copying them: they never change.

        Raises:
            FileNotFoundError: it is not there.
        """
        made = str(uuid4())
        place = self.place(made)
        place.parent.mkdir(exist_ok=True)
        place.hardlink_to(self.place(version))
        _sync_folder(place.parent)
        return made

    def discard(self, versions: Iterable[str | None]) -> None:
        """Throw versions away; those that are not there are no error."""
        for version in versions:
            try:
                if version is not None:
                    self.place(version).unlink()
            except FileNotFoundError:
                continue

    def sweep(self, known: Collection[str]) -> int:
        """Throw away what no row names, and say how many versions that were. Only while nothing is being written."""
        orphans = [place for place in self.objects.glob("*/*") if place.name not in known]
        for place in orphans:
            place.unlink()
        return len(orphans)


def _sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
