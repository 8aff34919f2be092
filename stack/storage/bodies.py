"""Takes the body of an upload as it comes, into a draft: nothing is held back, nothing read beyond the limits."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from stack.storage.errors import invalid_request, too_large
from stack.storage.files import Draft
from stack.storage.keys import JsonObject
from stack.storage.names import checked_header

if TYPE_CHECKING:
    # Not there at run time.
    from python_multipart.multipart import MultipartCallbacks

_DEFAULT_TYPE = "application/octet-stream"
_LARGEST_FIELD = 1024 * 1024
_MOST_FIELDS = 10
_LARGEST_REMAINDER = 16 * 1024 * 1024
_NO_CACHE = "no-cache"

Check = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Received:
    """What an upload says of itself."""

    mime_type: str
    cache_control: str
    user_metadata: JsonObject | None


async def receive(request: Request, draft: Draft, check_type: Check) -> Received:
    """Write the body's file into a draft.

    Args:
        request: a multipart form with one file, or the bare bytes.
        draft: where the bytes go; it knows their limit.
        check_type: called with the file's type before its first byte is written; raises to refuse it.

    Raises:
        StorageError: EntityTooLarge, InvalidRequest, or what `check_type` raises.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        return await _receive_form(request, options.get(b"boundary", b""), draft, check_type)
    mime_type = checked_header("content-type", request.headers.get("content-type", _DEFAULT_TYPE))
    cache_control = checked_header("cache-control", request.headers.get("cache-control", _NO_CACHE))
    check_type(mime_type)
    draft.expect(_length(request))
    async for chunk in request.stream():
        await draft.write(chunk)
    told = _json_object(_decoded(request.headers.get("x-metadata", "")))
    return Received(mime_type, cache_control, told)


async def let_pass(request: Request) -> None:
    """Read what is left of a refused body, within reason: a client that still sends does not hear the answer."""
    left = _LARGEST_REMAINDER
    try:
        async for chunk in request.stream():
            left -= len(chunk)
            if left < 0:
                return
    except (ClientDisconnect, RuntimeError):
        # The client is gone, or the body was read to its end before.
        return


async def _receive_form(request: Request, boundary: bytes, draft: Draft, check_type: Check) -> Received:
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for data in _file_bytes(request, parser, form):
            if form.begun:
                check_type(checked_header("content-type", form.mime_type))
                form.begun = False
            await draft.write(data)
    except MultipartParseError as error:
        raise invalid_request(f"The multipart body is broken: {error}") from error
    if form.file_type is None:
        raise invalid_request("No content provided")
    seconds = checked_header("cache-control", form.text("cacheControl"))
    told = form.text("metadata") or form.text("userMetadata")
    mime_type = checked_header("content-type", form.mime_type)
    return Received(mime_type, f"max-age={seconds}" if seconds else _NO_CACHE, _json_object(told))


async def _file_bytes(request: Request, parser: MultipartParser, form: "_Form") -> AsyncIterator[bytes]:
    """Feed the parser and give the file's bytes, an empty chunk for an empty file."""
    async for chunk in request.stream():
        parser.write(chunk)
        if form.begun or form.file_bytes:
            yield form.take()
    if not form.ended:
        raise invalid_request("The multipart body has no end")


@dataclass(slots=True)
class _Form:
    """The parts of a form, as the parser names them: text fields, and one file whose bytes are taken on."""

    fields: dict[str, bytearray] = field(default_factory=dict)
    file_type: str | None = None
    file_bytes: bytearray = field(default_factory=bytearray)
    begun: bool = False
    ended: bool = False
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _headers: dict[str, bytes] = field(default_factory=dict)
    _into: bytearray | None = None

    def callbacks(self) -> "MultipartCallbacks":
        """Give what the parser calls."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_header,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_part,
            "on_part_data": self._on_data,
            "on_end": self._on_end,
        }

    @property
    def mime_type(self) -> str:
        """The file's type; a field of its own wins over the part's header."""
        return self.text("contentType") or self.file_type or _DEFAULT_TYPE

    def text(self, name: str) -> str:
        """Give a text field; empty when there is none."""
        return bytes(self.fields.get(name, b"")).decode(errors="replace")

    def take(self) -> bytes:
        """Give the file's bytes that came since."""
        taken = bytes(self.file_bytes)
        self.file_bytes.clear()
        return taken

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[bytes(self._header).decode("latin-1").lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _on_part(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        if b"filename" in options:
            if self.file_type is not None:
                raise invalid_request("Only one file may be uploaded at a time")
            self.file_type = self._headers.get("content-type", _DEFAULT_TYPE.encode()).decode("latin-1")
            self._into, self.begun = self.file_bytes, True
            return
        if len(self.fields) >= _MOST_FIELDS:
            raise invalid_request("The form has too many fields")
        self._into = self.fields[options.get(b"name", b"").decode(errors="replace")] = bytearray()

    def _on_end(self) -> None:
        self.ended = True

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._into is None:
            return
        self._into += data[start:end]
        if self._into is not self.file_bytes and len(self._into) > _LARGEST_FIELD:
            raise too_large("user_metadata")


def _length(request: Request) -> int:
    """Give the announced length of the body; 0 when none is announced."""
    announced = request.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() else 0


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""


def _json_object(text: str) -> JsonObject | None:
    """Read what an uploader adds; what is no JSON object is left out, as hosted does."""
    try:
        told = json.loads(text) if text else None
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
