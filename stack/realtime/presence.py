"""Presence: who is in a room under which key, and what changes when somebody tracks, updates or goes."""

import secrets
from collections.abc import Hashable
from dataclasses import dataclass, field

from stack.realtime.tokens import JsonObject

Entries = dict[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Diff:
    """Who came and who went, by key, as clients are told."""

    joins: Entries = field(default_factory=dict)
    leaves: Entries = field(default_factory=dict)

    def is_empty(self) -> bool:
        """Tell whether nothing changed."""
        return not self.joins and not self.leaves


@dataclass(frozen=True, slots=True)
class _Tracked:
    key: str
    payload: JsonObject
    meta: JsonObject


class Presence:
    """The present of one room. Several may share a key: a person with two devices."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._tracked: dict[Hashable, _Tracked] = {}

    def tracks(self, owner: Hashable, payload: JsonObject) -> bool:
        """Tell whether the owner is present with just this payload."""
        there = self._tracked.get(owner)
        return there is not None and there.payload == payload

    def track(self, owner: Hashable, key: str, payload: JsonObject) -> Diff:
        """Note an owner as present, or change what it tells about itself."""
        before = self._tracked.get(owner)
        meta: JsonObject = {**payload, "phx_ref": secrets.token_urlsafe(9)}
        if before is not None:
            meta["phx_ref_prev"] = before.meta["phx_ref"]
        self._tracked[owner] = _Tracked(key, payload, meta)
        leaves = {} if before is None else _entry(before.key, before.meta)
        return Diff(_entry(key, meta), leaves)

    def untrack(self, owner: Hashable) -> Diff:
        """Note an owner as gone; one who was not there changes nothing."""
        before = self._tracked.pop(owner, None)
        return Diff() if before is None else Diff(leaves=_entry(before.key, before.meta))

    def state(self) -> JsonObject:
        """Return everybody, by key."""
        metas: dict[str, list[JsonObject]] = {}
        for one in self._tracked.values():
            metas.setdefault(one.key, []).append(one.meta)
        return {key: {"metas": [*those]} for key, those in metas.items()}


def _entry(key: str, meta: JsonObject) -> Entries:
    return {key: {"metas": [meta]}}
