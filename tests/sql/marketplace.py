"""A marketplace for tests: people who call it over HTTP, workers, a clock that stands still, and proofs.

What a test sees is what a browser or a worker sees: PostgREST with real tokens. SQL is used for what has no call yet
(signing up, which is Auth's part, and promotions) and to look at what happened.
"""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from stack.worlds import World

Row = dict[str, Any]
_numbers = itertools.count(1)


class RefusedError(Exception):
    """What the API answered to a call it refused."""

    def __init__(self, answer: httpx.Response) -> None:
        body = answer.json()
        super().__init__(f"{answer.status_code} {body}")
        self.status = answer.status_code
        self.sqlstate: str = body.get("code", "")
        self.code: str = body.get("message", "")
        self.details: str = body.get("details") or ""
        self.hint: str = body.get("hint") or ""
        self.retry_after = answer.headers.get("Retry-After")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account and a token."""

    id: str
    token: str


class Clock:
    """The database's clock, standing still until a test moves it."""

    def __init__(self, database: psycopg.Connection[Row]) -> None:
        self._database = database
        database.execute("create table private.test_clock (moment timestamptz not null)")
        database.execute("insert into private.test_clock values (clock_timestamp())")
        database.execute(
            "create or replace function private.now() returns timestamptz language plpgsql volatile "
            "security definer set search_path = '' as $$ begin return c.moment from private.test_clock c; end $$"
        )
        # Ids carry their time, by which rates are limited; they follow the same clock.
        ids = database.execute(
            "select pg_get_functiondef('private.uuid_v7(timestamptz)'::regprocedure) as source"
        ).fetchone()
        assert ids is not None
        database.execute(ids["source"].replace("DEFAULT clock_timestamp()", "DEFAULT private.now()"))

    def now(self) -> datetime:
        row = self._database.execute("select moment from private.test_clock").fetchone()
        assert row is not None
        moment: datetime = row["moment"]
        return moment

    def advance(self, seconds: float) -> None:
        self._database.execute(
            "update private.test_clock set moment = moment + %s where true", [timedelta(seconds=seconds)]
        )


