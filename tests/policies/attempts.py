"""What the cells are tried with: rows to insert, values to write, arguments to call with."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.policies.cast import Actor, Cast
from tests.policies.scenery import BACKUP, ENVELOPE, PAIRS, Scenery

Row = dict[str, Any]
_SEEN = "2026-11-20T00:00:00+00:00"
_STATUSES = ("DRAFT", "PUBLISHED", "ARCHIVED", "DELETED")


def inserts(table: str, owner: Actor, scenery: Scenery) -> list[Row]:
    """Return rows that somebody inserts in an owner's name, valid but for the right to do so."""
    # Somebody the owner has nothing to do with yet.
    other = scenery.cast["manage_settings" if owner.name != "manage_settings" else "moderate_content"].id
    return list(_ROWS[table](owner, other, scenery)) if table in _ROWS else []


def _chat_messages(owner: Actor, _: str, scenery: Scenery) -> Iterator[Row]:
    for pair in (PAIRS[0], PAIRS[2], PAIRS[-1]):
        for state in ("requested", "running", "paused", "ended"):
            said = {"session_id": scenery.sessions[*pair, state], "sender_id": owner.id}
            yield {**said, "content": ENVELOPE, "message_type": "TEXT"}
    said = {"session_id": scenery.sessions["client", "reader", "running"], "sender_id": owner.id}
    yield {**said, "content": {"system": "joined"}, "message_type": "SYSTEM"}


def _forum_posts(owner: Actor, _: str, scenery: Scenery) -> Iterator[Row]:
    words = {"author_id": owner.id, "category_id": scenery.category, "title": "Title", "content": "Words"}
    yield from ({**words, "status": status} for status in _STATUSES)


def _forum_replies(owner: Actor, _: str, scenery: Scenery) -> Iterator[Row]:
    words = {"author_id": owner.id, "post_id": scenery.post, "content": "Words"}
    yield from ({**words, "status": status} for status in _STATUSES)


def _availability(owner: Actor, *_: object) -> Iterator[Row]:
    slot = {"day_of_week": 2, "start_time": "08:00", "end_time": "09:00", "specific_date": "2031-05-06"}
    yield {"reader_id": owner.id, **slot, "is_recurring": False, "is_available": True}


def _live_streams(owner: Actor, *_: object) -> Iterator[Row]:
    words = {"title": "New", "description": "Cards", "category": "cards"}
    yield {"reader_id": owner.id, **words, "scheduled_at": _SEEN, "max_viewers": 9}


def _products(owner: Actor, *_: object) -> Iterator[Row]:
    files = {"download_url": "a/b", "file_url": "a/b", "images": [], "sku": f"new-{uuid.uuid4()}"}
    sizes = {"weight": 1, "dimensions": {"cm": [1, 2, 3]}, "stock_quantity": 1}
    words = {"name": "Deck", "description": "Cards", "category": "decks", "price": 1, "type": "PHYSICAL"}
    yield {"reader_id": owner.id, "status": "DRAFT", **files, **sizes, **words}


def _favorites(owner: Actor, other: str, scenery: Scenery) -> Iterator[Row]:
    yield {"client_id": owner.id, "reader_id": other}
    unknown = (
        reader for reader in scenery.cast.readers() if (owner.name, reader.name) not in PAIRS and reader != owner
    )
    yield {"client_id": owner.id, "reader_id": next(unknown).id}


_ROWS: dict[str, Callable[[Actor, str, Scenery], Iterable[Row]]] = {
    "availability": _availability,
    "blocks": lambda owner, other, _: [{"blocker_id": owner.id, "blocked_id": other}],
    "chat_messages": _chat_messages,
    "favorites": _favorites,
    "forum_categories": lambda *_: [{"name": "Stones", "description": "All of them", "icon": "stone", "sort_order": 1}],
    "forum_posts": _forum_posts,
    "forum_replies": _forum_replies,
    "live_streams": _live_streams,
    "products": _products,
}


