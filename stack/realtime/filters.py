"""Which changes of which table a channel wants, and under which conditions on the row."""

import re
from dataclasses import dataclass
from typing import Final, LiteralString

from psycopg import sql

from stack.realtime.frames import encode_json
from stack.realtime.tokens import JsonObject

_OPERATORS: Final[dict[str, LiteralString]] = {
    "eq": "{} = {}",
    "neq": "{} <> {}",
    "lt": "{} < {}",
    "lte": "{} <= {}",
    "gt": "{} > {}",
    "gte": "{} >= {}",
    "in": "{} = any ({})",
    "like": "{}::text like {}",
    "ilike": "{}::text ilike {}",
    "match": "{}::text ~ {}",
    "imatch": "{}::text ~* {}",
    "isdistinct": "{} is distinct from {}",
}
_IS: Final[dict[str, LiteralString]] = {
    "null": "{} is null",
    "true": "{} is true",
    "false": "{} is false",
    "unknown": "{} is unknown",
}
_EVENTS = ("INSERT", "UPDATE", "DELETE")
# Commas part conditions, but not within parentheses or quotes.
_CONDITION = re.compile(r'(?:[^,("]|"(?:[^"\\]|\\.)*"|\([^)]*\))+')
_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,]+)')
_ESCAPE = re.compile(r"\\(.)")


class BindingError(Exception):
    """What a channel asks for cannot be subscribed to."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a column with a value; `is_negated` turns it round."""

    column: str
    operator: str
    value: str
    is_negated: bool

    def sql(self, row: str) -> sql.Composable:
        """Return it as SQL on a row of that name. Postgres reads the value as the column's type."""
        column = sql.Identifier(row, self.column)
        if self.operator == "is":
            compared: sql.Composable = sql.SQL(_IS[self.value.lower()]).format(column)
        else:
            compared = sql.SQL(_OPERATORS[self.operator]).format(column, sql.Literal(self.value))
        return sql.SQL("not ({})").format(compared) if self.is_negated else compared


@dataclass(frozen=True, slots=True)
class Binding:
    """What a channel wants to hear of.

    Attributes:
        id: by which its client knows it.
        event: INSERT, UPDATE, DELETE, or `*` for all.
        schema: of the table, or `*`.
        table: its name, or `*`.
        conditions: what must hold for the row.
        columns: those wanted; empty for all.
    """

    id: int
    event: str
    schema: str
    table: str
    conditions: tuple[Condition, ...]
    columns: tuple[str, ...]

    @classmethod
    def read(cls, wanted: JsonObject, binding_id: int) -> "Binding":
        """Read what a client sent.

        Raises:
            BindingError: it names no table, or its filter cannot be understood.
        """
        schema, table = wanted.get("schema"), wanted.get("table")
        if not isinstance(schema, str) and not isinstance(table, str):
            raise BindingError(
                "No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: "
                + encode_json(wanted)
            )
        event = str(wanted.get("event", "*")).upper()
        columns = wanted.get("select")
        listed = [name for name in columns if isinstance(name, str)] if isinstance(columns, list) else []
        told = wanted.get("filter")
        return cls(
            id=binding_id,
            event=event if event in _EVENTS else "*",
            schema=schema if isinstance(schema, str) else "public",
            table=table if isinstance(table, str) else "*",
            conditions=parse(told) if isinstance(told, str) else (),
            columns=tuple(listed),
        )

    def covers(self, schema: str, table: str) -> bool:
        """Tell whether it is about this table."""
        return self.schema in ("*", schema) and self.table in ("*", table)

    def wants(self, event: str) -> bool:
        """Tell whether it is about this kind of change."""
        return self.event in ("*", event)

    def __str__(self) -> str:
        conditions = [f"{one.column}={one.operator}.{one.value}" for one in self.conditions]
        return f"event: {self.event}, schema: {self.schema}, table: {self.table}, filters: {conditions}"


def parse(text: str) -> tuple[Condition, ...]:
    """Read a filter, `column=operator.value` and several of them parted by commas, all of which must hold.

    Raises:
        BindingError: an operator nobody knows, or no operator at all.
    """
    return tuple(_condition(part) for part in _CONDITION.findall(text.strip()))


def _condition(text: str) -> Condition:
    column, equals, rest = text.partition("=")
    negation = "not."
    is_negated = rest.startswith(negation)
    operator, dot, value = rest.removeprefix(negation).partition(".")
    is_known = operator in _OPERATORS or (operator == "is" and value.lower() in _IS)
    if not equals or not dot or not is_known:
        raise BindingError(f"Error parsing `filter` params: {encode_json([operator or column, value])}")
    if operator == "in":
        return Condition(column.strip(), operator, _array(value), is_negated)
    return Condition(column.strip(), operator, _unquoted(value), is_negated)


def _unquoted(value: str) -> str:
    quoted = _ITEM.fullmatch(value)
    return _ESCAPE.sub(r"\1", quoted[1]) if quoted is not None and quoted[1] is not None else value


def _array(value: str) -> str:
    """Return a list in parentheses as the text of a Postgres array."""
    inner = value.strip().removeprefix("(").removesuffix(")")
    items = [_ESCAPE.sub(r"\1", quoted) if quoted else plain for quoted, plain in _ITEM.findall(inner)]
    return "{" + ",".join(encode_json(item) for item in items) + "}"
