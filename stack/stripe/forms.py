"""Stripe's form encoding: `card[number]=…`, `expand[0]=…`, `expand[]=…` into nested dictionaries of strings.

Lists stay dictionaries keyed by index here: only a parameter's schema knows whether `metadata[0]` is a list.
"""

import re
from typing import TypeAlias
from urllib.parse import parse_qsl

from stack.stripe.errors import invalid

Raw: TypeAlias = "str | dict[str, Raw]"

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def decode(text: str) -> dict[str, Raw]:
    """Parameters of a query string or a body; raises ApiError for a key that is no parameter path."""
    tree: dict[str, Raw] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        matched = _KEY.match(key)
        if matched is None:
            raise invalid(f"Invalid request (check that your POST parameters are properly encoded): {key}")
        head, tail = matched.groups()
        _place(tree, [head, *re.findall(r"\[([^\[\]]*)\]", tail)], value, key)
    return tree


def _place(tree: dict[str, Raw], path: list[str], value: str, key: str) -> None:
    for part in path[:-1]:
        branch = tree.setdefault(part, {})
        if isinstance(branch, str):
            raise invalid(f"Invalid hash: {key}", param=path[0])
        tree = branch
    last = path[-1]
    tree[last if last or len(path) == 1 else str(len(tree))] = value