class Marketplace:
    """A world with people in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.database = psycopg.connect(world.dsn, autocommit=True, row_factory=dict_row)
        self._superuser = psycopg.connect(world.superuser_dsn, autocommit=True, row_factory=dict_row)
        self.clock = Clock(self.database)
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        self.http = httpx.Client(base_url=world.rest_url, limits=limits, timeout=60)
        for key, value in {
            "topup.minimum": 1,
            "topup.maximum": 100_000_000,
            "session.requests_per_minute": 1000,
        }.items():
            self.set(key, value)
        self.everything = self._fingerprint_query()
        self.admin = self.make_admin()

    def close(self) -> None:
        self.http.close()
        self.database.close()
        self._superuser.close()

    # Calls ----------------------------------------------------------------------------------------------------------

    def post(self, token: str, function: str, arguments: Row, schema: str = "public") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.http.post(f"/rpc/{function}", json=arguments, headers={**headers, "Content-Profile": schema})
        if answer.status_code >= 400:
            raise RefusedError(answer)
        return answer.json() if answer.content else None

    def call(self, caller: Person, function: str, **arguments: Any) -> Any:
        """Call an RPC as a person."""
        return self.post(caller.token, function, arguments)

    def worker(self, function: str, **arguments: Any) -> Any:
        """Call a function of worker_api, as the services do."""
        return self.post(self.world.service_key, function, arguments, "worker_api")

    def read(self, caller: Person, path: str) -> list[Row]:
        """Read a table or view as a person."""
        answer = self.http.get(f"/{path}", headers={"Authorization": f"Bearer {caller.token}"})
        if answer.status_code >= 400:
            raise RefusedError(answer)
        rows: list[Row] = answer.json()
        return rows

    def change(self, caller: Person, path: str, row: Row) -> None:
        """Change rows of a table as a person."""
        answer = self.http.patch(f"/{path}", json=row, headers={"Authorization": f"Bearer {caller.token}"})
        if answer.status_code >= 400:
            raise RefusedError(answer)

    def add(self, caller: Person, table: str, row: Row) -> None:
        """Add a row to a table as a person."""
        answer = self.http.post(f"/{table}", json=row, headers={"Authorization": f"Bearer {caller.token}"})
        if answer.status_code >= 400:
            raise RefusedError(answer)

    def tick(self) -> None:
        """Do what the workers do every second, until there is nothing left to do."""
        while self.worker("charge_due_minutes")["more"]:
            continue
        for step in ("advance_sessions", "advance_appointment", "advance_wait_list"):
            while (done := self.worker(step))["more"] and done["failed"] == 0:
                continue
            assert done["failed"] == 0, self.rows("select last_error from private.meters where failed_at is not null")

    def at_once(self, jobs: Sequence[Callable[[], Any]], threads: int = 0) -> list[Any]:
        """Run calls at the same time; answers are results, and RefusedError for those refused."""

        def run(job: Callable[[], Any]) -> Any:
            try:
                return job()
            except RefusedError as refusal:
                return refusal

        with ThreadPoolExecutor(max_workers=threads or len(jobs)) as pool:
            return list(pool.map(run, jobs))

    # Looking --------------------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[Row]:
        return self.database.execute(query.encode(), values or None).fetchall()

    def row(self, query: str, *values: Any) -> Row:
        (found,) = self.rows(query, *values)
        return found

    def value(self, query: str, *values: Any) -> Any:
        (found,) = self.row(query, *values).values()
        return found

    def problems(self) -> list[Row]:
        """Broken invariants of the ledger; none is the proof."""
        return self.rows("select * from ledger.check()")

    def wallet(self, person: Person) -> Row:
        (found,) = self.read(person, "wallets?select=balance,held,available,promo")
        return found

    def earned(self, person: Person) -> int:
        (found,) = self.read(person, "reader_earnings?select=balance")
        return int(found["balance"])

    def house(self, kind: str) -> int:
        """Credits minus debits of an account of the house."""
        return int(self.value("select credits - debits from ledger.house_totals where kind = %s", kind))

    def _fingerprint_query(self) -> sql.Composed:
        tables = self.rows(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'private', 'ledger') "
            "and c.relname not in ('system_settings', 'test_clock', 'audit_logs')"
        )
        parts = [
            sql.SQL(
                "select {label} as t, md5(coalesce(string_agg(r::text, '|' order by r::text), '')) as h from {name} r "
                "where to_jsonb(r) ->> 'entity_type' is distinct from 'system_settings'"
            ).format(
                label=sql.Literal(f"{t['nspname']}.{t['relname']}"), name=sql.Identifier(t["nspname"], t["relname"])
            )
            for t in tables
        ]
        return sql.SQL(" union all ").join(parts)

    def fingerprint(self) -> dict[str, str]:
        """A hash of every table of ours: two equal ones mean that nothing changed between them, settings aside."""
        return {row["t"]: row["h"] for row in self.database.execute(self.everything).fetchall()}

    @contextlib.contextmanager
    def refuses(self, code: str) -> Iterator[None]:
        """Expect a typed refusal, as listed, that leaves every table as it was."""
        before = self.fingerprint()
        listed = self.row("select status, sentence, hint from private.error_codes where code = %s", code)
        with pytest.raises(RefusedError) as caught:
            yield
        refusal = caught.value
        assert (refusal.code, refusal.status) == (code, listed["status"]), refusal
        assert refusal.sqlstate == f"PT{listed['status']}"
        assert refusal.hint == listed["hint"]
        assert refusal.details.endswith(".")
        assert self.fingerprint() == before
        assert self.problems() == []

    # Making ---------------------------------------------------------------------------------------------------------

    def set(self, key: str, value: object) -> None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self.worker("change_setting", p_key=key, p_value=text)

    @contextlib.contextmanager
    def setting(self, key: str, value: object) -> Iterator[None]:
        """Change a setting for a while."""
        before = self.value("select value from public.system_settings where key = %s", key)
        self.set(key, value)
        try:
            yield
        finally:
            self.set(key, before)

    def sign_up(self, **claims: Any) -> Person:
        """Make a login, as Auth does."""
        user = str(uuid.uuid4())
        self._superuser.execute(
            "insert into auth.users (id, aud, role, email, is_anonymous) "
            "values (%s, 'authenticated', 'authenticated', %s, %s)",
            [user, None if claims.get("is_anonymous") else f"{user}@example.test", bool(claims.get("is_anonymous"))],
        )
        return Person(user, self.world.token(user, **claims))

    def client(self, funds: int = 0, promo: int = 0, **claims: Any) -> Person:
        """Someone with money: bought (through a top-up) and given."""
        person = self.sign_up(**claims)
        if funds:
            self.top_up(person, funds)
        if promo:
            self.give(person, promo)
        return person

    def make_admin(self, *permissions: str) -> Person:
        person = self.sign_up()
        granted = list(permissions) or ["manage_users", "manage_finances", "moderate_content", "manage_settings"]
        self.worker("appoint_admin", p_user_id=person.id, p_permissions=granted)
        return person

    def apply(self, person: Person, rate: int = 300, types: Sequence[str] = ("CHAT",)) -> None:
        self.call(
            person,
            "apply_as_reader",
            p_first_name="Ada",
            p_last_name="Reader",
            p_bio="Reads.",
            p_specialties=["tarot"],
            p_session_types=list(types),
            p_pricing=dict.fromkeys(types, rate),
            p_timezone="Europe/Berlin",
        )

    def reader(self, rate: int = 300, types: Sequence[str] = ("CHAT",), status: str = "ONLINE") -> Person:
        """Someone who applied, was approved, and says whether they take calls; rate in minor units per minute."""
        person = self.sign_up()
        self.apply(person, rate, types)
        self.call(self.admin, "review_reader_application", p_user_id=person.id, p_approve=True)
        self.call(person, "set_reader_status", p_status=status)
        return person

    def suspend(self, person: Person) -> None:
        self.database.execute("update public.users set status = 'SUSPENDED' where id = %s", [person.id])

    def freeze(self, person: Person) -> None:
        self.database.execute(
            "update ledger.accounts set frozen_at = private.now() where user_id = %s and kind = 'client_wallet'",
            [person.id],
        )

    def give(self, person: Person, amount: int) -> None:
        """Post promo credit."""
        self.database.execute(
            "with made as (insert into public.transactions (user_id, type, amount, status) "
            "values (%(id)s, 'PROMO', %(amount)s, 'COMPLETED') returning id) "
            "select ledger.post_transfer(made.id, 'promo', ledger.account_of(null, 'promo_expense'), "
            "ledger.account_of(%(id)s, 'promo_credit'), %(amount)s) from made",
            {"id": person.id, "amount": amount},
        )

    def store_event(self, kind: str, object_id: str, endpoint: str = "platform") -> str:
        event = f"evt_{next(_numbers)}"
        self.worker(
            "store_stripe_event",
            p_endpoint=endpoint,
            p_event_id=event,
            p_type=kind,
            p_api_version="2026",
            p_account=None,
            p_object_id=object_id,
            p_created=None,
            p_payload={"id": event},
        )
        return event

    def top_up(self, person: Person, amount: int) -> str:
        """Pay into a wallet as a card does; answers the transaction."""
        intent = f"pi_{next(_numbers)}"
        begun = self.worker(
            "begin_topup", p_user_id=person.id, p_amount=amount, p_currency="USD", p_idempotency_key=intent
        )
        event = self.store_event("payment_intent.succeeded", intent)
        self.worker(
            "apply_payment_intent",
            p_event_id=event,
            p_sequence=self.worker("next_object_sequence", p_object_id=intent),
            p_payment_intent_id=intent,
            p_status="succeeded",
            p_amount=amount,
            p_amount_received=amount,
            p_currency="usd",
            p_transaction_id=begun["transaction_id"],
        )
        return str(begun["transaction_id"])

    def save_card(self, person: Person, fingerprint: str = "", *, is_saved: bool = True) -> str:
        """Let Stripe tell of a person's card; answers its payment method."""
        method = f"pm_{next(_numbers)}"
        self.tell_card(person, method, fingerprint or f"card-{method}", is_saved=is_saved)
        return method

    def tell_card(self, person: Person, method: str, fingerprint: str, *, is_saved: bool) -> None:
        customer = self.worker(
            "record_stripe_customer", p_user_id=person.id, p_stripe_customer_id=f"cus_{person.id[:8]}"
        )
        self.worker(
            "record_card",
            p_sequence=self.worker("next_object_sequence", p_object_id=method),
            p_stripe_customer_id=customer,
            p_payment_method_id=method,
            p_fingerprint=fingerprint,
            p_brand="visa",
            p_last4="4242",
            p_exp_month=12,
            p_exp_year=2030,
            p_is_saved=is_saved,
        )

    def open_payout_account(self, reader: Person) -> str:
        """Open the payout gate, as Connect does; answers the account."""
        account = f"acct_{next(_numbers)}"
        self.worker("record_payout_account", p_user_id=reader.id, p_stripe_account_id=account)
        self.worker(
            "apply_account",
            p_event_id=self.store_event("account.updated", account, "connect"),
            p_account_id=account,
            p_sequence=self.worker("next_object_sequence", p_object_id=account),
            p_details_submitted=True,
            p_transfers_active=True,
            p_payouts_enabled=True,
            p_disabled_reason=None,
            p_requirements_due=[],
        )
        return account

    def request(self, client: Person, reader: Person, **more: Any) -> LiveSession:
        arguments = {"p_type": "CHAT", "p_idempotency_key": f"key-{next(_numbers)}", **more}
        made = self.call(client, "request_session", p_reader_id=reader.id, **arguments)
        return LiveSession(self, made["id"], client, reader)

    def accepted(self, client: Person, reader: Person, **more: Any) -> LiveSession:
        session = self.request(client, reader, **more)
        session.by(reader, "accept")
        return session

    def started(self, client: Person, reader: Person, **more: Any) -> LiveSession:
        session = self.accepted(client, reader, **more)
        session.by(client, "join")
        session.by(reader, "join")
        return session


