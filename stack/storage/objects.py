"""Endpoints that move, copy, remove and describe objects, each run as the caller."""

from dataclasses import replace
from typing import Annotated, Self

import psycopg
from anyio import to_thread
from psycopg.errors import UniqueViolation
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from stack.storage.downloads import find_readable
from stack.storage.errors import already_exists, no_such_key, too_large
from stack.storage.keys import JsonObject
from stack.storage.names import check_mime_type, checked_bucket, checked_header, checked_key
from stack.storage.rows import StoredObject, Written, delete_objects, find_object, moment, rename_object
from stack.storage.server import Body, StorageServer, caller_of, place_of, read_body
from stack.storage.uploads import commit, limit_of, try_write, wants_upsert

_MOST_AT_ONCE = 1000


class Removal(Body):
    """Names of objects to remove."""

    prefixes: Annotated[list[str], Field(min_length=1, max_length=_MOST_AT_ONCE)]


class Transfer(Body):
    """From where an object goes to where."""

    bucket_id: Annotated[str, Field(alias="bucketId")]
    source_key: Annotated[str, Field(alias="sourceKey")]
    destination_key: Annotated[str, Field(alias="destinationKey")]
    destination_bucket: Annotated[str | None, Field(alias="destinationBucket")] = None

    @property
    def target(self) -> str:
        """Bucket the object goes to."""
        return self.destination_bucket or self.bucket_id

    def checked(self) -> Self:
        """Give it back if its names are names.

        Raises:
            StorageError: InvalidBucketName, InvalidKey.
        """
        checked_bucket(self.bucket_id)
        checked_bucket(self.target)
        checked_key(self.source_key)
        checked_key(self.destination_key)
        return self


class CopyMetadata(Body):
    """What a copy says of itself instead of what the original does."""

    cache_control: Annotated[str | None, Field(alias="cacheControl")] = None
    mimetype: str | None = None


class Copy(Transfer):
    """From where to where an object is copied."""

    copy_metadata: Annotated[bool, Field(alias="copyMetadata")] = True
    metadata: CopyMetadata | None = None


async def remove(request: Request) -> JSONResponse:
    """Remove several objects; those the caller may not remove stay, silently."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id = checked_bucket(request.path_params["bucket"])
    asked = await read_body(request, Removal)
    async with server.database.acting(caller, "object.delete_many") as conn:
        removed = await delete_objects(conn, bucket_id, asked.prefixes)
    server.store.discard(one.version for one in removed)
    return JSONResponse([one.shown() for one in removed])


async def remove_one(request: Request) -> JSONResponse:
    """Remove an object."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id, name = place_of(request)
    async with server.database.acting(caller, "object.delete") as conn:
        removed = await delete_objects(conn, bucket_id, [name])
    if not removed:
        raise no_such_key()
    server.store.discard(one.version for one in removed)
    return JSONResponse({"message": "Successfully deleted"})


async def move(request: Request) -> JSONResponse:
    """Give an object another name, in the same bucket or in another; its bytes stay where they are."""
    server, caller = StorageServer.of(request), caller_of(request)
    asked = (await read_body(request, Transfer)).checked()
    written = Written(asked.target, asked.destination_key, caller.owner_id)
    target = await server.bucket(asked.target, "object.move")
    try:
        async with server.database.acting(caller, "object.move") as conn:
            found = await find_object(conn, asked.bucket_id, asked.source_key)
            check_mime_type(target.allowed_mime_types, found.told("mimetype"))
            if found.size > limit_of(target, server):
                raise too_large()
            await rename_object(conn, found, written)
    except UniqueViolation as error:
        raise already_exists("KeyAlreadyExists") from error
    return JSONResponse({"message": "Successfully moved", "Id": str(found.id), "Key": written.name})


async def copy(request: Request) -> JSONResponse:
    """Write an object a second time under another name, owned by the caller."""
    server, caller = StorageServer.of(request), caller_of(request)
    asked = (await read_body(request, Copy)).checked()
    upsert = wants_upsert(request)
    target = await server.bucket(asked.target, "object.copy")
    async with server.database.acting(caller, "object.copy") as conn:
        found = await find_object(conn, asked.bucket_id, asked.source_key)
    metadata = _metadata_of_copy(found, asked)
    check_mime_type(target.allowed_mime_types, str(metadata.get("mimetype", "")))
    if found.size > limit_of(target, server):
        raise too_large()
    written = Written(asked.target, asked.destination_key, caller.owner_id)
    await try_write(server, caller, written, upsert=upsert, operation="object.copy")
    try:
        version = await to_thread.run_sync(server.store.duplicate, found.version or "")
    except FileNotFoundError as error:
        raise no_such_key() from error
    kept = found.user_metadata if asked.copy_metadata else None
    complete = replace(written, version=version, metadata=metadata, user_metadata=kept)
    try:
        copy_id = await commit(server, caller, complete, upsert=upsert, operation="object.copy")
    except psycopg.OperationalError:
        # As for an upload: nobody knows, and what has no row is swept.
        raise
    except Exception:
        server.store.discard([version])
        raise
    shown: JsonObject = {"name": written.name, "bucket_id": written.bucket_id, "version": version, "metadata": metadata}
    key = f"{written.bucket_id}/{written.name}"
    return JSONResponse({"Id": str(copy_id), "Key": key, "id": str(copy_id), **shown})


async def info(request: Request) -> JSONResponse:
    """Describe an object."""
    bucket_id, name = place_of(request)
    found = await find_readable(request, bucket_id, name, operation="object.info_authenticated")
    return JSONResponse(_described(found))


async def public_info(request: Request) -> JSONResponse:
    """Describe an object of a public bucket to anyone."""
    bucket_id, name = place_of(request)
    found = await find_readable(request, bucket_id, name, operation="object.info_public", public=True)
    return JSONResponse(_described(found))


def _metadata_of_copy(found: StoredObject, asked: Copy) -> JsonObject:
    metadata = dict(found.metadata or {})
    if not asked.copy_metadata and asked.metadata is not None:
        told = {"cacheControl": asked.metadata.cache_control, "mimetype": asked.metadata.mimetype}
        metadata.update({name: checked_header(name, value) for name, value in told.items() if value is not None})
    return metadata


def _described(found: StoredObject) -> JsonObject:
    return {
        "id": str(found.id),
        "name": found.name,
        "version": found.version,
        "bucket_id": found.bucket_id,
        "size": found.size,
        "content_type": found.told("mimetype") or None,
        "cache_control": found.told("cacheControl") or None,
        "etag": found.told("eTag") or None,
        "metadata": found.user_metadata,
        "last_modified": moment(found.updated_at),
        "created_at": moment(found.created_at),
    }
