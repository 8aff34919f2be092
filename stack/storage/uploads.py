"""Uploads: tried as the caller before a byte is taken, written as the caller once the bytes are on the disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stack.storage.bodies import Received, let_pass, receive
from stack.storage.database import become
from stack.storage.files import Draft
from stack.storage.keys import SERVER, Caller, JsonObject
from stack.storage.names import check_mime_type
from stack.storage.rows import Bucket, Written, insert_object, moment, standing_version, upsert_object
from stack.storage.server import StorageServer, caller_of, place_of


async def upload(request: Request) -> Response:
    """Take a new object in; with `x-upsert: true` also over one that is there."""
    async with hearing_out(request):
        caller = caller_of(request)
        upsert = wants_upsert(request)
        return await take_in(request, caller, owner_id=caller.owner_id, upsert=upsert, operation="object.upload")


async def update(request: Request) -> Response:
    """Take an object in over the one that is there, or a new one."""
    async with hearing_out(request):
        caller = caller_of(request)
        operation = "object.upload_update"
        return await take_in(request, caller, owner_id=caller.owner_id, upsert=True, operation=operation)


def wants_upsert(request: Request) -> bool:
    """Tell whether an upload may replace what is there."""
    return request.headers.get("x-upsert", "").lower() == "true"


async def take_in(
    request: Request, caller: Caller, *, owner_id: str | None, upsert: bool, operation: str
) -> JSONResponse:
    """Take an object in.

    Args:
        request: names the object, and holds its bytes.
        caller: whom the policies are asked about.
        owner_id: who will own it.
        upsert: whether it may replace what is there.
        operation: for policies that ask.

    Raises:
        StorageError: whatever is wrong with the name, the right, the type or the size.
    """
    server = StorageServer.of(request)
    bucket_id, name = place_of(request)
    bucket = await server.bucket(bucket_id, operation)
    written = Written(bucket_id, name, owner_id)
    await try_write(server, caller, written, upsert=upsert, operation=operation)
    draft = server.store.draft(limit_of(bucket, server))
    try:
        received = await receive(request, draft, partial(check_mime_type, bucket.allowed_mime_types))
        await draft.keep()
        complete = replace(
            written,
            version=draft.version,
            metadata=_metadata(draft, received),
            user_metadata=received.user_metadata,
        )
        written_id = await commit(server, caller, complete, upsert=upsert, operation=operation)
    except psycopg.OperationalError:
        # Nobody knows whether the row was written. Bytes without one are swept at the next start.
        raise
    except Exception:
        draft.drop()
        raise
    return JSONResponse({"Id": str(written_id), "Key": f"{bucket_id}/{name}"})


async def try_write(server: StorageServer, caller: Caller, written: Written, *, upsert: bool, operation: str) -> None:
    """Try whether the caller may write an object, and leave nothing.

    Raises:
        psycopg.Error: they may not, or it is there.
    """
    async with server.database.acting(caller, operation, keep=False) as conn:
        await (upsert_object if upsert else insert_object)(conn, written)


async def commit(server: StorageServer, caller: Caller, written: Written, *, upsert: bool, operation: str) -> UUID:
    """Write the row of an object whose bytes are on disk, and throw away those it replaces.

    The policies are asked again: what was allowed when the first byte came may not be when the last one has.

    Raises:
        psycopg.Error: the caller may not, or it is there by now.
    """
    async with server.database.acting(SERVER, operation) as conn:
        replaced = await standing_version(conn, written.bucket_id, written.name)
        await become(conn, caller, operation)
        written_id = await (upsert_object if upsert else insert_object)(conn, written)
    if replaced != written.version:
        server.store.discard([replaced])
    return written_id


def limit_of(bucket: Bucket, server: StorageServer) -> int:
    """Give the largest size of an object in a bucket."""
    everywhere = server.settings.file_size_limit
    return everywhere if bucket.file_size_limit is None else min(bucket.file_size_limit, everywhere)


@asynccontextmanager
async def hearing_out(request: Request) -> AsyncIterator[None]:
    """Let the rest of a refused body pass, so that its sender hears why."""
    try:
        yield
    except Exception:
        await let_pass(request)
        raise


def _metadata(draft: Draft, received: Received) -> JsonObject:
    return {
        "eTag": draft.etag,
        "size": draft.size,
        "mimetype": received.mime_type,
        "cacheControl": received.cache_control,
        "lastModified": moment(datetime.now(UTC)),
        "contentLength": draft.size,
        "httpStatusCode": 200,
    }