def value(table: str, column: str, row: Row, scenery: Scenery) -> Any:
    """Return what to write into a column: what is there already, or another value where a guard looks for a change."""
    change = _CHANGES.get((table, column)) or _CHANGES.get((table.partition("_")[0], column))
    return change(row[column], scenery) if change else row[column]


_CHANGES: dict[tuple[str, str], Callable[[Any, Scenery], Any]] = {
    ("users", "username"): lambda *_: "renamed",
    ("notifications", "read_at"): lambda *_: _SEEN,
    # Posts and replies: a guard looks at what changes.
    ("forum", "is_pinned"): lambda now, _: not now,
    ("forum", "is_locked"): lambda now, _: not now,
    ("forum", "title"): lambda now, _: f"{now}!",
    ("forum", "content"): lambda now, _: f"{now}!",
    ("forum", "category_id"): lambda _, scenery: scenery.other_category,
    ("forum", "status"): lambda now, _: "ARCHIVED" if now in ("DRAFT", "PUBLISHED") else "PUBLISHED",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Arguments for a function, and who meets the needs that depend on them."""

    what: str
    arguments: Row
    meets: dict[str, frozenset[str]] = field(default_factory=dict)


_SESSION_CALLS = {
    "accept_session": "requested",
    "attach_recording": "running",
    "cancel_session": "requested",
    "consent_to_recording": "running",
    "decline_session": "requested",
    "end_session": "running",
    "heartbeat_session": "running",
    "join_session": "running",
    "open_session_conversation": "running",
    "review_session": "ended",
    "send_tip": "running",
}
_MORE_ABOUT_SESSIONS: dict[str, Row] = {
    "attach_recording": {"p_path": "elsewhere.webm"},
    "consent_to_recording": {"p_consents": True},
    "review_session": {"p_rating": 4},
    "send_tip": {"p_amount": 100, "p_idempotency_key": "key"},
}


def samples(function: str, scenery: Scenery) -> list[Sample]:
    """Return what a function is called with; what follows its needs may refuse for reasons of its own."""
    if function in _SESSION_CALLS:
        more = _MORE_ABOUT_SESSIONS.get(function, {})
        pairs = (PAIRS[0], PAIRS[2], PAIRS[-1])
        return [_about_a_session(_SESSION_CALLS[function], pair, more, scenery) for pair in pairs]
    if function in ("cancel_order", "deliver_order", "order_files", "ship_order"):
        return [_about_an_order(pair, scenery) for pair in (PAIRS[0], PAIRS[2], PAIRS[-1])]
    if function in ("start_stream", "end_stream"):
        return [
            Sample(f"of {reader.name}", {"p_stream_id": plan}, {"stream_reader": frozenset({reader.id})})
            for reader in scenery.cast.readers()
            for plan in [scenery.plans[reader.id]]
        ]
    if function == "leave_stream":
        viewers = frozenset(scenery.cast[name].id for name in ("other_client", "manage_users"))
        return [Sample("", {"p_stream_id": scenery.stream}, {"viewer": viewers})]
    if function == "respond_to_review":
        return [
            Sample(
                f"of {reader}",
                {"p_review_id": scenery.reviews[client, reader], "p_response": "Thanks"},
                {"review_reader": frozenset({scenery.cast[reader].id})},
            )
            for client, reader in (PAIRS[0], PAIRS[-1])
        ]
    return [Sample("", _ARGUMENTS[function](scenery.cast, scenery))]


def _about_a_session(state: str, pair: tuple[str, str], more: Row, scenery: Scenery) -> Sample:
    client, reader = (scenery.cast[name].id for name in pair)
    sides = {"session_client": {client}, "session_reader": {reader}, "participant": {client, reader}}
    session = scenery.sessions[*pair, state]
    meets = {need: frozenset(people) for need, people in sides.items()}
    return Sample(f"of {pair[0]} and {pair[1]}", {"p_session_id": session, **more}, meets)


def _about_an_order(pair: tuple[str, str], scenery: Scenery) -> Sample:
    client, reader = (scenery.cast[name].id for name in pair)
    sides = {"order_buyer": {client}, "order_seller": {reader}, "order_party": {client, reader}}
    meets = {need: frozenset(people) for need, people in sides.items()}
    return Sample(f"of {pair[0]} from {pair[1]}", {"p_order_id": scenery.orders[pair]}, meets)


_ARGUMENTS: dict[str, Callable[[Cast, Scenery], Row]] = {
    "admin_create_promo": lambda *_: {
        "p_kind": "CREDIT", "p_idempotency_key": "key", "p_code": "FRESH", "p_amount": 100,
    },
    "admin_end_promo": lambda _, scenery: {"p_promo_code_id": scenery.promo},
    "admin_account_statement": lambda cast, _: {"p_user_id": cast["client"].id, "p_kind": "client_wallet"},
    "admin_approve": lambda *_: {"p_id": str(uuid.uuid4())},
    "admin_freeze_wallet": lambda cast, _: {"p_user_id": cast["other_client"].id, "p_reason": "Why"},
    "admin_goodwill": lambda cast, _: {
        "p_user_id": cast["client"].id, "p_amount": 0, "p_reason": "Why", "p_idempotency_key": "key",
    },
    "admin_house_days": lambda *_: {"p_from": "2026-01-01", "p_to": "2026-01-31"},
    "admin_read_applications": lambda *_: {},
    "admin_end_session": lambda _, scenery: {
        "p_session_id": scenery.sessions["client", "reader", "ended"], "p_reason": "Why",
    },
    "admin_read_client": lambda cast, _: {"p_user_id": cast["client"].id},
    "admin_read_payouts": lambda *_: {},
    "admin_read_person": lambda cast, _: {"p_user_id": cast["client"].id, "p_part": "SESSIONS"},
    "admin_refund_charge": lambda *_: {
        "p_transaction_id": str(uuid.uuid4()), "p_amount": 0, "p_reason": "Why", "p_idempotency_key": "key",
    },
    "admin_refund_session": lambda _, scenery: {
        "p_session_id": scenery.sessions[*PAIRS[0], "ended"], "p_amount": 0, "p_reason": "Why",
        "p_idempotency_key": "key",
    },
    "admin_reject": lambda *_: {"p_id": str(uuid.uuid4())},
    "admin_resolve_report": lambda *_: {"p_report_id": str(uuid.uuid4()), "p_uphold": True},
    "admin_set_commission": lambda *_: {"p_kind": "SESSION", "p_share_bps": 10_001},
    "admin_unfreeze_wallet": lambda cast, _: {"p_user_id": cast["other_client"].id, "p_reason": "Why"},
    "admin_read_differences": lambda *_: {},
    "admin_read_disputes": lambda cast, _: {"p_user_id": cast["client"].id},
    "admin_read_evidence": lambda *_: {"p_dispute_id": "dp_of_nobody"},
    "admin_set_permissions": lambda cast, _: {"p_user_id": cast["client"].id, "p_permissions": ["manage_users"]},
    "admin_set_user_status": lambda cast, _: {
        "p_user_id": cast["client"].id, "p_status": "SUSPENDED", "p_reason": "Why",
    },
    "apply_as_reader": lambda *_: {
        "p_first_name": "Ada", "p_last_name": "Reader", "p_bio": "Reads.", "p_specialties": [],
        "p_session_types": ["CHAT"], "p_pricing": {"CHAT": 300}, "p_timezone": "UTC",
    },
    "buy_gifts": lambda _, scenery: {"p_gift_id": scenery.gift, "p_quantity": 1, "p_idempotency_key": "key"},
    "booking_terms": lambda cast, _: {"p_reader_id": cast["other_reader"].id, "p_type": "CHAT"},
    "custom_access_token_hook": lambda *_: {"event": {"claims": {}}},
    "disable_auto_reload": lambda *_: {},
    "erase_account": lambda *_: {},
    "free_slots": lambda cast, _: {"p_reader_id": cast["reader"].id, "p_from": "2026-01-01", "p_to": "2026-01-02"},
    "file_report": lambda cast, _: {
        "p_entity_type": "user", "p_entity_id": cast["other_reader"].id, "p_reason": "Why",
    },
    "give_consent": lambda *_: {"p_kind": "PRIVACY", "p_version": "2"},
    "redeem_promo": lambda *_: {"p_code": "WELCOME", "p_idempotency_key": "key"},
    "join_stream": lambda _, scenery: {"p_stream_id": scenery.stream},
    "place_order": lambda *_: {"p_items": [], "p_idempotency_key": "key"},
    "join_wait_list": lambda cast, _: {"p_reader_id": cast["other_reader"].id, "p_type": "CHAT"},
    "leave_wait_list": lambda cast, _: {"p_reader_id": cast["other_reader"].id},
    "open_conversation": lambda cast, _: {"p_user_id": cast["reader"].id},
    "register_device": lambda *_: {
        "p_device_id": str(uuid.uuid4()), "p_identity_key": "i" * 43, "p_device_key": "d" * 43,
        "p_signing_key": "g" * 43, "p_signature": "s" * 86,
    },
    "revoke_device": lambda *_: {"p_device_id": str(uuid.uuid4())},
    "set_key_backup": lambda *_: {"p_backup": BACKUP, "p_version": 1},
    "share_keys": lambda *_: {"p_device_id": ENVELOPE["device"], "p_keys": []},
    "start_conversation_key": lambda *_: {
        "p_conversation_id": str(uuid.uuid4()), "p_version": 1, "p_device_id": ENVELOPE["device"], "p_keys": [],
    },
    "mark_read": lambda *_: {"p_conversation_id": str(uuid.uuid4()), "p_message_id": str(uuid.uuid4())},
    "reader_directory": lambda *_: {},
    "reader_statement": lambda *_: {},
    "reader_totals": lambda *_: {},
    "request_card_refund": lambda cast, _: {
        "p_topup_transaction_id": cast["client"].id, "p_amount": 100, "p_idempotency_key": "key",
    },
    "request_export": lambda *_: {},
    "request_payout": lambda *_: {"p_idempotency_key": "key"},
    "withdraw_paid_message": lambda *_: {"p_message_id": str(uuid.uuid4())},
    "retry_payout": lambda *_: {"p_payout_id": str(uuid.uuid4())},
    "request_session": lambda cast, _: {
        "p_reader_id": cast["other_reader"].id, "p_type": "CHAT", "p_idempotency_key": "key",
    },
    "review_reader_application": lambda cast, _: {"p_user_id": cast["other_reader"].id, "p_approve": False},
    "search_forum": lambda *_: {"p_text": "words"},
    "set_auto_reload": lambda *_: {"p_amount": 1000, "p_monthly_cap": 5000},
    "send_gift": lambda cast, scenery: {
        "p_receiver_id": cast["other_reader"].id, "p_gift_id": scenery.gift, "p_idempotency_key": "key",
    },
    "send_message": lambda cast, _: {
        "p_receiver_id": cast["other_reader"].id, "p_content": {}, "p_idempotency_key": "key",
    },
    "set_notification_preferences": lambda *_: {"p_by_email": True},
    "set_reader_status": lambda *_: {"p_status": "AWAY"},
    "set_reply_price": lambda *_: {"p_price": 500},
    "update_setting": lambda *_: {"p_key": "switch.payouts", "p_value": "true"},
    "view_post": lambda _, scenery: {"p_post_id": scenery.post},
    "wallet_statement": lambda *_: {},
    "wait_list_position": lambda cast, _: {"p_reader_id": cast["reader"].id},
    "withdraw_consent": lambda *_: {"p_kind": "TERMS"},
}  # fmt: skip
