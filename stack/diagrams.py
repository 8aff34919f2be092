"""Writes `docs/schema/`: for each domain an entity-relationship diagram, and what its tables hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg.rows import class_row

from stack.errors import StackError

# Which page a table is drawn on; one that is on none fails the build. In the order in which a newcomer would read them.
DOMAINS: Mapping[str, tuple[str, Sequence[str]]] = {
    "identity": (
        "People, what each shows and keeps private, and what they agreed to.",
        (
            "public.users", "public.clients", "public.readers", "private.directory_entries", "public.reader_accounts",
            "public.admins", "public.reader_applications", "public.consents", "public.data_exports",
        ),
    ),
    "sessions": (
        "Paid conversations: appointments, leases, meters, presence, reviews.",
        (
            "public.sessions", "public.availability", "public.bookings", "public.wait_list", "public.reviews",
            "private.meters", "private.presence", "private.presence_gaps", "private.session_log",
            "private.leases", "private.appointments", "public.recording_consents",
        ),
    ),
    "money": (
        "The double-entry ledger, the events people see of it, payouts, promotions, and the doors to Stripe.",
        (
            "ledger.accounts", "ledger.transfers", "ledger.holds", "ledger.rules", "ledger.earnings",
            "ledger.reversals", "ledger.card_returns", "ledger.lot_claims", "ledger.house_days",
            "public.transactions", "public.money_approvals", "public.payouts", "public.payout_attempts",
            "private.transfer_reversals", "private.platform_payouts",
            "private.card_refunds", "private.refund_attempts", "private.disputes", "private.wallet_freezes",
            "private.stripe_movements", "private.reconciliations", "private.reconciliation_differences",
            "private.account_readings",
            "public.promo_codes", "public.promo_redemptions", "private.promo_attempts", "public.cards",
            "public.auto_reloads", "private.reload_attempts", "private.stripe_customers", "private.stripe_events",
            "private.object_sequences", "private.outbox", "private.idempotency",
        ),
    ),
    "shop": ("Products and orders.", ("public.products", "public.orders", "public.order_items")),
    "live": (
        "Live streams and gifts.",
        (
            "public.live_streams", "private.stream_viewers", "private.untold_gifts", "public.virtual_gifts",
            "public.gift_purchases", "public.gifts",
        ),
    ),
    "messages": (
        "End-to-end encrypted messages, and the keys they need.",
        (
            "public.conversations", "public.messages", "public.paid_messages", "public.chat_messages",
            "public.user_keys", "public.conversation_keys", "public.key_backups",
        ),
    ),
    "community": (
        "The forum, and how people find, avoid and report one another.",
        (
            "public.forum_categories", "public.forum_posts", "public.forum_replies", "private.post_views",
            "public.favorites", "public.blocks", "public.reports", "public.notifications",
            "public.notification_preferences", "private.notification_kinds",
        ),
    ),
    "platform": (
        "Settings, the audit record, and the list of refusals.",
        ("public.system_settings", "public.audit_logs", "private.audit_seals", "private.error_codes"),
    ),
}  # fmt: skip

_SQL_NAMES = {"int8": "bigint", "int4": "integer", "int2": "smallint", "bool": "boolean", "bpchar": "char"}
_INDEX = """# Schema

Made by `soulseer docs build` from the catalogue. `supabase/schema.sql` has every detail.

| domain | what | tables |
| --- | --- | --- |
"""
_HEADER = "Made by `soulseer docs build` from the catalogue."

_TABLES: LiteralString = """
select format('%I.%I', n.nspname, c.relname) as name, coalesce(obj_description(c.oid, 'pg_class'), '') as comment
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'private', 'ledger', 'worker_api') and c.relkind in ('r', 'p') and not c.relispartition
order by 1
"""

_COLUMNS: LiteralString = """
select format('%I.%I', n.nspname, c.relname) as of_table, a.attname as name, t.typname as type,
       coalesce(col_description(c.oid, a.attnum), '') as comment,
       exists (select from pg_constraint k
               where k.conrelid = c.oid and k.contype = 'p' and a.attnum = any (k.conkey)) as is_primary,
       exists (select from pg_constraint k
               where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)) as is_foreign,
       exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and not i.indisprimary
               and i.indnkeyatts = 1 and i.indkey[0] = a.attnum) as is_unique
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid
where n.nspname in ('public', 'private', 'ledger', 'worker_api') and c.relkind in ('r', 'p') and not c.relispartition
  and a.attnum > 0 and not a.attisdropped
