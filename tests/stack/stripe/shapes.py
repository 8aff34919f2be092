"""Stripe's published shapes: the `stripe` library's classes, and what a JSON body has that does not fit them.

The classes are generated from Stripe's own description: each field must exist there with a fitting type, and each field
that is not Optional there must be present.
"""

import ast
import importlib
import inspect
import sys
import typing
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from types import ModuleType, UnionType
from typing import Any, Literal, get_args, get_origin

import requests
import stripe
from stripe._object_classes import get_object_class


class Names(dict[str, Any]):
    """The names of one of the library's modules, those it imports for type checkers only as well."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(vars(module))
        self._imports: dict[str, tuple[str, str]] = {}
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for name in node.names:
                    self._imports[name.asname or name.name] = (node.module, name.name)

    def __missing__(self, name: str) -> Any:
        if name not in self._imports:
            raise KeyError(name)
        module, original = self._imports[name]
        return getattr(importlib.import_module(module), original)


@cache
def fields(cls: type) -> dict[str, Any]:
    """A class's own annotated fields with their types resolved."""
    module = sys.modules[cls.__module__]
    names = Names(module)
    scope: Any = module
    for part in cls.__qualname__.split("."):
        scope = getattr(scope, part)
        names.update({name: value for name, value in vars(scope).items() if inspect.isclass(value)})
    found = {}
    for name, annotation in inspect.get_annotations(cls).items():
        if name.startswith("_") or "ClassVar" in str(annotation):
            continue
        holder = type("Holder", (), {"__annotations__": {name: annotation}})
        found[name] = typing.get_type_hints(holder, {**vars(typing), "stripe": stripe}, names)[name]
    return found


def problems(value: Any, wanted: Any, place: str) -> Iterator[str]:  # noqa: C901, PLR0912 - any JSON
    """What is wrong with a JSON value at a place, against a type of the library."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return
    if origin in {typing.Union, UnionType}:
        if value is None:
            if type(None) not in arguments:
                yield f"{place}: null, but {wanted} is required"
            return
        choices = [choice for choice in arguments if choice is not type(None)]
        # `Literal[…] | str` is how the library says: these words are known, others may come. Here only known ones may.
        words = [choice for choice in choices if get_origin(choice) is Literal]
        choices = words or choices
        found = [list(problems(value, choice, place)) for choice in choices]
        if all(found):
            yield from min(found, key=len)
    elif wanted is Decimal:
        if not isinstance(value, str) or not Decimal(value).is_finite():
            yield f"{place}: {value!r} is no decimal in a string"
    elif origin is Literal:
        if value not in arguments:
            yield f"{place}: {value!r} is none of {arguments}"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{place}: {value!r} is no list"
            return
        for number, item in enumerate(value):
            yield from problems(item, arguments[0], f"{place}[{number}]")
    elif inspect.isclass(origin) and issubclass(origin, stripe.ListObject):
        if not isinstance(value, dict) or value.get("object") != "list":
            yield f"{place}: no list object"
            return
        for number, item in enumerate(value["data"]):
            yield from problems(item, arguments[0], f"{place}.data[{number}]")
    elif inspect.isclass(origin) or wanted.__name__ == "UntypedStripeObject":
        if not isinstance(value, dict):
            yield f"{place}: {value!r} is no hash"
        elif arguments:
            for key, item in value.items():
                yield from problems(item, arguments[0], f"{place}.{key}")
    elif issubclass(wanted, stripe.StripeObject):
        yield from object_problems(value, wanted, place)
    elif (wanted is int and isinstance(value, bool)) or not isinstance(value, wanted):
        yield f"{place}: {value!r} is no {wanted.__name__}"


def object_problems(value: Any, wanted: type, place: str) -> Iterator[str]:
    """What is wrong with a hash, against a class of the library."""
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no {wanted.__name__}"
        return
    known = fields(wanted)
    if get_origin(known.get("object")) is Literal and value.get("object") not in get_args(known["object"]):
        yield f"{place}: {value.get('object')!r} is no {wanted.__name__}"
        return
    for name, item in value.items():
        if name not in known:
            yield f"{place}.{name}: {wanted.__qualname__} has no such field"
        else:
            yield from problems(item, known[name], f"{place}.{name}")
    if value.get("deleted"):
        return
    for name, annotation in known.items():
        optional = type(None) in get_args(annotation) or annotation is Any
        if name not in value and not optional:
            yield f"{place}.{name}: missing, but {wanted.__qualname__} requires it"


def check(body: Any) -> list[str]:
    """What is wrong with an object, a list or an event, by what it says it is."""
    kind = body["object"]
    if kind == "list":
        return [problem for item in body["data"] for problem in check(item)]
    found = list(object_problems(body, get_object_class("V1", kind), kind))
    if kind == "event":
        found += check(body["data"]["object"])
    return found


def error_problems(body: Any) -> list[str]:
    """What is wrong with an error's body: it has a type and a message, and what the library's class of it knows."""
    error = body.get("error")
    if list(body) != ["error"] or not isinstance(error, dict):
        return [f"no error: {body!r}"]
    told = {name: value for name, value in error.items() if name not in {"payment_intent", "payment_method", "source"}}
    known = fields(stripe.ErrorObject)
    found = [f"error.{name}: no such field" for name in told if name not in known]
    found += [
        problem
        for name, value in told.items()
        if name in known
        for problem in problems(value, known[name], f"error.{name}")
    ]
    found += [f"error.{name}: missing" for name in ("type", "message") if not isinstance(error.get(name), str)]
    for name in ("payment_intent", "payment_method"):
        if name in error:
            found += check(error[name])
    return found


class Recorder(requests.Session):
    """A session that keeps every JSON answer."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[str, Any]] = []

    def request(self, *arguments: Any, **options: Any) -> requests.Response:
        response = super().request(*arguments, **options)
        self.answers.append((f"{arguments[0]} {arguments[1]}", response.json()))
        return response
