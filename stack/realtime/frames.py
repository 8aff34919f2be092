"""Frames of the Phoenix protocol, versions 1.0.0 (JSON objects) and 2.0.0 (JSON arrays, and binary broadcasts).

What many subscribers receive is a `Message`: it is encoded once for each version, however many they are.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, Protocol

from pydantic import JsonValue

from stack.realtime.tokens import JsonObject

_PUSH = 3
_DELIVERY = 4
_PUSH_HEADER = 7
_JSON = 1
_LONGEST = 255
_MEMBERS = 5

encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Version(StrEnum):
    """Versions of the protocol a client may ask for."""

    ONE = "1.0.0"
    TWO = "2.0.0"


class FrameError(Exception):
    """A frame that is not of the protocol."""


@dataclass(frozen=True, slots=True)
class Push:
    """A broadcast a client sent as a binary frame.

    Attributes:
        event: the broadcast's own event.
        is_json: whether the body is JSON rather than bytes of the client's own.
        body: what is broadcast, as it came.
    """

    event: str
    is_json: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """What a client sent."""

    join_ref: str | None
    ref: str | None
    topic: str
    event: str
    payload: JsonObject | Push


def _no_constant(name: str) -> NoReturn:
    raise FrameError(f"{name} is not JSON")


def decode_json(text: str | bytes) -> JsonValue:
    """Read JSON as the standard has it: NaN and half a surrogate pair are refused, as neither can be passed on.

    Raises:
        FrameError: it is not JSON in UTF-8.
    """
    try:
        read = text.decode() if isinstance(text, bytes) else text
        value: JsonValue = json.loads(read, parse_constant=_no_constant)
        if "\\u" in read:
            encode_json(value).encode()
    except (ValueError, RecursionError) as error:
        raise FrameError("the frame is not JSON") from error
    return value


def decode(version: Version, data: str | bytes) -> Frame:
    """Read a frame.

    Raises:
        FrameError: it is not of this version of the protocol.
    """
    if isinstance(data, bytes):
        if version is Version.ONE:
            raise FrameError("version 1.0.0 has no binary frames")
        return _decode_push(data)
    value = decode_json(data)
    if version is Version.ONE:
        if not isinstance(value, dict):
            raise FrameError("an object is wanted")
        members = [value.get(name) for name in ("join_ref", "ref", "topic", "event", "payload")]
    else:
        if not isinstance(value, list) or len(value) < _MEMBERS:
            raise FrameError("an array of five is wanted")
        members = value[:_MEMBERS]
    join_ref, ref, topic, event, payload = members
    if not isinstance(topic, str) or not isinstance(event, str) or not isinstance(payload, dict):
        raise FrameError("topic and event are strings, and the payload is an object")
    return Frame(_reference(join_ref), _reference(ref), topic, event, payload)


def _reference(value: JsonValue) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise FrameError("a reference is a string")


def _decode_push(data: bytes) -> Frame:
    if len(data) < _PUSH_HEADER or data[0] != _PUSH:
        raise FrameError("a binary frame is a broadcast")
    sizes = data[1:6]
    texts, at = [], _PUSH_HEADER
    for size in sizes:
        texts.append(data[at : at + size])
        at += size
    if at > len(data):
        raise FrameError("the frame is shorter than it says")
    try:
        join_ref, ref, topic, event, _metadata = (text.decode() for text in texts)
    except UnicodeDecodeError as error:
        raise FrameError("texts are UTF-8") from error
    is_json = data[6] == _JSON
    if is_json:
        # What is passed on unread must not break the frames of those who get it as text.
        decode_json(data[at:])
    return Frame(join_ref or None, ref or None, topic, "broadcast", Push(event, is_json, data[at:]))


def reply(version: Version, frame: Frame, status: str, response: JsonValue) -> str:
    """Encode the answer to a client's frame; `status` is ok or error."""
    payload: JsonObject = {"status": status, "response": response}
    if version is Version.ONE:
        return encode_json({"topic": frame.topic, "event": "phx_reply", "payload": payload, "ref": frame.ref})
    return encode_json([frame.join_ref, frame.ref, frame.topic, "phx_reply", payload])


def push(version: Version, join_ref: str | None, topic: str, event: str, payload: JsonObject) -> str:
    """Encode what one channel alone is told."""
    if version is Version.ONE:
        return encode_json({"topic": topic, "event": event, "payload": payload, "ref": None})
    return encode_json([join_ref, None, topic, event, payload])


def close(version: Version, join_ref: str | None, topic: str) -> str:
    """Encode the end of a channel."""
    if version is Version.ONE:
        return encode_json({"topic": topic, "event": "phx_close", "payload": {}, "ref": join_ref})
    return encode_json([join_ref, join_ref, topic, "phx_close", {}])


class Message(Protocol):
    """What many subscribers of one topic receive."""

    def encode(self, version: Version, topic: str) -> str | bytes | None:
        """Return the frame; None when the version cannot say it."""
        ...


@dataclass(frozen=True, slots=True)
class TextMessage:
    """An event whose payload is JSON already encoded."""

    event: str
    payload: str

    def encode(self, version: Version, topic: str) -> str:
        """Return the frame."""
        name = encode_json(topic)
        if version is Version.ONE:
            return f'{{"ref":null,"topic":{name},"event":"{self.event}","payload":{self.payload}}}'
        return f'[null,null,{name},"{self.event}",{self.payload}]'


@dataclass(frozen=True, slots=True)
class UserBroadcast:
    """A broadcast whose body nobody between sender and receivers reads.

    Attributes:
        event: the broadcast's own event.
        is_json: whether the body is JSON.
        body: what is broadcast.
        message_id: the row it came from, if it came from the database.
    """

    event: str
    is_json: bool
    body: bytes
    message_id: str = ""

    def encode(self, version: Version, topic: str) -> str | bytes | None:
        """Return the frame; bytes of the sender's own cannot be told in version 1.0.0."""
        if version is Version.TWO:
            meta = encode_json({"id": self.message_id}).encode() if self.message_id else b""
            parts = [topic.encode(), self.event.encode(), meta]
            if all(len(part) <= _LONGEST for part in parts):
                header = bytes([_DELIVERY, *(len(part) for part in parts), self.is_json])
                return b"".join([header, *parts, self.body])
        return (
            broadcast_text(self.event, self.body.decode(), self.message_id).encode(version, topic)
            if self.is_json
            else None
        )


def broadcast_text(event: str, body: str, message_id: str = "") -> TextMessage:
    """Return a broadcast whose body is encoded JSON, as a frame of text."""
    meta = f',"meta":{{"id":{encode_json(message_id)}}}' if message_id else ""
    return TextMessage("broadcast", f'{{"type":"broadcast","event":{encode_json(event)},"payload":{body}{meta}}}')
