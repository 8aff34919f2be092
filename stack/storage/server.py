"""What every endpoint works with: the server's parts, the request's body, and who is calling."""

import re
from dataclasses import dataclass
from typing import TypeVar

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from stack.storage.database import Database
from stack.storage.errors import StorageError, access_denied, invalid_request
from stack.storage.files import Store
from stack.storage.keys import SERVER, Caller, Keys
from stack.storage.names import checked_bucket, checked_key
from stack.storage.rows import Bucket, find_bucket
from stack.storage.settings import StorageSettings

_BEARER = re.compile(r"[Bb]earer (\S+)")
_LARGEST_JSON = 1024 * 1024


class Body(BaseModel):
    """A request body: unknown members are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


BodyType = TypeVar("BodyType", bound=Body)


@dataclass(frozen=True, slots=True)
class StorageServer:
    """The parts of the server, made once at start."""

    settings: StorageSettings
    database: Database
    keys: Keys
    store: Store

    @classmethod
    def of(cls, request: Request) -> "StorageServer":
        """Give the server the request came to."""
        server = request.app.state.storage
        if not isinstance(server, cls):
            message = "the application was not made by stack.storage.app"
            raise TypeError(message)
        return server

    async def bucket(self, bucket_id: str, operation: str) -> Bucket:
        """Read a bucket past the policies: its limits and openness hold for everyone.

        Raises:
            StorageError: NoSuchBucket.
        """
        async with self.database.acting(SERVER, operation) as conn:
            return await find_bucket(conn, bucket_id)


async def read_body(request: Request, model: type[BodyType]) -> BodyType:
    """Read the JSON body.

    Raises:
        StorageError: InvalidRequest, EntityTooLarge.
    """
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _LARGEST_JSON:
            raise StorageError(413, "EntityTooLarge", "Request body is too large", "Payload too large")
    try:
        return model.model_validate_json(bytes(raw) or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = "/".join(["body", *(str(part) for part in first["loc"])])
        raise invalid_request(f"{where}: {first['msg']}") from error


def caller_of(request: Request) -> Caller:
    """Check the bearer token and give its caller.

    Raises:
        StorageError: InvalidRequest without a token, AccessDenied with one that is no good.
    """
    match = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        raise invalid_request("headers must have required property 'authorization'")
    try:
        return StorageServer.of(request).keys.caller(match[1])
    except jwt.InvalidTokenError as error:
        raise access_denied(str(error)) from error


def caller_if_any(request: Request) -> Caller | None:
    """Give the caller of a request that needs none, unless its token is missing or no good."""
    try:
        return caller_of(request)
    except StorageError:
        return None


def place_of(request: Request) -> tuple[str, str]:
    """Give bucket and object of a path.

    Raises:
        StorageError: InvalidBucketName, InvalidKey.
    """
    return checked_bucket(request.path_params["bucket"]), checked_key(request.path_params["key"])
