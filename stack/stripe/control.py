"""`/_control`: the stand-in as an oracle. JSON in, JSON out, loopback only; a refusal is 400 `{"error": "…"}`.

| call | what it does |
| --- | --- |
| `GET /_control` | modes, timing, faults, undelivered webhooks |
| `POST /_control/faults` | add a fault (see `faults`); `GET` lists, `DELETE` clears them |
| `POST /_control/webhooks` | set modes (see `webhooks`); `GET` shows them with the state of all deliveries |
| `POST /_control/webhooks/redeliver` | `{"event": "evt_…", "times": 1}`, or `{"type": "…"}` for the latest of a type |
| `POST /_control/timing` | set delays in seconds (see `world.DEFAULT_TIMING`) |
| `POST /_control/clock` | `{"advance_seconds": n}`: idempotency keys expire, payouts and pending money come due |
| `POST /_control/payouts/{id}` | `{"status": "in_transit" or "paid" or "failed" or "canceled", "failure_code": "…"}` |
| `POST /_control/balance` | `{"account": "acct_…", "currency": "usd", "available": n}`: adjust to this amount |
| `POST /_control/accounts/{id}` | `{"onboard": true, "account_number": "…"}` finishes onboarding |
| `POST /_control/accounts/{id}` | `{"instant": true}`: its bank accounts take instant payouts |
| `POST /_control/accounts/{id}` | `{"due": […], "disabled_reason": "…", "payouts_off": true}` imposes, `{}` lifts |
| `POST /_control/refunds/{id}` | `{"status": "pending" or "succeeded" or "failed" or "canceled", \
"failure_reason": "…"}` |
| `POST /_control/disputes` | `{"charge": "ch_…" or "payment_intent": "pi_…", "amount": n, "reason": "…", \
"inquiry": true}`: a chargeback, or an inquiry |
| `POST /_control/disputes/{id}` | `{"status": "under_review" or "won" or "lost" or "warning_closed" or …}` |
| `POST /_control/fraud_warnings` | `{"charge": "ch_…" or "payment_intent": "pi_…", "fraud_type": "…"}` |
| `POST /_control/payment_intents/{id}` | `{"authentication": "complete" or "fail"}`, of a SetupIntent too |
| `POST /_control/checkout_sessions/{id}` | `{"debit": "succeeded" or "failed", "failure_code": "…"}`: the bank \
answers a debit now; `{"status": "expired"}` |
| `GET /_control/count/{kind}` | how many objects of a kind (`transfer`, `payout`, …) there are, their sum and ids; \
the query narrows it by `account`, `metadata[key]` or any field |
| `GET /_control/requests` | the requests received, latest first; query `method`, `path`, `key`, `limit` |
| `POST /_control/reset` | forget everything but the endpoints of the settings |
"""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.stripe import faults, forms, webhooks
from stack.stripe.errors import ApiError
from stack.stripe.resources import (
    account_links,
    balances,
    bank_debits,
    checkout_payments,
    disputes,
    early_fraud_warnings,
    events,
    external_accounts,
    payouts,
    refunds,
    requirements,
)
from stack.stripe.seed import plant
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import DEFAULT_TIMING, Call, Movement, World

_LOOPBACK = {"127.0.0.1", "::1"}
Action = Callable[[Request, Body], Body]


class ControlError(Exception):
    """An order that makes no sense."""


