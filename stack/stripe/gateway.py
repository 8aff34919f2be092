"""`/v1`: from bytes to a handler and back, with keys, versions, idempotency and faults in between."""

import asyncio
import base64
import binascii
import json
import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stack.stripe import connections, faults, forms, idempotency, ids
from stack.stripe.errors import ApiError, crashed, invalid, rate_limited
from stack.stripe.expansion import expand
from stack.stripe.faults import Fault
from stack.stripe.forms import Raw
from stack.stripe.idempotency import Keys, Saved, Use
from stack.stripe.resources import confirmation, setup_intents
from stack.stripe.routes import ROUTES
from stack.stripe.settings import API_VERSION, PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, World

_LOG = logging.getLogger(__name__)
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Version, Idempotent-Replayed",
}


@dataclass(frozen=True)
class Asked:
    """A request that may be executed: it has a good key, a known path and parameters that fit."""

    request_id: str
    method: str
    path: str
    route: Route
    call: Call
    use: Use | None


class _UndoneError(Exception):
    """The request was found invalid while it executed: nothing of it stays."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(str(error))
        self.error = error


class Gateway:
    """The ASGI application under `/v1`."""

    def __init__(self, world: World) -> None:
        """Args: the world that requests act on."""
        self._world = world
        self._keys = Keys(world.store)
        self._routes = [(route, _pattern(route.path)) for route in ROUTES]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or cut its connection when a fault says so."""
        request = Request(scope, receive)
        try:
            answer = await self._answer(request, receive)
        except ClientDisconnect:
            return
        if answer is not None:
            await answer(scope, receive, send)

    async def _answer(self, request: Request, receive: Receive) -> Response | None:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_CORS)
        request_id = ids.new("req", 14)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        try:
            asked = self._read(request, request_id, (await request.body()).decode(errors="replace"), key)
        except ApiError as error:
            self._log(request_id, request.method, request.url.path, PLATFORM, key, error.status)
            return _response(error.status, {"error": error.error}, request_id, key)
        with self._world.store.transaction():
            fault = faults.take(self._world.store, asked.method, asked.path, asked.call.account)
        return await self._meet(asked, fault, receive)

    async def _meet(self, asked: Asked, fault: Fault | None, receive: Receive) -> Response | None:
        if fault is None:
            return await self._perform(asked, None)
        name = f"{'after' if fault.after else 'before'} {fault.kind}"
        if not fault.after and fault.kind in {"drop", "timeout", "500", "429"}:
            self._note(asked, {"500": 500, "429": 429}.get(fault.kind), fault=name)
            return await self._lose(asked, fault, receive)
        answer = await self._perform(asked, fault, name)
        return await self._lose(asked, fault, receive) if fault.after and fault.kind != "500" else answer

    async def _lose(self, asked: Asked, fault: Fault, receive: Receive) -> Response | None:
        """What the caller sees of a request that a fault has hit on its way: an error, or nothing."""
        key = asked.use.key if asked.use else None
        if fault.kind in {"500", "429"}:
            error = crashed() if fault.kind == "500" else rate_limited()
            return _response(error.status, {"error": error.error}, asked.request_id, key)
        if fault.kind in {"timeout", "delay"}:
            await asyncio.sleep(fault.seconds)
        await connections.cut(receive)
        return None

    async def _perform(self, asked: Asked, fault: Fault | None, name: str | None = None) -> Response:
        """Execute a request, or replay the answer its key has."""
        key = asked.use.key if asked.use else None
        try:
            saved = self._replay(asked)
            if saved is not None:
                self._note(asked, saved.status, fault=name, replayed=True)
                return _response(saved.status, saved.body, asked.request_id, key, original=saved.request_id)
            wait = fault.seconds if fault is not None and fault.kind == "delay" and not fault.after else 0.0
            if asked.use is None:
                await asyncio.sleep(wait)
                status, body = self._execute(asked, fault, name)
            else:
                with self._keys.held(asked.use):
                    await asyncio.sleep(wait or self._world.timing("latency_seconds"))
                    status, body = self._execute(asked, fault, name)
        except ApiError as error:
            self._note(asked, error.status, fault=name)
            return _response(error.status, {"error": error.error}, asked.request_id, key)
        return _response(status, body, asked.request_id, key, kept=asked.use is not None)

    def _replay(self, asked: Asked) -> Saved | None:
        if asked.use is None:
            return None
        with self._world.store.transaction():
            return self._keys.replay(asked.use, self._world.now())

    def _execute(self, asked: Asked, fault: Fault | None, name: str | None) -> tuple[int, Body]:
        """Run the handler and keep its answer, in one transaction; raises ApiError when nothing of it stays."""
        try:
            with self._world.store.transaction():
                status, body = self._handle(asked, fault)
                if fault is not None and fault.after and fault.kind == "500":
                    status, body = 500, {"error": crashed().error}
                if asked.use is not None:
                    self._keys.save(asked.use, Saved(status, body, asked.request_id), self._world.now())
                self._note(asked, status, fault=name)
                return status, body
        except _UndoneError as undone:
            raise undone.error from undone
        except Exception as error:
            _LOG.exception("%s %s failed", asked.method, asked.path)
            raise crashed() from error

    def _handle(self, asked: Asked, fault: Fault | None) -> tuple[int, Body]:
        world, call = self._world, asked.call
        world.request = (asked.request_id, asked.use.key if asked.use else None)
        try:
            with world.store.savepoint():
                if fault is not None and fault.refusal is not None:
                    raise fault.refusal
                body, decline = _kept(asked)
        except ApiError as error:
            return error.status, {"error": error.error}
        finally:
            world.request = (None, None)
        if decline is not None:
            return decline.status, {"error": decline.error}
        if call.publishable and body["object"] == "payment_intent":
            body = confirmation.public_view(body)
        elif call.publishable and body["object"] == "setup_intent":
            body = setup_intents.public_view(body)
        try:
            return 200, expand(body, call.params.get("expand", []), world.store.find)
        except ApiError as error:
            raise _UndoneError(error) from error

    # Reading a request

    def _read(self, request: Request, request_id: str, text: str, key: str | None) -> Asked:
        method, path = request.method, request.url.path.rstrip("/")
        publishable = self._authenticate(request.headers.get("authorization", ""))
        version = request.headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            raise invalid(f"Invalid Stripe API version: {version}. This stand-in speaks {API_VERSION} only.")
        route, places = self._find(method, path)
        if publishable and not route.publishable:
            raise ApiError(
                403,
                "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
                "list of your API keys at https://dashboard.stripe.com/account/apikeys.",
                code="secret_key_required",
            )
        account = self._account(request.headers.get("stripe-account", PLATFORM))
        raw: dict[str, Raw] = forms.decode(request.url.query) | forms.decode(text)
        used = None if not key else idempotency.use(account, key, method, path, raw)
        call = Call(self._world, account, places, route.params.read(raw), publishable)
        return Asked(request_id, method, path, route, call, used)

    def _authenticate(self, header: str) -> bool:
        """Whether the key is the publishable one; raises 401 for none and for any but the two keys."""
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "basic":
            try:
                value = base64.b64decode(value, validate=True).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                value = ""
        key = value.strip()
        if not key or scheme.lower() not in {"bearer", "basic"}:
            raise ApiError(
                401,
                "You did not provide an API key. You need to provide your API key in the Authorization header, using "
                "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            )
        settings = self._world.settings
        if key not in {settings.secret_key, settings.publishable_key}:
            raise ApiError(401, f"Invalid API Key provided: {key[:8]}{'*' * 12}{key[-4:]}")
        return key == settings.publishable_key

    def _account(self, account: str) -> str:
        found = self._world.store.find(account)
        if found is None or found["object"] != "account" or found.get("deleted"):
            raise ApiError(
                403,
                f"The provided key does not have access to account '{account}' (or that account does not exist). "
                "Application access may have been revoked.",
                code="account_invalid",
            )
        return account

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        for route, pattern in self._routes:
            matched = pattern.fullmatch(path)
            if matched is not None and route.method == method:
                return route, matched.groupdict()
        raise ApiError(404, f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs.")

    # The log of requests, which tests count

    def _note(self, asked: Asked, status: int | None, *, fault: str | None = None, replayed: bool = False) -> None:
        key = asked.use.key if asked.use else None
        self._log(
            asked.request_id, asked.method, asked.path, asked.call.account, key, status, fault=fault, replayed=replayed
        )

    def _log(
        self,
        request_id: str,
        method: str,
        path: str,
        account: str,
        key: str | None,
        status: int | None,
        *,
        fault: str | None = None,
        replayed: bool = False,
    ) -> None:
        self._world.store.rows(
            "insert into requests (id, at, method, path, account, key, status, replayed, fault)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (request_id, self._world.now(), method, path, account, key, status, int(replayed), fault),
        )


def _kept(asked: Asked) -> tuple[Body, ApiError | None]:
    """Run the handler: its answer, or the refusal that leaves what was written (a decline); others are raised."""
    try:
        return asked.route.handler(asked.call), None
    except ApiError as error:
        if not error.stands:
            raise
        return {}, error


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _response(
    status: int,
    body: dict[str, Any],
    request_id: str,
    key: str | None,
    *,
    original: str | None = None,
    kept: bool = False,
) -> Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, **_CORS}
    if key is not None:
        headers["Idempotency-Key"] = key
    if original is not None:
        headers.update({"Idempotent-Replayed": "true", "Original-Request": original})
    # A saved 500 comes back under its key for a day, so Stripe tells its libraries not to try again.
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and (kept or original is not None):
        headers["Stripe-Should-Retry"] = "false"
    return Response(json.dumps(body, indent=2) + "\n", status, headers, "application/json")