@dataclass(slots=True)
class LiveSession:
    """A session and what its two sides do in it."""

    market: Marketplace
    id: str
    client: Person
    reader: Person
    _beat_every: float = field(default=20)

    def by(self, person: Person, verb: str) -> Any:
        """accept, decline, cancel, join, heartbeat or end, by someone."""
        return self.market.call(person, f"{verb}_session", p_session_id=self.id)

    def row(self) -> Row:
        return self.market.row("select * from public.sessions where id = %s", self.id)

    def meter(self) -> Row:
        return self.market.row("select * from private.meters where session_id = %s", self.id)

    def talk(self, seconds: float, present: Sequence[Person] | None = None, *, workers: bool = True) -> None:
        """Let time pass while those present say so, and the workers work (or not)."""
        while seconds > 0:
            step = min(seconds, self._beat_every)
            self.market.clock.advance(step)
            for person in (self.client, self.reader) if present is None else present:
                self.by(person, "heartbeat")
            if workers:
                self.market.tick()
            seconds -= step

    def legs(self, code: str) -> list[Row]:
        """Postings of the session by increment, promo credit before wallet."""
        return self.market.rows(
            "select t.*, a.kind as payer from ledger.transfers t join ledger.accounts a on a.id = t.debit_account_id "
            "where transaction_id = (select transaction_id from public.sessions where id = %s) and code = %s "
            "order by increment, a.kind desc, t.id",
            self.id,
            code,
        )

    def is_free(self) -> bool:
        """Whether neither side is taken and nothing is held for it."""
        return bool(
            self.market.value(
                "select not exists (select from private.leases where session_id = %(id)s) "
                "and not exists (select from private.presence where session_id = %(id)s) "
                "and not exists (select from private.meters where session_id = %(id)s) "
                "and not exists (select from ledger.holds where reference = %(id)s and status = 'PENDING')".replace(
                    "%(id)s", "'" + self.id + "'"
                )
            )
        )
