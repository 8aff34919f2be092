"""Downloads: whole or in part, only when changed, under the name the caller wishes."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from stack.storage.errors import StorageError, no_such_bucket
from stack.storage.keys import SERVER
from stack.storage.names import checked_header
from stack.storage.rows import StoredObject, find_object
from stack.storage.server import StorageServer, caller_if_any, caller_of, place_of

Find = Callable[[], Awaitable[StoredObject]]

_CHUNK = 64 * 1024
_TRIES = 3
# One range: S3 knows no more, and gives the whole object to whoever asks for several.
_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


async def download(request: Request) -> Response:
    """Give an object to a caller who may see it, and to anyone when its bucket is public."""
    return await _of_bucket(request, operation="object.get_authenticated", public=False)


async def public_download(request: Request) -> Response:
    """Give an object of a public bucket to anyone."""
    return await _of_bucket(request, operation="object.get_public", public=True)


async def find_readable(
    request: Request, bucket_id: str, name: str, *, operation: str, public: bool = False
) -> StoredObject:
    """Read an object as the caller, or past the policies when its bucket is public.

    Args:
        request: who calls, if anybody.
        bucket_id: its bucket.
        name: its name.
        operation: for policies that ask.
        public: whether the request is for public buckets only.

    Raises:
        StorageError: NoSuchBucket, NoSuchKey, and without a good token what `caller_of` raises.
    """
    server = StorageServer.of(request)
    bucket = await server.bucket(bucket_id, operation)
    if public and not bucket.public:
        raise no_such_bucket()
    caller = SERVER if bucket.public else caller_if_any(request) or caller_of(request)
    async with server.database.acting(caller, operation) as conn:
        return await find_object(conn, bucket_id, name)


async def _of_bucket(request: Request, *, operation: str, public: bool) -> Response:
    bucket_id, name = place_of(request)

    async def find() -> StoredObject:
        return await find_readable(request, bucket_id, name, operation=operation, public=public)

    return await respond(request, find)


async def respond(request: Request, find: Find, *, expires: datetime | None = None) -> Response:
    """Answer with an object's bytes, or with what HEAD and conditions ask for instead.

    Args:
        request: its range, conditions, and the name it wishes in `download`.
        find: reads the object's row. Asked again when its bytes went away meanwhile, which a replacement does.
        expires: when the address stops working; None for the object's own caching.

    Raises:
        StorageError: what `find` raises, or NoSuchKey when there are no bytes.
    """
    store = StorageServer.of(request).store
    for _ in range(_TRIES):
        found = await find()
        try:
            file = await to_thread.run_sync(store.open, found.version or "")
        except FileNotFoundError:
            continue
        return _answer(request, found, file, expires)
    raise StorageError(404, "NoSuchKey", "The resource was not found", "Not found")


def _answer(request: Request, found: StoredObject, file: BinaryIO, expires: datetime | None) -> Response:
    try:
        headers = _headers(request, found, expires)
        is_known = _is_known(request, found)
        part = None if is_known else _part(request.headers.get("range", ""), found.size)
    except StorageError:
        file.close()
        raise
    if is_known:
        file.close()
        return Response(status_code=304, headers=headers)
    start, end = part or (0, found.size)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        file.close()
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_bytes(file, start, end), status, headers)


def _headers(request: Request, found: StoredObject, expires: datetime | None) -> dict[str, str]:
    mime_type = checked_header("content-type", found.told("mimetype") or "application/octet-stream")
    headers = {
        "Accept-Ranges": "bytes",
        # A page uploaded by somebody must not run in the name of this origin.
        "Content-Type": "text/plain" if "text/html" in mime_type else mime_type,
        "ETag": checked_header("etag", found.told("eTag")),
        "Last-Modified": format_datetime(_changed(found), usegmt=True),
    }
    if expires is not None:
        headers["Expires"] = format_datetime(expires, usegmt=True)
    else:
        headers["Cache-Control"] = checked_header("cache-control", found.told("cacheControl") or "no-cache")
    wished = request.query_params.get("download")
    if wished:
        name = quote(wished, safe="!~*'()")
        headers["Content-Disposition"] = f"attachment; filename={name}; filename*=UTF-8''{name};"
    elif wished is not None:
        headers["Content-Disposition"] = "attachment;"
    return headers


def _changed(found: StoredObject) -> datetime:
    """Say when the bytes changed, to the second, as headers say it."""
    told = found.told("lastModified")
    at = datetime.fromisoformat(told) if told else found.updated_at or datetime.fromtimestamp(0, UTC)
    return at.astimezone(UTC).replace(microsecond=0)


def _is_known(request: Request, found: StoredObject) -> bool:
    """Tell whether the caller holds these bytes already."""
    named = request.headers.get("if-none-match")
    if named is not None:
        tags = {tag.strip().removeprefix("W/").strip('"') for tag in named.split(",")}
        return "*" in tags or found.told("eTag").strip('"') in tags
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return _changed(found) <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """Give the part that is asked for, its end excluded; None for the whole.

    Raises:
        StorageError: InvalidRange: the object has no such part.
    """
    match = _RANGE.fullmatch(asked)
    if match is None:
        return None
    first, last, length = match.groups()
    start = int(first) if first else max(size - int(length), 0)
    end = min(int(last) + 1, size) if last else size
    if start >= end:
        raise StorageError(416, "InvalidRange", "The requested range is not satisfiable")
    return start, end


async def _bytes(file: BinaryIO, start: int, end: int) -> AsyncIterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left and (chunk := await to_thread.run_sync(file.read, min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
