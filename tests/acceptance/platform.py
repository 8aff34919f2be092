"""The whole platform for the tests that treat it as the world does: real servers, real services, a clock that runs.

One stack of its own for the tests of `acceptance` and `chaos` together, its processes free to be killed. Lengths are
shortened by settings only; nothing in it is replaced but Stripe and Auth, which have stand-ins.
"""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg
import pytest
import stripe
from psycopg.rows import dict_row
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from soulseer.stripe_client import API_VERSION
from stack import processes
from stack.environment import StackEnv
from stack.instance import Stack
from stack.processes import ProcessRecord
from stack.stripe.webhooks import signature
from tests.acceptance.waiting import eventually

Row = dict[str, Any]

# How the services are tuned, so that what takes minutes in production takes a second here.
_TUNING = {
    "SOULSEER_TICK_SECONDS": "0.5",
    "SOULSEER_SWEEP_SECONDS": "1",
    "SOULSEER_RELAY_MAX_SECONDS": "0.2",
    "SOULSEER_STRIPE_TIMEOUT_SECONDS": "2",
    "SOULSEER_WORKER_PROCESSES": "2",
}
_SETTINGS = {
    "session.increment_seconds": 1,
    "session.heartbeat_timeout_seconds": 6,
    "session.min_billable_seconds": 0,
    "session.low_balance_minutes": 1,
    "session.topup_grace_seconds": 30,
    "session.requests_per_minute": 1000,
    "topup.maximum": 1_000_000,
    "topup.per_hour": 1000,
    "payout.minimum": 100,
    "payout.clearing_seconds": 0,
    "outbox.visibility_seconds": 2,
    "outbox.max_attempts": 200,
}
_STRIPE_TIMING = {"charge_settle_seconds": 0.05, "verification_seconds": 0.02, "payout_step_seconds": 0.1}
_STRIPE_DELIVERY = {
    "paused": False,
    "duplicates": 0,
    "shuffle_seconds": 0.0,
    "delay_seconds": 0.0,
    "retry_base_seconds": 0.2,
    "retry_cap_seconds": 1.0,
    "max_tries": 60,
}
# What time would do: every event that waits is due, and old enough for the sweeper.
HASTEN_EVENTS: LiteralString = """
    update private.stripe_events
    set visible_at = least(visible_at, now()), received_at = received_at - interval '10 seconds'
    where processed_at is null
"""
_shared = pytest.StashKey["Platform"]()


