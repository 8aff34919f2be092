"""Signed URLs: whoever holds one reads or uploads one object until it expires, whatever the policies say by then."""

from datetime import UTC, datetime
from typing import Annotated

import jwt
from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stack.storage.downloads import respond
from stack.storage.errors import invalid_jwt, invalid_request, invalid_signature, left_out
from stack.storage.keys import SERVER, JsonObject, Use
from stack.storage.names import checked_bucket, checked_key
from stack.storage.rows import StoredObject, Written, find_object, find_objects
from stack.storage.server import Body, StorageServer, caller_of, place_of, read_body
from stack.storage.uploads import hearing_out, take_in, try_write, wants_upsert

_MOST_AT_ONCE = 500
_LONGEST_SECONDS = 10 * 365 * 24 * 3600
Lifetime = Annotated[int, Field(alias="expiresIn", ge=1, le=_LONGEST_SECONDS)]


class Signing(Body):
    """How long a URL may be used."""

    expires_in: Lifetime
    transform: JsonObject | None = None


class SigningOfMany(Body):
    """Which objects URLs are asked for, and how long they may be used."""

    expires_in: Lifetime
    paths: Annotated[list[str], Field(min_length=1, max_length=_MOST_AT_ONCE)]


async def sign(request: Request) -> JSONResponse:
    """Make a URL that reads an object the caller may see."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id, name = place_of(request)
    asked = await read_body(request, Signing)
    if asked.transform:
        raise left_out("image transformation")
    async with server.database.acting(caller, "object.sign") as conn:
        await find_object(conn, bucket_id, name)
    return JSONResponse({"signedURL": _reading_url(server, bucket_id, name, asked.expires_in)})


async def sign_many(request: Request) -> JSONResponse:
    """Make a URL for each of several objects; those the caller may not see get an error of their own."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id = checked_bucket(request.path_params["bucket"])
    asked = await read_body(request, SigningOfMany)
    async with server.database.acting(caller, "object.sign_many") as conn:
        seen = {one.name for one in await find_objects(conn, bucket_id, asked.paths)}
    missing = "Either the object does not exist or you do not have access to it"
    answers: list[JsonValue] = [
        {
            "error": None if path in seen else missing,
            "path": path,
            "signedURL": _reading_url(server, bucket_id, path, asked.expires_in) if path in seen else None,
        }
        for path in asked.paths
    ]
    return JSONResponse(answers)


async def signed_download(request: Request) -> Response:
    """Give an object to whoever holds a URL that was signed for it."""
    server = StorageServer.of(request)
    bucket_id, name = place_of(request)
    claims = _claims(request, "download", bucket_id, name)
    exp = claims.get("exp")
    expires = datetime.fromtimestamp(exp, UTC) if isinstance(exp, int) else None

    async def find() -> StoredObject:
        async with server.database.acting(SERVER, "object.get_signed") as conn:
            return await find_object(conn, bucket_id, name)

    return await respond(request, find, expires=expires)


async def sign_upload(request: Request) -> JSONResponse:
    """Make a URL that uploads an object which the caller may write."""
    server, caller = StorageServer.of(request), caller_of(request)
    bucket_id, name = place_of(request)
    upsert = wants_upsert(request)
    await server.bucket(bucket_id, "object.sign_upload_url")
    written = Written(bucket_id, name, caller.owner_id)
    await try_write(server, caller, written, upsert=upsert, operation="object.sign_upload_url")
    claims: JsonObject = {"url": f"{bucket_id}/{name}", "owner": caller.owner_id, "upsert": upsert}
    token = server.keys.sign("upload", claims, server.settings.upload_url_seconds)
    return JSONResponse({"url": f"/object/upload/sign/{bucket_id}/{name}?token={token}", "token": token})


async def signed_upload(request: Request) -> Response:
    """Take an object in from whoever holds a URL that was signed for it, in the name of who had it signed."""
    async with hearing_out(request):
        claims = _claims(request, "upload", *place_of(request))
        owner = claims.get("owner")
        return await take_in(
            request,
            SERVER,
            owner_id=owner if isinstance(owner, str) else None,
            upsert=claims.get("upsert") is True,
            operation="object.upload_signed",
        )


def _reading_url(server: StorageServer, bucket_id: str, name: str, seconds: int) -> str:
    place = f"{bucket_id}/{checked_key(name)}"
    return f"/object/sign/{place}?token={server.keys.sign('download', {'url': place}, seconds)}"


def _claims(request: Request, use: Use, bucket_id: str, name: str) -> JsonObject:
    """Check the token of a signed URL.

    Raises:
        StorageError: InvalidRequest, InvalidJWT, InvalidSignature.
    """
    token = request.query_params.get("token", "")
    if not token:
        raise invalid_request("querystring must have required property 'token'")
    try:
        claims = StorageServer.of(request).keys.signed(use, token)
    except jwt.ExpiredSignatureError as error:
        raise invalid_jwt('"exp" claim timestamp check failed') from error
    except jwt.InvalidTokenError as error:
        raise invalid_jwt("signature verification failed") from error
    if claims is None or claims.get("url") != f"{bucket_id}/{name}":
        raise invalid_signature()
    return claims
