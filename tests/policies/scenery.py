"""Rows of every table, owned by everyone of the cast who may own one, written past the API."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.policies.cast import Cast

Database = psycopg.Connection[tuple[Any, ...]]

# Whose applications every administrator with manage_users was just shown.
SHOWN = ("client", "reader")
# Who meets whom: on both sides somebody active, somebody who is not, and people who are strangers to one another.
PAIRS = (
    ("client", "reader"),
    ("other_client", "other_reader"),
    ("suspended_client", "reader"),
    ("banned_client", "other_reader"),
    ("pending_client", "reader"),
    ("anonymous_sign_in", "reader"),
    ("client", "suspended_reader"),
)
ENVELOPE = {
    "v": 1, "key": 1, "seq": 0, "nonce": "n" * 32, "box": "b" * 107, "sig": "s" * 86,
    "device": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip
BACKUP = {
    "v": 1, "kdf": "argon2id13", "ops": 3, "mem": 268435456, "salt": "s" * 22, "nonce": "n" * 32, "box": "b" * 60,
}  # fmt: skip
_PAST, _NOW, _LATER = "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2099-01-01T00:00:00Z"


@dataclass(slots=True)
class Scenery:
    """What was written, as far as the cells ask for it by name."""

    database: Database
    cast: Cast
    sessions: dict[tuple[str, str, str], str] = field(default_factory=dict)
    reviews: dict[tuple[str, str], str] = field(default_factory=dict)
    orders: dict[tuple[str, str], str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    category: str = ""
    other_category: str = ""
    post: str = ""
    gift: str = ""
    promo: str = ""
    stream: str = ""
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def add(self, table: str, **values: Any) -> str:
        """Write a row of public and return what names it."""
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        query = sql.SQL(
            "insert into public.{table} as r ({names}) select {names} "
            "from jsonb_populate_record(null::public.{table}, %s) returning to_jsonb(r)"
        )
        made = self.database.execute(query.format(table=sql.Identifier(table), names=names), [Jsonb(values)]).fetchone()
        assert made is not None
        return str(made[0].get("id") or made[0].get("session_id") or made[0].get("user_id"))

    def number(self) -> int:
        """Return a number nothing else has."""
        return next(self._numbers)

    def build(self) -> "Scenery":
        """Write everything."""
        self.category = self.add("forum_categories", name="Cards")
        self.other_category = self.add("forum_categories", name="Stars")
        self.gift = self.add("virtual_gifts", name="Rose", price=100, image_url="rose.png")
        maker = self.cast["manage_finances"].id
        self.promo = self.add("promo_codes", code="WELCOME", kind="CREDIT", amount=500, created_by=maker)
        for actor in self.cast.people():
            self._belongings(actor.id)
            self._goodwill(actor.id, self.cast["manage_finances"].id)
        for actor in self.cast.readers():
            self._trade(actor.id)
        for client, reader in PAIRS:
            self._meeting(client, reader)
        self._broadcast("reader", viewer="other_client", left="manage_users")
        people = {"people": [self.cast[name].id for name in SHOWN]}
        look = {"action": "applications.read", "entity_type": "reader_applications", "entity_id": "PENDING"}
        for admin in (
            "manage_users",
            "manage_users_with_second_factor",
            "admin_with_every_permission",
            "suspended_admin",
        ):
            self.add("audit_logs", user_id=self.cast[admin].id, **look, changes=people)
        # What a product hands out lies in its own folder.
        self.database.execute("update public.products set file_url = reader_id || '/' || id || '/book.pdf'")
        return self

    def _belongings(self, user: str) -> None:
        self.add("consents", user_id=user, kind="TERMS", version="1")
        card = self.add(
            "cards", user_id=user, payment_method_id=f"pm_{self.number()}", fingerprint=user, brand="visa",
            last4="4242", exp_month=12, exp_year=2030, is_saved=True,
        )  # fmt: skip
        self.add("auto_reloads", user_id=user, card_id=card, amount=1000, monthly_cap=5000, is_active=True)
        self.add("data_exports", user_id=user)
        self.add("notifications", user_id=user, kind="hello")
        self.add("notification_preferences", user_id=user)
        self.add("transactions", user_id=user, type="ADD_FUNDS", amount=1, status="PENDING")
        device = {"user_id": user, "device_id": ENVELOPE["device"]}
        keys = {"identity_key": "i" * 43, "device_key": "d" * 43, "signing_key": "g" * 43, "signature": "s" * 86}
        self.add("user_keys", **device, **keys)
        self.add("key_backups", user_id=user, backup=BACKUP, version=1)
        for status in ("PUBLISHED", "DRAFT", "ARCHIVED", "DELETED"):
            post = self.add(
                "forum_posts", author_id=user, category_id=self.category, title=status, content="Words", status=status
            )
            if status == "PUBLISHED":
                self.post = post
        for status in ("PUBLISHED", "DRAFT", "ARCHIVED", "DELETED"):
            self.add("forum_replies", author_id=user, post_id=self.post, content="Words", status=status)

    def _goodwill(self, user: str, admin: str) -> None:
        paper = {"kind": "GOODWILL", "amount": 100, "reason": "Words", "needs_second": True, "expires_at": _LATER}
        self.add("money_approvals", user_id=user, requested_by=admin, **paper)

    def _trade(self, user: str) -> None:
        person = {"first_name": "Ada", "last_name": "Reader", "bio": "Reads."}
        offer = {"session_types": ["CHAT"], "pricing": {"CHAT": 300}, "timezone": "Europe/Berlin"}
        self.add("readers", user_id=user, **person, **offer, is_verified=True, status="ONLINE")
        self.add("reader_accounts", user_id=user, stripe_account_id=f"acct_{self.number()}")
        self.add("reader_applications", user_id=user, **person, **offer, status="PENDING")
        self.database.execute("select ledger.open_accounts(%s, '{reader_earnings}')", [user])
        # Dated: a weekly slot cannot take time away, and every column of this one may be written as it is.
        slot = {"day_of_week": 1, "start_time": "10:00", "end_time": "11:00", "specific_date": "2030-05-06"}
        self.add("availability", reader_id=user, **slot, is_recurring=False)
        stream = {"reader_id": user, "title": "Cards", "category": "cards"}
        self.plans[user] = self.add("live_streams", **stream)
        self.add("live_streams", **stream, status="ENDED", started_at=_PAST, ended_at=_NOW)
        for status in ("ACTIVE", "OUT_OF_STOCK", "INACTIVE", "DRAFT"):
            self._product(user, type="PHYSICAL", sku=f"sku-{self.number()}", stock_quantity=0, status=status)
        paid = self.add("transactions", user_id=user, type="PAYOUT", amount=1000, status="PENDING")
        payout = self.add("payouts", reader_id=user, amount=1000, transaction_id=paid)
        self.add("payout_attempts", payout_id=payout, number=1, amount=1000, currency="USD", destination="acct_1")

    def _broadcast(self, reader: str, viewer: str, left: str) -> None:
        live = {"title": "Now", "category": "cards", "status": "LIVE", "started_at": _PAST, "viewer_count": 1}
        self.stream = self.add("live_streams", reader_id=self.cast[reader].id, **live)
        self.database.execute(
            "insert into private.stream_viewers (stream_id, user_id, left_at) values (%s, %s, null), (%s, %s, now())",
            [self.stream, self.cast[viewer].id, self.stream, self.cast[left].id],
        )

    def _product(self, reader: str, **values: Any) -> str:
        words = {"name": "Deck", "description": "Cards", "category": "decks", "price": 900}
        return self.add("products", reader_id=reader, **words, **values)

    def _meeting(self, client_name: str, reader_name: str) -> None:
        client, reader = self.cast[client_name].id, self.cast[reader_name].id
        pair = {"client_id": client, "reader_id": reader}
        for state in ("requested", "running", "paused", "ended", "reviewed"):
            self.sessions[client_name, reader_name, state] = self._session(client, reader, state)
        running, reviewed = (self.sessions[client_name, reader_name, state] for state in ("running", "reviewed"))
        self.add("bookings", session_id=running, **pair, during=_minute(self.number()))
        for session in (running, reviewed):
            self.add("chat_messages", session_id=session, sender_id=client, content=ENVELOPE)
        self.reviews[client_name, reader_name] = self.add("reviews", session_id=reviewed, **pair, rating=5)
        ended = self.sessions[client_name, reader_name, "ended"]
        self.add("reviews", session_id=ended, **pair, rating=1, is_hidden=True)
        if (client_name, reader_name) != PAIRS[1]:
            self.add("blocks", blocker_id=client, blocked_id=reader)
        self.add("favorites", **pair)
        self.add("wait_list", **pair, type="CHAT")
        about = {"reported_id": reader, "entity_type": "user", "entity_id": reader}
        self.add("reports", reporter_id=client, **about, reason="Words")
        talk = self._letters(client, reader)
        if (client_name, reader_name) == PAIRS[0]:
            self._complaint(client, reader, talk)
        self._agreements(client_name, reader_name)
        self.orders[client_name, reader_name] = self._purchases(client, reader)

    def _session(self, client: str, reader: str, state: str) -> str:
        common = {"client_id": client, "reader_id": reader, "type": "CHAT", "reader_rate": 300, "share_bps": 7000}
        common |= {"max_minutes": 60, "terms": {"heartbeat_timeout_seconds": 60, "join_window_seconds": 600}}
        if state == "requested":
            return self.add("sessions", **common, expires_at=_LATER)
        charge = self.add("transactions", user_id=client, type="SESSION_CHARGE", amount=300, status="COMPLETED")
        times = dict.fromkeys(("accepted_at", "client_joined_at", "reader_joined_at", "started_at"), _PAST)
        started = {**common, **times, "transaction_id": charge}
        if state == "running":
            return self.add("sessions", **started, status="IN_PROGRESS")
        if state == "paused":
            return self.add("sessions", **started, status="IN_PROGRESS", paused_at=_NOW, pause_reason="client_absent")
        ending = {"ended_at": _NOW, "end_reason": "client_ended", "total_cost": 300, "billed_seconds": 60}
        return self.add("sessions", **started, status="COMPLETED", **ending)

    def _agreements(self, client_name: str, reader_name: str) -> None:
        """Let both agree to recordings of two sessions, one side to another's, and one take it back."""
        client, reader = self.cast[client_name].id, self.cast[reader_name].id
        agreed = {"requested": (client, reader), "running": (client, reader), "ended": (client,), "reviewed": (client,)}
        for state, people in agreed.items():
            session = self.sessions[client_name, reader_name, state]
            for user in people:
                self.add("recording_consents", session_id=session, user_id=user)
        reviewed = self.sessions[client_name, reader_name, "reviewed"]
        self.add("recording_consents", session_id=reviewed, user_id=reader, withdrawn_at=_NOW)
        first, second = sorted((client, reader))
        for state in ("running", "ended"):
            session = self.sessions[client_name, reader_name, state]
            self.add("conversations", first_id=first, second_id=second, session_id=session, key_version=1)

    def _letters(self, client: str, reader: str) -> str:
        first, second = sorted((client, reader))
        talk = self.add("conversations", first_id=first, second_id=second, key_version=1)
        for user in (client, reader):
            self.add(
                "conversation_keys", conversation_id=talk, version=1, user_id=user, device_id=ENVELOPE["device"],
                wrapped_key="w" * 192, wrapped_by=client, wrapped_by_device=ENVELOPE["device"],
            )  # fmt: skip
        people = {"sender_id": client, "receiver_id": reader}
        letter = self.add("messages", conversation_id=talk, **people, content=ENVELOPE)
        self.add(
            "paid_messages", message_id=letter, conversation_id=talk, client_id=client, reader_id=reader, price=500,
            share_bps=7000, status="PENDING", expires_at=_LATER,
        )  # fmt: skip
        return talk

    def _complaint(self, client: str, reader: str, talk: str) -> None:
        """Let the reader complain of a picture, and reveal its key."""
        people = {"sender_id": client, "receiver_id": reader}
        picture = self.add("messages", conversation_id=talk, **people, content=ENVELOPE, message_type="IMAGE")
        shown = {"id": picture, "sender_id": client, "message_type": "IMAGE", "envelope": ENVELOPE, "key": "k" * 43}
        about = {"reported_id": client, "entity_type": "message", "entity_id": picture, "reason": "Rude"}
        evidence = {"v": 1, "conversation_id": talk, "messages": [shown]}
        self.add("reports", reporter_id=reader, **about, evidence=evidence)

    def _purchases(self, client: str, reader: str) -> str:
        paid = self.add("transactions", user_id=client, type="PURCHASE", amount=100, status="COMPLETED")
        order = self.add("orders", client_id=client, status="PAID", total_amount=900, transaction_id=paid)
        product = self._product(reader, type="SERVICE")
        files = [f"{reader}/{product}/book.pdf"]
        self.add("order_items", order_id=order, product_id=product, price=900, reader_id=reader, files=files)
        rose = {"gift_id": self.gift, "quantity": 1, "unit_price": 100}
        bought = self.add("gift_purchases", user_id=client, **rose, transaction_id=paid)
        self.add("gifts", sender_id=client, receiver_id=reader, gift_id=self.gift, purchase_id=bought)
        code = self.add("promo_codes", code=f"CODE{self.number()}", kind="CREDIT", amount=500, redemptions=1)
        self.add("promo_redemptions", promo_code_id=code, user_id=client)
        return order


def _minute(number: int) -> str:
    """Return a minute of its own as a range."""
    return f"[2030-01-01 {number // 60:02}:{number % 60:02}+00,2030-01-01 {number // 60:02}:{number % 60:02}:59+00)"