class Platform:
    """A running stack with its services, and everything a test may do to it.

    Attributes:
        stack: the stack.
        env: its addresses and keys.
        http: connections every client of the tests shares.
        operator: the official client with the secret key.
        stripe: the official library with the secret key.
        browser: the official library with the publishable key.
    """

    @classmethod
    def of_run(cls, config: pytest.Config) -> "Platform":
        """Return the platform of this test run, started on first use and removed at the run's end."""
        if _shared not in config.stash:
            config.stash[_shared] = platform = cls(f"test-{os.getpid()}-live")
            config.add_cleanup(platform.close)
            platform.start()
        return config.stash[_shared]

    def __init__(self, name: str) -> None:
        """Args: the name of its stack. Nothing is started."""
        self.stack = Stack.named(name)
        self.http = httpx.Client(timeout=30.0, limits=httpx.Limits(max_connections=120))
        self.env: StackEnv
        self.operator: Client
        self.stripe: stripe.StripeClient
        self.browser: stripe.StripeClient

    def start(self) -> None:
        """Start everything and shorten what would take long."""
        self.env = self.repair()
        self.operator = create_client(self.env.api_url, self.env.secret_key, self.client_options())
        self.stripe = self._stripe_client(self.env.stripe_secret_key)
        self.browser = self._stripe_client(self.env.stripe_publishable_key)
        for key, value in _SETTINGS.items():
            self.change_setting(key, value)
        self.control("timing", _STRIPE_TIMING)
        self.calm()

    def close(self) -> None:
        """Stop it and remove every trace."""
        self.http.close()
        self.stack.remove()

    def repair(self) -> StackEnv:
        """Start again whatever was killed and return when everything answers."""
        before = {name: os.environ.get(name) for name in _TUNING}
        os.environ.update(_TUNING)
        try:
            return self.stack.up(services=True).env
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def mend(self) -> None:
        """Start again what does not run; costs nothing while everything does."""
        if processes.running(self.stack.paths).keys() != processes.records(self.stack.paths).keys():
            self.repair()

    def make_whole(self) -> None:
        """Whatever a test did: Stripe behaves again, every part runs, no event is left, nobody lost money."""
        self.calm()
        self.mend()
        self.wait_quiet()
        self.assert_balanced()

    def calm(self) -> None:
        """Let Stripe behave: no faults, webhooks delivered once, at once, in order."""
        self.control("faults", method="DELETE")
        self.control("webhooks", _STRIPE_DELIVERY)

    def client_options(self, **headers: str) -> SyncClientOptions:
        """Return options for an official client: shared connections, no timer of its own, further headers."""
        return SyncClientOptions(auto_refresh_token=False, httpx_client=self.http, headers=dict(headers))

    def _stripe_client(self, key: str) -> stripe.StripeClient:
        return stripe.StripeClient(key, stripe_version=API_VERSION, base_addresses={"api": self.env.stripe_api_url})

    # The operator's side

    def worker_api(self, function: str, **arguments: object) -> Any:
        """Call a function of `worker_api` as the services do."""
        sent: Any = {f"p_{name}": value for name, value in arguments.items()}
        return self.operator.schema("worker_api").rpc(function, sent).execute().data

    def change_setting(self, key: str, value: object) -> None:
        """Change a setting of the platform."""
        told = str(value).lower() if isinstance(value, bool) else str(value)
        self.worker_api("change_setting", key=key, value=told)

    @contextmanager
    def setting(self, key: str, value: object) -> Iterator[None]:
        """Hold a setting at a value while the block lasts."""
        before = self.rows("select value from public.system_settings where key = %s", key)[0]["value"]
        self.change_setting(key, value)
        try:
            yield
        finally:
            self.change_setting(key, before)

    def rows(self, query: LiteralString, *values: object) -> list[Row]:
        """Read the main database past every policy."""
        with psycopg.connect(self.env.db_url, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def assert_balanced(self) -> None:
        """Prove the ledger."""
        assert self.worker_api("check_ledger") == {"balanced": True, "problems": []}

    def log(self, part: str) -> list[Row]:
        """Return the structured lines a part has logged so far."""
        lines = (self.stack.paths.logs / f"{part}.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    # Stripe's side

    def control(self, path: str, order: Mapping[str, object] | None = None, method: str | None = None) -> Row:
        """Call the control of the Stripe stand-in: GET without an order, POST with one."""
        verb = method or ("GET" if order is None else "POST")
        answer = self.http.request(
            verb, f"{self.env.stripe_api_url}/_control/{path}".rstrip("/"), json=dict(order or {})
        )
        answer.raise_for_status()
        return dict(answer.json())

    def fault(self, method: str, path: str, **fault: object) -> None:
        """Have the next request that fits go wrong; see `stack.stripe.faults`."""
        self.control("faults", {"match": {"method": method, "path": path}, **fault})

    def wait_delivered(self) -> None:
        """Wait until Stripe has delivered every event it has."""
        eventually(lambda: self.control("")["undelivered"] == 0, "every event delivered")

    def count(self, kind: str, **metadata: str) -> int:
        """Return how many objects of a kind Stripe has with such metadata, on any account."""
        asked = {f"metadata[{name}]": value for name, value in metadata.items()}
        answer = self.http.get(f"{self.env.stripe_api_url}/_control/count/{kind}", params=asked)
        answer.raise_for_status()
        return int(answer.json()["count"])

    def events(self, object_id: str, event_type: str | None = None, account: str | None = None) -> list[Row]:
        """Return Stripe's events about an object, oldest first, as they would be posted."""
        headers = {"Authorization": f"Bearer {self.env.stripe_secret_key}"}
        if account is not None:
            headers["Stripe-Account"] = account
        answer = self.http.get(f"{self.env.stripe_api_url}/v1/events", params={"limit": 100}, headers=headers)
        answer.raise_for_status()
        found = [event for event in answer.json()["data"] if event["data"]["object"].get("id") == object_id]
        return [event for event in reversed(found) if event_type in {None, event["type"]}]

    def post_webhook(
        self, body: bytes, *, secret: str | None = None, at: float | None = None, connect: bool = False
    ) -> httpx.Response:
        """Post a body to the receiver as Stripe does, signed now with the right secret unless told otherwise."""
        right = self.env.connect_webhook_secret if connect else self.env.webhook_secret
        signed = signature(secret or right, body, int(time.time() if at is None else at))
        url = self.env.connect_webhook_url if connect else self.env.webhook_url
        return self.http.post(url, content=body, headers={"Stripe-Signature": signed})

    def deliver(self, event: Row, *, connect: bool = False) -> None:
        """Deliver one event and see it accepted."""
        answer = self.post_webhook(json.dumps(event).encode(), connect=connect)
        assert answer.status_code == 200, answer.text

    def stored_event(self, event_id: str) -> Row | None:
        """Return what the inbox holds of an event."""
        found = self.rows("select * from private.stripe_events where event_id = %s", event_id)
        return found[0] if found else None

    def age_inbox(self) -> None:
        """Let the sweeper take what waits in the inbox now, as it would ten seconds later."""
        self.rows(
            "update private.stripe_events set received_at = received_at - interval '10 seconds'"
            " where processed_at is null"
        )

    def wait_quiet(self) -> None:
        """Wait until Stripe has delivered every event and each was processed: what one test leaves disturbs the next.

        Raises:
            AssertionError: an event is left; tells which.
        """
        self.wait_delivered()
        left: list[Row] = []

        def quiet() -> bool:
            # What came before our own row waits for its next try; that it is due is all that is hastened.
            self.rows(HASTEN_EVENTS)
            left[:] = self.rows(
                "select event_id, type, last_error from private.stripe_events where processed_at is null"
            )
            return not left

        try:
            eventually(quiet, "every event processed")
        except AssertionError as error:
            raise AssertionError(f"{error}; left: {left}") from None

    def forget(self, *object_ids: str) -> None:
        """Drop the events about objects that belong to nothing here: they would wait for our row, which never comes."""
        self.calm()
        self.wait_delivered()
        self.rows("delete from private.stripe_events where object_id = any(%s)", list(object_ids))

    def wait_processed(self, event_id: str, *, seconds: float = 20.0) -> Row:
        """Wait until an event was applied or ignored and return its row."""

        def processed() -> Row | None:
            row = self.stored_event(event_id)
            return row if row is not None and row["processed_at"] is not None else None

        return eventually(processed, f"{event_id} processed", seconds=seconds)

    # Processes

    def pid(self, part: str) -> int:
        """Return the process of a part as it was written down."""
        return processes.running(self.stack.paths)[part].pid

    def worker_pids(self) -> list[int]:
        """Return the worker processes, children of the supervisor."""
        return _children(self.pid("workers"))

    def kill(self, part: str) -> None:
        """End a part as a crash or an out-of-memory killer would."""
        self.kill_pids([self.pid(part)])

    def kill_workers(self) -> None:
        """Kill the worker processes; their supervisor lives and replaces them."""
        self.kill_pids(eventually(self.worker_pids, "worker processes"))

    def kill_pids(self, pids: list[int]) -> None:
        """Kill processes of this stack and wait until they are gone."""
        ended = [ProcessRecord("killed", pid, processes.began_at(pid) or "") for pid in pids]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert processes.wait_for_end(ended, 10.0)

    @contextmanager
    def without(self, *parts: str) -> Iterator[None]:
        """Kill some parts, with their children, and start them again at the end of the block."""
        for part in parts:
            record = processes.running(self.stack.paths)[part]
            self.kill_pids([record.pid, *_children(record.pid)])
        try:
            yield
        finally:
            self.repair()


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("[0-9]*")
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def at_once(*calls: Any, lanes: int = 50) -> list[Any]:
    """Make calls at the same time and return what each answered or raised, in their order."""

    def caught(call: Any) -> Any:
        try:
            return call()
        except Exception as error:  # noqa: BLE001  the test asks which it was
            return error

    with ThreadPoolExecutor(max_workers=min(lanes, len(calls))) as pool:
        return list(pool.map(caught, calls))