class Control:
    """The control endpoints over one world."""

    def __init__(self, world: World) -> None:
        """Args: the world that is controlled."""
        self._world = world

    def routes(self) -> list[Route]:
        """Where they are."""
        table: list[tuple[str, str, Action]] = [
            ("GET", "", self.state),
            ("GET", "/faults", self.list_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/webhooks", self.show_webhooks),
            ("POST", "/webhooks", self.set_webhooks),
            ("POST", "/webhooks/redeliver", self.redeliver),
            ("POST", "/timing", self.set_timing),
            ("POST", "/clock", self.advance_clock),
            ("POST", "/payouts/{id}", self.move_payout),
            ("POST", "/refunds/{id}", self.move_refund),
            ("POST", "/disputes", self.open_dispute),
            ("POST", "/disputes/{id}", self.move_dispute),
            ("POST", "/fraud_warnings", self.warn),
            ("POST", "/balance", self.set_balance),
            ("POST", "/accounts/{id}", self.change_account),
            ("POST", "/payment_intents/{id}", self.authenticate),
            ("POST", "/checkout_sessions/{id}", self.move_session),
            ("GET", "/count/{kind}", self.count),
            ("GET", "/requests", self.requests),
            ("POST", "/reset", self.reset),
        ]
        return [Route(f"/_control{path}", self._served(action), methods=[method]) for method, path, action in table]

    def _served(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if request.client is None or request.client.host not in _LOOPBACK:
                return JSONResponse({"error": "the control is for this machine only"}, 403)
            text = await request.body()
            try:
                order = dict(json.loads(text)) if text else {}
                with self._world.store.transaction():
                    return JSONResponse(action(request, order))
            except (ControlError, faults.FaultError, ApiError, KeyError, TypeError, ValueError) as error:
                return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

        return endpoint

    def state(self, _: Request, __: Body) -> Body:
        """Everything that can be set, and what is still to be delivered."""
        waiting = self._world.store.rows("select count(*) as n from deliveries where state = 'pending'")
        return {
            "platform": PLATFORM,
            "timing": {**DEFAULT_TIMING, **self._world.store.note("timing")},
            "webhooks": webhooks.modes(self._world),
            "faults": faults.every(self._world.store),
            "undelivered": waiting[0]["n"],
        }

    def list_faults(self, _: Request, __: Body) -> Body:
        """The faults that wait."""
        return {"faults": faults.every(self._world.store)}

    def add_fault(self, _: Request, order: Body) -> Body:
        """One more fault."""
        return {"id": faults.add(self._world.store, order)}

    def clear_faults(self, _: Request, __: Body) -> Body:
        """No more faults."""
        faults.clear(self._world.store)
        return {"faults": []}

    def show_webhooks(self, _: Request, __: Body) -> Body:
        """Modes and deliveries."""
        rows = self._world.store.rows("select * from deliveries order by id desc limit 500")
        return {"modes": webhooks.modes(self._world), "deliveries": [dict(row) for row in rows]}

    def set_webhooks(self, _: Request, order: Body) -> Body:
        """Change modes."""
        self._set("webhooks", webhooks.DEFAULT_MODES, order)
        return webhooks.modes(self._world)

    def redeliver(self, _: Request, order: Body) -> Body:
        """Send an event again to every endpoint it was meant for."""
        store, times = self._world.store, int(order.get("times", 1))
        event_id = order.get("event")
        if event_id is None:
            latest = store.select("event", None, {"type": order["type"]}, limit=1)
            event_id = latest[0]["id"] if latest else None
        rows = store.rows("select distinct endpoint_id from deliveries where event_id = ?", (event_id,))
        if not rows:
            raise ControlError("no such event was ever meant for an endpoint")
        for row in rows * times:
            self._world.queue(str(event_id), row["endpoint_id"])
        return {"event": event_id, "queued": len(rows) * times}

    def set_timing(self, _: Request, order: Body) -> Body:
        """Change delays."""
        self._set("timing", DEFAULT_TIMING, order)
        return {**DEFAULT_TIMING, **self._world.store.note("timing")}

    def _set(self, name: str, known: Body, order: Body) -> None:
        unknown = set(order) - set(known)
        if unknown:
            raise ControlError(f"unknown: {min(unknown)}; known are {', '.join(known)}")
        cast = {key: type(known[key])(value) for key, value in order.items()}
        self._world.store.save_note(name, {**self._world.store.note(name), **cast})
        self._world.wake()

    def advance_clock(self, _: Request, order: Body) -> Body:
        """Move this world's time forward."""
        advanced = float(self._world.store.note("clock").get("advanced", 0.0)) + float(order["advance_seconds"])
        self._world.store.save_note("clock", {"advanced": advanced})
        self._world.wake()
        return {"advanced": advanced, "now": self._world.now()}

    def move_payout(self, request: Request, order: Body) -> Body:
        """Have a payout reach a status now."""
        body = self._world.store.find(request.path_params["id"])
        if body is None or body["object"] != "payout":
            raise ControlError("no such payout")
        status = order["status"]
        if status not in {"in_transit", "paid", "failed", "canceled"}:
            raise ControlError("status must be in_transit, paid, failed or canceled")
        if body["status"] in {"failed", "canceled"}:
            raise ControlError(f"the payout is {body['status']} already")
        code = order.get("failure_code", "could_not_process")
        sentence = order.get("failure_message", "The bank could not process this payout.")
        return payouts.move(self._world, body, status, (code, sentence))

    def move_refund(self, request: Request, order: Body) -> Body:
        """Have a refund reach a status now."""
        body = self._world.store.find(request.path_params["id"])
        if body is None or body["object"] != "refund":
            raise ControlError("no such refund")
        if order["status"] not in {"pending", "succeeded", "failed", "canceled"}:
            raise ControlError("status must be pending, succeeded, failed or canceled")
        if body["status"] in {"failed", "canceled"}:
            raise ControlError(f"the refund is {body['status']} already")
        return refunds.move(self._world, body, order["status"], order.get("failure_reason", "lost_or_stolen_card"))

    def open_dispute(self, _: Request, order: Body) -> Body:
        """Have a card's owner dispute a charge."""
        return disputes.open_one(self._world, self._charge(order), order)

    def move_dispute(self, request: Request, order: Body) -> Body:
        """Have a bank decide."""
        body = self._world.store.find(request.path_params["id"])
        if body is None or body["object"] != "dispute":
            raise ControlError("no such dispute")
        if order["status"] not in disputes.STATUSES:
            raise ControlError(f"status must be one of {', '.join(disputes.STATUSES)}")
        return disputes.move(self._world, body, order["status"])

    def warn(self, _: Request, order: Body) -> Body:
        """Have a card's bank suspect fraud."""
        fraud_type = order.get("fraud_type", "unauthorized_use_of_card")
        return early_fraud_warnings.warn(self._world, self._charge(order), fraud_type)

    def _charge(self, order: Body) -> Body:
        intent = self._world.store.find(str(order.get("payment_intent"))) or {}
        charge = self._world.store.find(str(order.get("charge") or intent.get("latest_charge")))
        if charge is None or charge["object"] != "charge" or not charge["captured"]:
            raise ControlError("no such captured charge")
        return charge

    def set_balance(self, _: Request, order: Body) -> Body:
        """Bring an account's available balance to an amount, by an adjustment."""
        account, currency = order.get("account") or PLATFORM, order.get("currency", "usd")
        difference = int(order["available"]) - self._world.available(account, currency)
        if difference:
            self._world.post(account, Movement("adjustment", difference, currency, None, description="test balance"))
        return balances.of(self._world, account)

    def change_account(self, request: Request, order: Body) -> Body:
        """Finish an account's onboarding, or impose requirements on it."""
        account_id = request.path_params["id"]
        if order.get("onboard"):
            number = order.get("account_number", external_accounts.GOOD)
            return account_links.complete(self._world, account_id, number)
        if "instant" in order:
            return external_accounts.offer_instant(self._world, account_id)
        unknown = set(order) - {"due", "disabled_reason", "payouts_off"}
        if unknown:
            raise ControlError(f"unknown: {min(unknown)}")
        return requirements.block(self._world, account_id, order)

    def authenticate(self, request: Request, order: Body) -> Body:
        """Answer the bank's question for the person."""
        intent_id = request.path_params["id"]
        call = Call(self._world, self._world.store.owner(intent_id) or PLATFORM, {"id": intent_id}, {})
        try:
            return checkout_payments.authenticate(call, complete=order["authentication"] == "complete")
        except ApiError as error:
            if error.status != HTTPStatus.PAYMENT_REQUIRED:
                raise
            return self._world.store.find(intent_id) or {}

    def move_session(self, request: Request, order: Body) -> Body:
        """Have a bank answer a delayed payment, or a session expire."""
        session = self._world.store.find(request.path_params["id"])
        if session is None or session["object"] != checkout_payments.OBJECT:
            raise ControlError("no such checkout session")
        if "debit" in order:
            if order["debit"] not in {"succeeded", "failed"}:
                raise ControlError("debit must be succeeded or failed")
            failure = None if order["debit"] == "succeeded" else bank_debits.failure(order.get("failure_code"))
            checkout_payments.answer(self._world, str(session["payment_intent"]), failure)
        elif order["status"] != "expired" or session["status"] != "open":
            raise ControlError("status must be expired, and the session open")
        else:
            checkout_payments.expire_in_time(self._world, session["id"])
        return self._world.store.find(session["id"]) or {}

    def count(self, request: Request, _: Body) -> Body:
        """How many objects of a kind fit."""
        asked = forms.decode(request.url.query)
        account = asked.pop("account", None)
        filters: dict[str, object] = {}
        for name, value in asked.items():
            if not name.replace("_", "").isalnum():
                raise ControlError(f"no such field: {name}")
            if isinstance(value, dict):
                filters.update({f"{name}/{key}": wanted for key, wanted in value.items()})
            else:
                filters[name] = value
        rows = self._world.store.select(request.path_params["kind"], str(account) if account else None, filters)
        return {
            "count": len(rows),
            "amount": sum(row.get("amount", 0) for row in rows),
            "ids": [row["id"] for row in rows],
        }

    def requests(self, request: Request, _: Body) -> Body:
        """The log of requests."""
        query = request.query_params
        wanted = [name for name in ("method", "path", "key") if name in query]
        where = " and ".join(["true", *(f"{name} = ?" for name in wanted)])
        rows = self._world.store.rows(
            f"select * from requests where {where} order by rowid desc limit ?",  # noqa: S608 - names from above
            [*(query[name] for name in wanted), int(query.get("limit", "100"))],
        )
        return {"count": len(rows), "requests": [dict(row) for row in rows]}

    def reset(self, _: Request, __: Body) -> Body:
        """A new, empty world."""
        self._world.store.wipe()
        plant(self._world)
        events.install(self._world, self._world.settings.endpoints)
        return {"reset": True}
