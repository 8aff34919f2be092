"""What Postgres does for a query, calls inside functions included, as auto_explain reports it of the run itself."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.errors import Diagnostic

from bench.queries import Query, become

LARGE: Final = 10_000
_SETTINGS: Final = (
    b"load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;"
    b"set auto_explain.log_timing = off; set auto_explain.log_nested_statements = on;"
    b"set auto_explain.log_format = json; set auto_explain.log_level = notice; set client_min_messages = notice"
)
_MONTHLY: Final = re.compile(r"_\d{4}_\d{2}$")
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """A query as it ran.

    Attributes:
        query: which.
        rows: rows it answered.
        milliseconds: how long it took, the reporting included.
        scans: what it read, as "index or kind on relation", in the order of its plans.
        faults: what a client's query must not do: read a large relation from end to end, as it lies or through an
            index whose rows it then throws away.
    """

    query: Query
    rows: int
    milliseconds: float
    scans: tuple[str, ...]
    faults: tuple[str, ...]


class Explainer:
    """A connection that runs queries as their people and reports their plans."""

    def __init__(self, dsn: str) -> None:
        """Connect.

        Args:
            dsn: connection string of the superuser: only that one may load the reporter.
        """
        self._database = psycopg.connect(dsn, autocommit=True)
        self._database.execute(_SETTINGS)
        self._plans: list[Node] = []
        self._database.add_notice_handler(self._take)
        self._sizes = {
            str(name): float(str(rows))
            for name, rows in self._database.execute("select relname, reltuples from pg_class where reltuples > 0")
        }

    def close(self) -> None:
        """End the connection."""
        self._database.close()

    def _take(self, notice: Diagnostic) -> None:
        text = notice.message_primary or ""
        _, found, plan = text.partition("plan:\n")
        if found:
            self._plans.append(json.loads(plan)["Plan"])

    def run(self, query: Query) -> Explained:
        """Run a query as its user and say what Postgres did."""
        with self._database.transaction(force_rollback=True):
            become(self._database, query.user)
            self._plans.clear()
            begun = time.perf_counter()
            answered = self._database.execute(query.text.encode()).fetchall()
            elapsed = time.perf_counter() - begun
        nodes = [node for plan in self._plans for node in _nodes(plan)]
        scans = dict.fromkeys(_scan(node) for node in nodes if "Relation Name" in node or "Index Name" in node)
        faults = [*self._faults(nodes), *_unpruned(query, nodes)]
        return Explained(query, len(answered), elapsed * 1000, tuple(scans), tuple(dict.fromkeys(faults)))

    def _faults(self, nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            relation = str(node.get("Relation Name", ""))
            if node["Node Type"] == "Seq Scan" and self._sizes.get(relation, 0) > LARGE:
                yield f"sequential scan of {relation}"
            sifted = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            sifted *= node.get("Actual Loops", 1)
            if sifted > LARGE:
                yield f"{sifted:.0f} rows of {relation} read and thrown away"


def _nodes(plan: Node) -> Iterator[Node]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _scan(node: Node) -> str:
    index = node.get("Index Name")
    return f"{index}" if index else f"{node['Node Type']} on {node['Relation Name']}"


def _unpruned(query: Query, nodes: list[Node]) -> Iterator[str]:
    opened = {
        str(node["Relation Name"])
        for node in nodes
        if _MONTHLY.search(str(node.get("Relation Name", ""))) and node.get("Actual Loops", 0) > 0
    }
    if query.months and len(opened) > query.months:
        yield f"{len(opened)} months opened, {query.months} would do"
