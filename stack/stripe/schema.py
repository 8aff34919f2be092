"""What parameters an endpoint takes, and the refusals of Stripe for the others.

A schema reads the strings of `forms` into Python values. Whatever it refuses was never executed, so no idempotency key
keeps it. The empty string clears a value: it is read as None where that makes sense.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from stack.stripe.errors import ApiError, invalid
from stack.stripe.forms import Raw
from stack.stripe.store import Body

CURRENCIES = ("usd", "eur", "gbp", "cad", "aud", "nzd", "chf", "sek", "dkk", "nok", "jpy")

# Stripe's limits on metadata.
_KEYS = 50
_KEY_LENGTH = 40
_VALUE_LENGTH = 500


class Kind(Protocol):
    """A type of parameter."""

    def read(self, raw: Raw, name: str) -> Any:  # noqa: ANN401 - each kind has a type of its own
        """The value of `raw`, or ApiError blaming the parameter `name`."""


def _text(raw: Raw, name: str) -> str:
    if isinstance(raw, str):
        return raw
    raise invalid(f"Invalid string: {raw}", param=name)


@dataclass(frozen=True)
class Text:
    """A string of at most `longest` characters; empty means None."""

    longest: int = 5000

    def read(self, raw: Raw, name: str) -> str | None:
        """The string, or None when it is empty."""
        text = _text(raw, name)
        if len(text) > self.longest:
            shown = f"{text[:5]}...{text[-5:]}"
            raise invalid(f"Invalid string: {shown}; must be at most {self.longest} characters", param=name)
        return text or None


@dataclass(frozen=True)
class Integer:
    """A whole number within bounds, both included."""

    least: int | None = None
    most: int | None = None

    def read(self, raw: Raw, name: str) -> int:
        """The number."""
        text = _text(raw, name)
        if not text.removeprefix("-").isdecimal():
            raise invalid(f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
        number = int(text)
        if self.least is not None and number < self.least:
            message = f"This value must be greater than or equal to {self.least}."
            raise invalid(message, code="parameter_invalid_integer", param=name)
        if self.most is not None and number > self.most:
            message = f"This value must be less than or equal to {self.most}."
            raise invalid(message, code="parameter_invalid_integer", param=name)
        return number


@dataclass(frozen=True)
class Flag:
    """`true` or `false`."""

    def read(self, raw: Raw, name: str) -> bool:
        """The truth value."""
        text = _text(raw, name)
        if text not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {text}", param=name)
        return text == "true"


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, raw: Raw, name: str) -> str:
        """The word."""
        text = _text(raw, name)
        if text not in self.words:
            raise invalid(f"Invalid {name}: must be one of {', '.join(self.words)}", param=name)
        return text


@dataclass(frozen=True)
class Currency:
    """A currency the stand-in counts in, lower case."""

    def read(self, raw: Raw, name: str) -> str:
        """The three letters."""
        text = _text(raw, name).lower()
        if text not in CURRENCIES:
            message = f"Invalid currency: {text}. Stripe currently supports these currencies: {', '.join(CURRENCIES)}"
            raise invalid(message, param=name)
        return text


@dataclass(frozen=True)
class Sequence:
    """A list: `name[0]=…`, `name[]=…`; the empty string is the empty list."""

    item: Kind

    def read(self, raw: Raw, name: str) -> list[Any]:
        """The list, in the order of its indices."""
        if raw == "":
            return []
        if isinstance(raw, str) or not all(key.isdecimal() for key in raw):
            raise invalid("Invalid array", param=name)
        return [self.item.read(raw[key], f"{name}[{key}]") for key in sorted(raw, key=int)]


@dataclass(frozen=True)
class Metadata:
    """Up to 50 keys of 40 characters with values of 500; an empty value removes its key, an empty hash all of them."""

    def read(self, raw: Raw, name: str) -> dict[str, str | None] | None:
        """New values by key, None for a key to remove; None to remove them all."""
        if raw == "":
            return None
        if isinstance(raw, str):
            raise invalid(f"Invalid hash: {raw}", code="parameter_invalid_empty", param=name)
        if len(raw) > _KEYS:
            raise invalid(f"You can have up to {_KEYS} metadata keys.", param=name)
        read: dict[str, str | None] = {}
        for key, value in raw.items():
            place = f"{name}[{key}]"
            if len(key) > _KEY_LENGTH:
                raise invalid(f"Metadata keys must be under {_KEY_LENGTH} characters long: {key}", param=place)
            text = _text(value, place)
            if len(text) > _VALUE_LENGTH:
                raise invalid(f"Metadata values must be under {_VALUE_LENGTH} characters: {key}", param=place)
            read[key] = text or None
        return read


@dataclass(frozen=True)
class TimeRange:
    """A creation time: exactly, or by gt, gte, lt, lte; in seconds."""

    def read(self, raw: Raw, name: str) -> tuple[int, int]:
        """First and last second, both included."""
        if isinstance(raw, str):
            second = Integer().read(raw, name)
            return second, second
        bounds = Hash({word: Integer() for word in ("gt", "gte", "lt", "lte")}).read(raw, name)
        return (
            max(bounds.get("gte", 0), bounds.get("gt", -1) + 1),
            min(bounds.get("lte", 2**53), bounds.get("lt", 2**53) - 1),
        )


@dataclass(frozen=True)
class Hash:
    """Named parameters; those in `required` must be there, and no others than `fields` may be."""

    fields: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, raw: Raw, name: str = "") -> Body:
        """The values that were given, by name."""
        if isinstance(raw, str):
            if raw == "":
                return {}
            raise invalid("Invalid object", param=name)
        unknown = [self._place(name, key) for key in raw if key not in self.fields]
        if unknown:
            raise _unknown(unknown)
        for key in self.required:
            if raw.get(key, "") == "":
                place = self._place(name, key)
                raise invalid(f"Missing required param: {place}.", code="parameter_missing", param=place)
        return {key: self.fields[key].read(value, self._place(name, key)) for key, value in raw.items()}

    def __or__(self, other: "Hash") -> "Hash":
        """Both schemas' parameters."""
        return Hash({**self.fields, **other.fields}, self.required + other.required)

    @staticmethod
    def _place(name: str, key: str) -> str:
        return f"{name}[{key}]" if name else key


def _unknown(names: list[str]) -> ApiError:
    plural = "s" if len(names) > 1 else ""
    message = f"Received unknown parameter{plural}: {', '.join(names)}"
    return invalid(message, code="parameter_unknown", param=names[0])


EXPAND = Hash({"expand": Sequence(Text())})
CURSOR = Hash({"limit": Integer(1, 100), "starting_after": Text(), "ending_before": Text()})
PAGE = CURSOR | Hash({"created": TimeRange()})
ADDRESS = Hash({word: Text() for word in ("city", "country", "line1", "line2", "postal_code", "state")})


def merge_metadata(old: Mapping[str, str] | None, given: Body) -> dict[str, str]:
    """An object's metadata after a request with the parameters `given`."""
    if "metadata" not in given:
        return dict(old or {})
    if given["metadata"] is None:
        return {}
    merged = {**(old or {}), **given["metadata"]}
    return {key: value for key, value in merged.items() if value is not None}
