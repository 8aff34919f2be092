"""Reads what Postgres' output plugin `pgoutput` (protocol 1) sends: transactions as they commit, row by row."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, Literal

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT16 = struct.Struct("!h")
_INT32 = struct.Struct("!i")
_UINT32 = struct.Struct("!I")
_BEGIN = struct.Struct("!qqI")


Kind = Literal["INSERT", "UPDATE", "DELETE"]
_KINDS: Final[dict[str, Kind]] = {"I": "INSERT", "U": "UPDATE", "D": "DELETE"}


class Missing(Enum):
    """A value that is not in the stream, because it is stored apart and did not change."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Missing.UNCHANGED
Value = str | None | Missing
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as it is described before its first row.

    Attributes:
        oid: its id in the catalogue.
        schema: where it is.
        name: what it is called.
        columns: names, in the order of the values.
        keys: columns of its replica identity.
    """

    oid: int
    schema: str
    name: str
    columns: tuple[str, ...]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was written.

    Attributes:
        relation: its table.
        kind: what happened.
        new: the row as it is now; empty for one that is gone.
        old: what is known of the row as it was: nothing, its key, or all.
        committed_at: when the transaction committed.
        transaction: its number, the lower 32 bits of it.
    """

    relation: Relation
    kind: Kind
    new: Row
    old: Row
    committed_at: datetime
    transaction: int


def moment(microseconds: int) -> datetime:
    """Return the moment of a timestamp as the protocol has it."""
    return _EPOCH + timedelta(microseconds=microseconds)


class _Reader:
    """Walks through one message."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 1

    def char(self) -> str:
        self._at += 1
        return chr(self._data[self._at - 1])

    def unpack(self, form: struct.Struct) -> int:
        (value,) = form.unpack_from(self._data, self._at)
        self._at += form.size
        return int(value)

    def text(self) -> str:
        end = self._data.index(0, self._at)
        found = self._data[self._at : end].decode()
        self._at = end + 1
        return found

    def values(self) -> Iterator[Value]:
        for _ in range(self.unpack(_INT16)):
            kind = self.char()
            if kind == "t":
                size = self.unpack(_INT32)
                self._at += size
                yield self._data[self._at - size : self._at].decode()
            else:
                yield UNCHANGED if kind == "u" else None


class Decoder:
    """Turns messages into changes. Remembers the tables it was told of, so it serves one connection."""

    def __init__(self) -> None:
        """Start knowing no table."""
        self._relations: dict[int, Relation] = {}
        self._committed_at = _EPOCH
        self._transaction = 0

    def feed(self, data: bytes) -> Change | Relation | None:
        """Read one message.

        Returns:
            A row that was written, or a table that is new or was altered; None for everything else.
        """
        kind = chr(data[0])
        if kind == "B":
            _, committed_at, self._transaction = _BEGIN.unpack_from(data, 1)
            self._committed_at = moment(committed_at)
            return None
        reader = _Reader(data)
        if kind == "R":
            return self._describe(reader)
        if kind in "IUD":
            return self._change(kind, reader)
        return None

    def _describe(self, reader: _Reader) -> Relation:
        oid = reader.unpack(_UINT32)
        schema, name = reader.text(), reader.text()
        reader.char()
        columns: list[str] = []
        keys: list[str] = []
        for _ in range(reader.unpack(_INT16)):
            is_key = reader.char() == "\x01"
            column = reader.text()
            reader.unpack(_UINT32)
            reader.unpack(_INT32)
            columns.append(column)
            if is_key:
                keys.append(column)
        relation = Relation(oid, schema, name, tuple(columns), frozenset(keys))
        self._relations[oid] = relation
        return relation

    def _change(self, kind: str, reader: _Reader) -> Change:
        relation = self._relations[reader.unpack(_UINT32)]
        new: Row = {}
        old: Row = {}
        part = reader.char()
        if part in "KO":
            old = self._row(relation, reader, keys_only=part == "K")
            part = reader.char() if kind == "U" else ""
        if part == "N":
            new = self._row(relation, reader)
        return Change(relation, _KINDS[kind], new, old, self._committed_at, self._transaction)

    def _row(self, relation: Relation, reader: _Reader, *, keys_only: bool = False) -> Row:
        row = dict(zip(relation.columns, reader.values(), strict=True))
        return {name: value for name, value in row.items() if name in relation.keys} if keys_only else row
