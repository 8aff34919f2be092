"""Reads a call: who makes it, by a user's token or by a signature of the Edge Functions, and what is asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic
from uuid import UUID

from pydantic import JsonValue
from pydantic_core import to_json
from starlette.requests import Request

from edge_bridge import inputs, signatures
from edge_bridge.identity import TokenVerifier
from edge_bridge.inputs import Input, InputT
from edge_bridge.metrics import Metrics
from edge_bridge.seen_calls import SeenCalls
from edge_bridge.signatures import Verdict
from soulseer import logs, request_id
from soulseer.asgi import read_body
from soulseer.errors import BadRequestError

log = logs.get(__name__)

# What a signed call says beside its input: route, user and request id.
MAX_SIGNED_BYTES: Final = inputs.MAX_BODY_BYTES + 1024


@dataclass(frozen=True, slots=True)
class Asked(Generic[InputT]):
    """A call that may be answered.

    Attributes:
        user_id: The verified user.
        input: What is asked for.
    """

    user_id: UUID
    input: InputT


class SignedCall(Input):
    """Body of a signed call.

    Attributes:
        path: The route it is for.
        user_id: The user whose token the function has verified.
        request_id: The id it also carries as a header.
        data: What the user asks for.
    """

    path: str
    user_id: UUID
    request_id: str
    data: dict[str, JsonValue]


class Callers:
    """Tells who calls.

    Args:
        tokens: Verifies the tokens of users.
        secrets: What the functions sign with, newest first.
        seen: The signed calls that have come.
        metrics: Counters.
    """

    def __init__(self, tokens: TokenVerifier, secrets: Sequence[str], seen: SeenCalls, metrics: Metrics) -> None:
        self._tokens = tokens
        self._secrets = tuple(secrets)
        self._seen = seen
        self._metrics = metrics

    async def read(self, request: Request, kind: type[InputT]) -> Asked[InputT]:
        """Return who calls and what is asked.

        Args:
            request: The call.
            kind: What its input must be.

        Raises:
            UnauthenticatedError: It is not signed, and carries no valid token of a signed-in user.
            BadRequestError: bad_signature, body_too_large, invalid_json or invalid_input.
            UnavailableError: The signing keys, or the record of seen calls, cannot be had now.
        """
        if signatures.is_signed(request.headers):
            call = await self._signed(request)
            return Asked(call.user_id, inputs.check(to_json(call.data), kind))
        authorization = request.headers.get("authorization")
        if authorization is None:
            self._count(Verdict.UNSIGNED)
        user_id = await self._tokens.user(authorization)
        return Asked(user_id, inputs.check(await read_body(request, inputs.MAX_BODY_BYTES), kind))

    async def _signed(self, request: Request) -> SignedCall:
        try:
            body = await read_body(request, MAX_SIGNED_BYTES)
        except BadRequestError as error:
            self._count(error.code)
            raise
        self._demand(signatures.verify(body, request.headers, self._secrets, now=time.time()))
        call = inputs.check(body, SignedCall)
        if (call.path, call.request_id) != (request.url.path, request_id.current()):
            self._demand(Verdict.MISDIRECTED)
        # Last: only what is genuine is remembered, so that a forger can neither fill the record nor use up an id.
        if not await self._seen.add(request.headers[signatures.ID]):
            self._demand(Verdict.REPLAYED)
        return call

    def _demand(self, verdict: Verdict) -> None:
        if verdict is Verdict.GENUINE:
            return
        self._count(verdict)
        log.warning("signed_call_refused", verdict=verdict.value)
        # The answer is the same for all verdicts: whoever forges need not learn how close it came.
        raise BadRequestError("bad_signature", "The call is not signed as it must be.", hint="Check secret and clock.")

    def _count(self, reason: str) -> None:
        self._metrics.refused.labels(reason).inc()
