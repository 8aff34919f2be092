"""Endpoints of buckets, each run as the caller."""

from psycopg import sql
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.storage.database import become
from stack.storage.errors import StorageError, already_exists, no_such_bucket, too_large
from stack.storage.keys import SERVER, as_uuid
from stack.storage.names import bytes_of, checked_bucket
from stack.storage.rows import BUCKET_QUERY, Bucket, delete_objects, find_bucket
from stack.storage.server import Body, StorageServer, caller_of, read_body

_SORTED = ("id", "name", "created_at", "updated_at")
_BATCH = 500


class NewBucket(Body):
    """A bucket to make."""

    name: str
    id: str | None = None
    public: bool | None = None
    file_size_limit: int | str | None = None
    allowed_mime_types: list[str] | None = None


class ChangedBucket(Body):
    """What of a bucket changes; a member that is absent stays as it is."""

    public: bool | None = None
    file_size_limit: int | str | None = None
    allowed_mime_types: list[str] | None = None


async def list_buckets(request: Request) -> JSONResponse:
    """List the buckets the caller may see."""
    asked = request.query_params
    column = asked.get("sortColumn", "name")
    order = sql.SQL("desc") if asked.get("sortOrder", "asc").lower() == "desc" else sql.SQL("asc")
    query = sql.SQL("{} where strpos(lower(name), lower(%s)) > 0 order by {} {} limit %s offset %s").format(
        sql.SQL(BUCKET_QUERY), sql.Identifier(column if column in _SORTED else "name"), order
    )
    page = [asked.get("search", ""), _number(asked.get("limit")), _number(asked.get("offset")) or 0]
    async with StorageServer.of(request).database.acting(caller_of(request), "bucket.list") as conn:
        cursor = conn.cursor(row_factory=class_row(Bucket))
        found = await (await cursor.execute(query, page)).fetchall()
    return JSONResponse([bucket.shown() for bucket in found])


async def get_bucket(request: Request) -> JSONResponse:
    """Show a bucket."""
    async with StorageServer.of(request).database.acting(caller_of(request), "bucket.get") as conn:
        return JSONResponse((await find_bucket(conn, request.path_params["bucket"])).shown())


async def create_bucket(request: Request) -> JSONResponse:
    """Make a bucket that the caller owns."""
    server, caller = StorageServer.of(request), caller_of(request)
    asked = await read_body(request, NewBucket)
    owner_id = caller.owner_id
    values = [
        checked_bucket(asked.id or asked.name),
        checked_bucket(asked.name),
        as_uuid(owner_id),
        owner_id,
        bool(asked.public),
        _limit(server, asked.file_size_limit),
        asked.allowed_mime_types,
    ]
    try:
        async with server.database.acting(caller, "bucket.create") as conn:
            await conn.execute(
                "insert into storage.buckets (id, name, owner, owner_id, public, file_size_limit, allowed_mime_types)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                values,
            )
    except UniqueViolation as error:
        raise already_exists("BucketAlreadyExists") from error
    return JSONResponse({"name": asked.name})


async def update_bucket(request: Request) -> JSONResponse:
    """Change a bucket's openness and limits."""
    server, caller = StorageServer.of(request), caller_of(request)
    asked = await read_body(request, ChangedBucket)
    changed: dict[str, object] = {name: getattr(asked, name) for name in asked.model_fields_set}
    if "file_size_limit" in changed:
        changed["file_size_limit"] = _limit(server, asked.file_size_limit)
    if asked.public is None:
        changed.pop("public", None)
    sets = [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in changed] + [sql.SQL("updated_at = now()")]
    query = sql.SQL("update storage.buckets set {} where id = %s").format(sql.SQL(", ").join(sets))
    async with server.database.acting(caller, "bucket.update") as conn:
        cursor = await conn.execute(query, [*changed.values(), request.path_params["bucket"]])
        if cursor.rowcount == 0:
            raise no_such_bucket()
    return JSONResponse({"message": "Successfully updated"})


async def empty_bucket(request: Request) -> JSONResponse:
    """Delete every object of a bucket that the caller may see; all of them, or none of a batch."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id = request.path_params["bucket"]
    async with server.database.acting(caller, "bucket.empty") as conn:
        await find_bucket(conn, bucket_id)
    seen = "select name from storage.objects where bucket_id = %s order by name limit %s"
    while True:
        async with server.database.acting(caller, "bucket.empty") as conn:
            names = [row[0] async for row in await conn.execute(seen, [bucket_id, _BATCH])]
            deleted = await delete_objects(conn, bucket_id, names)
            kept = sorted(set(names) - {one.name for one in deleted})
            if kept:
                message = f"Cannot delete: {' ,'.join(kept)}, you may have SELECT but not DELETE permissions"
                raise StorageError(409, "InvalidRequest", message)
        server.store.discard(one.version for one in deleted)
        if not names:
            return JSONResponse({"message": "Successfully emptied"})


async def delete_bucket(request: Request) -> JSONResponse:
    """Delete a bucket without objects."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id = request.path_params["bucket"]
    async with server.database.acting(caller, "bucket.delete") as conn:
        await find_bucket(conn, bucket_id)
        await become(conn, SERVER, "bucket.delete")
        await find_bucket(conn, bucket_id, lock=True)
        left = await (
            await conn.execute("select exists (select from storage.objects where bucket_id = %s)", [bucket_id])
        ).fetchone()
        if left and left[0]:
            raise StorageError(409, "ResourceNotEmpty", "The bucket you tried to delete is not empty")
        await become(conn, caller, "bucket.delete")
        cursor = await conn.execute("delete from storage.buckets where id = %s", [bucket_id])
        if cursor.rowcount == 0:
            raise no_such_bucket()
    return JSONResponse({"message": "Successfully deleted"})


def _limit(server: StorageServer, size: int | str | None) -> int | None:
    if size is None:
        return None
    limit = bytes_of(size)
    if limit > server.settings.file_size_limit:
        raise too_large()
    return limit


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
