"""Writes `supabase/schema.sql`: what the migrations together amount to, read from the catalogue of a database.

It is for reading and for comparing, not for running: functions stand in it by signature and digest. A change of the
schema shows in it as a change of a few lines, whatever migration it came from.
"""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row

from stack.paths import PROJECT_ROOT

PLACE = PROJECT_ROOT / "supabase" / "schema.sql"
_QUERY = Path(__file__).with_suffix(".sql")
_SECTIONS = ("extensions", "schemas", "types", "tables", "views", "sequences", "functions", "publications")
_HEADER = """-- Made by `soulseer schema build`: what the migrations amount to. Functions stand by signature and digest.
-- For reading and comparing; what runs is in migrations/.
"""
_RULE = "-" * 70


@dataclass(frozen=True, slots=True)
class _Object:
    """A row of snapshot.sql, which says what its columns mean."""

    section: str
    owner: str
    rank: int
    text: str


def read(database: psycopg.Connection[Any]) -> str:
    """Return the snapshot as a connection of the role postgres sees it, whose search_path is empty afterwards.

    Locale, time zone and day leave it the same.
    """
    database.execute("set search_path = ''")
    rows = database.cursor(row_factory=class_row(_Object)).execute(_QUERY.read_bytes()).fetchall()
    parts = [_HEADER]
    rows.sort(key=lambda row: (_SECTIONS.index(row.section), row.owner, row.rank, row.text))
    for section, objects in groupby(rows, key=lambda row: row.section):
        parts.append(f"\n{_RULE}\n-- {section.capitalize()}\n{_RULE}\n")
        for _, lines in groupby(objects, key=lambda row: row.owner):
            parts.append("\n" + "".join(f"{line.text.rstrip()}\n" for line in lines))
    return "".join(parts)


def text_of(dsn: str) -> str:
    """Return the snapshot of the database at `dsn`."""
    with psycopg.connect(dsn) as database:
        return read(database)


def build(dsn: str) -> list[Path]:
    """Write the snapshot of the database at `dsn` if it differs, and return what was written."""
    text = text_of(dsn)
    if PLACE.exists() and PLACE.read_text() == text:
        return []
    PLACE.write_text(text)
    return [PLACE]
