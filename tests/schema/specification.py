"""What the specification asks for, read from specification.yaml."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PLACE = Path(__file__).with_suffix(".yaml")
_SOURCE: dict[str, Any] = yaml.safe_load(_PLACE.read_text())

# Column types that hold a type of the specification. Money is a Float there and whole minor units here.
_KEPT_IN: dict[str, set[str]] = {
    "String": {"text", "uuid", "citext", "bpchar", "varchar"},
    "Int": {"int4", "int2"},
    "Float": {"int8", "numeric"},
    "Boolean": {"bool"},
    "DateTime": {"timestamptz", "date"},
    "Json": {"jsonb"},
    "String[]": {"_text", "_session_type", "_admin_permission"},
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model and its place, a qualified column; `why` where place, type or nullability differ."""

    model: str
    name: str
    type: str
    place: str
    why: str

    @property
    def is_optional(self) -> bool:
        return self.type.endswith("?")

    @property
    def kept_in(self) -> set[str]:
        """Names of the column types that hold it."""
        plain = self.type.removesuffix("?")
        return {ENUMS[plain].type.removeprefix("public.")} if plain in ENUMS else _KEPT_IN[plain]


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An enum, its type, and the labels it must have."""

    name: str
    type: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A field without a column: the foreign key behind it, as `column -> table`."""

    model: str
    name: str
    column: str
    table: str


def _qualified(table: str, place: str) -> str:
    return place if "." in place else f"{table}.{place}"


def _fields() -> list[Field]:
    return [
        Field(model, name, str(told[0]), _qualified(source["table"], told[1]), told[2] if len(told) > 2 else "")
        for model, source in _SOURCE["models"].items()
        for name, told in source["fields"].items()
    ]


def _relations() -> list[Relation]:
    return [
        Relation(model, name, *foreign_key.split(" -> "))
        for model, source in _SOURCE["models"].items()
        for name, foreign_key in source.get("relations", {}).items()
    ]


ENUMS = {name: Enumeration(name, told["type"], tuple(told["labels"])) for name, told in _SOURCE["enums"].items()}
TABLES: dict[str, str] = {model: source["table"] for model, source in _SOURCE["models"].items()}
FIELDS = _fields()
RELATIONS = _relations()
# Each a tuple of qualified columns.
UNIQUE = [
    tuple(_qualified(source["table"], column.strip()) for column in places.split(","))
    for source in _SOURCE["models"].values()
    for places in source.get("unique", [])
]
