"""Every model, field, enum and relation of the specification is in the database, or the fixture says where instead."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.schema.specification import ENUMS, FIELDS, RELATIONS, TABLES, UNIQUE, Field

Catalogue = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Column:
    type: str
    is_required: bool
    of_view: bool


@pytest.fixture(scope="module")
def columns(catalogue: Catalogue) -> dict[str, Column]:
    rows = catalogue.execute(
        """
        select format('%s.%s.%s', n.nspname, c.relname, a.attname), t.typname, a.attnotnull, c.relkind = 'v'
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        join pg_type t on t.oid = a.atttypid
        where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v')
        """
    )
    return {name: Column(kind, required, of_view) for name, kind, required, of_view in rows}


def test_the_fixture_has_the_24_models_and_14_enums() -> None:
    assert (len(TABLES), len(ENUMS)) == (24, 14)


@pytest.mark.parametrize(("model", "table"), TABLES.items(), ids=TABLES)
def test_a_model_is_a_table_or_a_view_over_one(catalogue: Catalogue, model: str, table: str) -> None:
    found = catalogue.execute("select relkind from pg_class where oid = to_regclass(%s)", (table,)).fetchone()
    assert found is not None, f"{model} has no {table}"
    assert found[0] in {"r", "p", "v"}


@pytest.mark.parametrize("model", TABLES)
def test_a_models_fields_are_columns_of_fitting_types(columns: dict[str, Column], model: str) -> None:
    fields = [field for field in FIELDS if field.model == model]
    assert [field.place for field in fields if field.place not in columns] == []
    assert [told for field in fields if (told := _difference(field, columns[field.place]))] == []


def _difference(field: Field, column: Column) -> str:
    """Say what differs from the specification without a reason in the fixture."""
    if field.why:
        return ""
    if not field.place.startswith(f"{TABLES[field.model]}."):
        return f"{field.name} lives in {field.place}"
    if column.type not in field.kept_in:
        return f"{field.name} is {field.type}, {field.place} is {column.type}"
    if not field.is_optional and not column.is_required and not column.of_view:
        return f"{field.name} is required, {field.place} may be null"
    return ""


@pytest.mark.parametrize("name", ENUMS)
def test_an_enum_has_the_labels_of_the_specification_in_their_order(catalogue: Catalogue, name: str) -> None:
    enum = ENUMS[name]
    found = catalogue.execute(
        "select enumlabel from pg_enum where enumtypid = to_regtype(%s) order by enumsortorder", (enum.type,)
    )
    labels = [row[0] for row in found]
    assert [label for label in labels if label in enum.labels] == list(enum.labels)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: f"{relation.model}.{relation.name}")
def test_a_relation_is_a_foreign_key(catalogue: Catalogue, relation: Any) -> None:
    table, _, column = relation.column.rpartition(".")
    found = catalogue.execute(
        """
        select k.conname
        from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
        where k.contype = 'f' and k.conrelid = to_regclass(%s) and a.attname = %s and k.confrelid = to_regclass(%s)
        """,
        (table, column, relation.table),
    ).fetchall()
    assert found, f"{relation.column} does not refer to {relation.table}"


@pytest.mark.parametrize("places", UNIQUE, ids=",".join)
def test_what_is_unique_in_the_specification_is_unique(catalogue: Catalogue, places: tuple[str, ...]) -> None:
    table = places[0].rpartition(".")[0]
    names = sorted(place.rpartition(".")[2] for place in places)
    found = catalogue.execute(
        """
        select array_agg(a.attname::text order by a.attname)
        from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indrelid = to_regclass(%s) and i.indisunique
          and (i.indpred is null or i.indrelid = 'auth.users'::regclass)
        group by i.indexrelid
        """,
        (table,),
    )
    assert names in [row[0] for row in found]