order by 1, a.attnum
"""

_REFERENCES: LiteralString = """
select format('%I.%I', n.nspname, c.relname) as of_table, format('%I.%I', m.nspname, f.relname) as to_table,
       (select string_agg(a.attname, ', ' order by p.place)
        from unnest(k.conkey) with ordinality p (number, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = p.number) as columns,
       exists (select from pg_attribute a
               where a.attrelid = c.oid and a.attnum = any (k.conkey) and not a.attnotnull) as is_optional,
       exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indpred is null
               and (i.indkey::smallint[])[0:i.indnkeyatts - 1] <@ k.conkey) as is_single
from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class f on f.oid = k.confrelid join pg_namespace m on m.oid = f.relnamespace
where k.contype = 'f' and k.conparentid = 0 and not c.relispartition
  and n.nspname in ('public', 'private', 'ledger', 'worker_api')
order by 1, 3
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its qualified name and its comment."""

    name: str
    comment: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its table, what it is, and the keys it is part of."""

    of_table: str
    name: str
    type: str
    comment: str
    is_primary: bool
    is_foreign: bool
    is_unique: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key; `is_single` when at most one row may refer to a row."""

    of_table: str
    to_table: str
    columns: str
    is_optional: bool
    is_single: bool


def pages(database: psycopg.Connection) -> dict[str, str]:
    """Return each page by its place below `docs/`.

    Raises:
        StackError: a table stands in no domain, or a domain names one that is not there.
    """
    tables = database.cursor(row_factory=class_row(Table)).execute(_TABLES).fetchall()
    columns = database.cursor(row_factory=class_row(Column)).execute(_COLUMNS).fetchall()
    references = database.cursor(row_factory=class_row(Reference)).execute(_REFERENCES).fetchall()
    _require_all({table.name for table in tables})
    made = {"schema/README.md": _index()}
    for domain, (what, names) in DOMAINS.items():
        drawn = [table for name in names for table in tables if table.name == name]
        made[f"schema/{domain}.md"] = _page(domain, what, drawn, columns, references)
    return made


def _require_all(there: set[str]) -> None:
    drawn = {name for _, names in DOMAINS.values() for name in names}
    if there != drawn:
        raise StackError(
            f"Tables and domains differ: {', '.join(sorted(there ^ drawn))}.",
            "Every table stands in exactly one domain of stack/diagrams.py.",
        )


def _index() -> str:
    lines = [_INDEX]
    for domain, (what, names) in DOMAINS.items():
        lines.append(f"| [{domain}]({domain}.md) | {what} | {', '.join(f'`{_short(name)}`' for name in names)} |\n")
    return "".join(lines)


def _page(
    domain: str, what: str, drawn: Sequence[Table], columns: Iterable[Column], references: Iterable[Reference]
) -> str:
    names = {table.name for table in drawn}
    own = [column for column in columns if column.of_table in names]
    # Only what begins here: that others refer to a person or a session is drawn on their pages.
    edges = [reference for reference in references if reference.of_table in names]
    parts = [f"# Schema: {domain}\n\n{_HEADER} {what}\n\n```mermaid\nerDiagram\n"]
    parts += [_entity(table, own) for table in drawn]
    parts += [_edge(reference) for reference in edges]
    parts.append("```\n\n| table | holds |\n| --- | --- |\n")
    parts += [f"| `{_short(table.name)}` | {table.comment} |\n" for table in drawn]
    noted = [column for column in own if column.comment]
    if noted:
        parts.append("\n| column | note |\n| --- | --- |\n")
        parts += [f"| `{_short(column.of_table)}.{column.name}` | {column.comment} |\n" for column in noted]
    return "".join(parts)


def _short(name: str) -> str:
    """Return a table's name as clients know it: without the schema when that is public."""
    return name.removeprefix("public.")


def _entity(table: Table, columns: Iterable[Column]) -> str:
    # A name with a dot is written as an alias.
    label = _short(table.name)
    head = label if "." not in label else f'{_key(label)}["{label}"]'
    lines = [f"    {head} {{\n"]
    for column in columns:
        if column.of_table == table.name:
            marks = ("PK", column.is_primary), ("FK", column.is_foreign), ("UK", column.is_unique)
            keys = ", ".join(mark for mark, holds in marks if holds)
            lines.append(f"        {_type(column.type)} {column.name} {keys}".rstrip() + "\n")
    return "".join([*lines, "    }\n"])


def _key(label: str) -> str:
    return label.replace(".", "_")


def _type(name: str) -> str:
    """Return a type's name as SQL has it, in one word; the catalogue calls an array of x `_x`."""
    element = name.removeprefix("_")
    return _SQL_NAMES.get(element, element) + ("[]" if name.startswith("_") else "")


def _edge(reference: Reference) -> str:
    one = "|o" if reference.is_optional else "||"
    many = "o|" if reference.is_single else "o{"
    source, target = _key(_short(reference.to_table)), _key(_short(reference.of_table))
    return f'    {source} {one}--{many} {target} : "{reference.columns}"\n'
