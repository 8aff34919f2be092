"""The rows of storage.buckets and storage.objects, and the statements that read and write them as whoever calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from stack.storage.database import Connection
from stack.storage.errors import no_such_bucket, no_such_key
from stack.storage.keys import JsonObject, as_uuid

BUCKET_QUERY = (
    "select id, name, coalesce(owner_id, '') as owner, coalesce(public, false) as public, type::text, file_size_limit,"
    " allowed_mime_types, created_at, updated_at from storage.buckets"
)
"""Reads buckets; a condition and an order may follow."""
_OBJECT_COLUMNS = (
    "id, bucket_id, name, owner, owner_id, version, created_at, updated_at, last_accessed_at, metadata, user_metadata"
)


def moment(at: datetime | None) -> str | None:
    """Write a time as JavaScript does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, as the API shows it."""

    id: str
    name: str
    owner: str
    public: bool
    type: str
    file_size_limit: int | None
    allowed_mime_types: list[str] | None
    created_at: datetime | None
    updated_at: datetime | None

    def shown(self) -> JsonObject:
        """Give it as JSON."""
        mime_types = self.allowed_mime_types
        return {
            "id": self.id,
            "name": self.name,
            "owner": self.owner,
            "public": self.public,
            "type": self.type,
            "file_size_limit": self.file_size_limit,
            "allowed_mime_types": list(mime_types) if mime_types is not None else None,
            "created_at": moment(self.created_at),
            "updated_at": moment(self.updated_at),
        }


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object: where it is, whose it is, and which version holds its bytes."""

    id: UUID
    bucket_id: str
    name: str
    owner: UUID | None
    owner_id: str | None
    version: str | None
    created_at: datetime | None
    updated_at: datetime | None
    last_accessed_at: datetime | None
    metadata: JsonObject | None
    user_metadata: JsonObject | None

    def shown(self) -> JsonObject:
        """Give the row as JSON."""
        return {
            "id": str(self.id),
            "bucket_id": self.bucket_id,
            "name": self.name,
            "owner": str(self.owner) if self.owner else None,
            "owner_id": self.owner_id,
            "version": self.version,
            "created_at": moment(self.created_at),
            "updated_at": moment(self.updated_at),
            "last_accessed_at": moment(self.last_accessed_at),
            "metadata": self.metadata,
            "user_metadata": self.user_metadata,
        }

    def told(self, name: str) -> str:
        """Give a member of the metadata as text; empty when there is none."""
        value = (self.metadata or {}).get(name)
        return value if isinstance(value, str) else ""

    @property
    def size(self) -> int:
        """Length in bytes."""
        value = (self.metadata or {}).get("size")
        return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True)
class Written:
    """An object to write.

    Attributes:
        bucket_id: its bucket.
        name: its name.
        owner_id: who owns it; None leaves the owner that is there.
        version: the version of its bytes.
        metadata: type, size and the like.
        user_metadata: what the uploader adds.
        id: its id, if it is new.
    """

    bucket_id: str
    name: str
    owner_id: str | None
    version: str | None = None
    metadata: JsonObject | None = None
    user_metadata: JsonObject | None = None
    id: UUID = field(default_factory=uuid4)

    def to(self, bucket_id: str, name: str) -> "Written":
        """Give the same under another name."""
        return replace(self, bucket_id=bucket_id, name=name)


async def find_bucket(conn: Connection, bucket_id: str, *, lock: bool = False) -> Bucket:
    """Read a bucket that the caller may see.

    Raises:
        StorageError: NoSuchBucket.
    """
    query = f"{BUCKET_QUERY} where id = %s{' for update' if lock else ''}"
    cursor = conn.cursor(row_factory=class_row(Bucket))
    found = await (await cursor.execute(query, [bucket_id])).fetchone()
    if found is None:
        raise no_such_bucket()
    return found


async def find_object(conn: Connection, bucket_id: str, name: str) -> StoredObject:
    """Read an object that the caller may see.

    Raises:
        StorageError: NoSuchKey.
    """
    found = await find_objects(conn, bucket_id, [name])
    if not found:
        raise no_such_key()
    return found[0]


async def find_objects(conn: Connection, bucket_id: str, names: Sequence[str]) -> list[StoredObject]:
    """Read those of the named objects that the caller may see."""
    query = f"select {_OBJECT_COLUMNS} from storage.objects where bucket_id = %s and name = any (%s)"  # noqa: S608
    cursor = conn.cursor(row_factory=class_row(StoredObject))
    return await (await cursor.execute(query, [bucket_id, list(names)])).fetchall()


async def standing_version(conn: Connection, bucket_id: str, name: str) -> str | None:
    """Wait for whoever else writes an object, and give the version that stands; the connection acts as the server."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{bucket_id}/{name}"])
    query = "select version from storage.objects where bucket_id = %s and name = %s for update"
    row = await (await conn.execute(query, [bucket_id, name])).fetchone()
    return row[0] if row else None


async def insert_object(conn: Connection, written: Written) -> UUID:
    """Write a new object. It is not read back: who may write it need not be one who may see it."""
    await conn.execute(
        "insert into storage.objects (id, bucket_id, name, owner, owner_id, version, metadata, user_metadata)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        _values(written),
    )
    return written.id


async def upsert_object(conn: Connection, written: Written) -> UUID:
    """Write an object, new or over another. The policies on insert, select and update must all allow it."""
    query = (
        "insert into storage.objects as o (id, bucket_id, name, owner, owner_id, version, metadata, user_metadata)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (bucket_id, name) do update"
        " set owner = coalesce(excluded.owner, o.owner), owner_id = coalesce(excluded.owner_id, o.owner_id),"
        " version = excluded.version, metadata = excluded.metadata, user_metadata = excluded.user_metadata"
        " returning o.id"
    )
    row = await (await conn.execute(query, _values(written))).fetchone()
    return row[0] if row else written.id


async def rename_object(conn: Connection, found: StoredObject, written: Written) -> None:
    """Move an object to another name.

    Raises:
        StorageError: NoSuchKey: the caller sees it and may not change it.
    """
    cursor = await conn.execute(
        "update storage.objects set bucket_id = %s, name = %s, owner = coalesce(%s, owner),"
        " owner_id = coalesce(%s, owner_id) where id = %s",
        [written.bucket_id, written.name, as_uuid(written.owner_id), written.owner_id, found.id],
    )
    if cursor.rowcount == 0:
        raise no_such_key()


async def delete_objects(conn: Connection, bucket_id: str, names: Sequence[str]) -> list[StoredObject]:
    """Delete those of the named objects that the caller may see and delete, and give them."""
    query = f"delete from storage.objects where bucket_id = %s and name = any (%s) returning {_OBJECT_COLUMNS}"  # noqa: S608
    cursor = conn.cursor(row_factory=class_row(StoredObject))
    return await (await cursor.execute(query, [bucket_id, list(names)])).fetchall()


def _values(written: Written) -> list[object]:
    return [
        written.id,
        written.bucket_id,
        written.name,
        as_uuid(written.owner_id),
        written.owner_id,
        written.version,
        Jsonb(written.metadata) if written.metadata is not None else None,
        Jsonb(written.user_metadata) if written.user_metadata is not None else None,
    ]
