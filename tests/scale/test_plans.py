"""Every query clients make finds its rows by an index, as the user, under row-level security."""

import dataclasses

import pytest

from bench.plans import Explainer
from bench.queries import Cast, Query, queries

NAMES = [query.name for query in queries(Cast(**dict.fromkeys((field.name for field in dataclasses.fields(Cast)), "")))]


@pytest.fixture(scope="module")
def asked(cast: Cast) -> dict[str, Query]:
    return {query.name: query for query in queries(cast)}


@pytest.mark.parametrize("name", NAMES)
def test_a_query_reads_no_large_table_from_end_to_end(asked: dict[str, Query], explainer: Explainer, name: str) -> None:
    seen = explainer.run(asked[name])
    assert seen.faults == (), seen.scans


def test_the_six_measured_queries_are_among_them(asked: dict[str, Query]) -> None:
    assert {query.group for query in asked.values()} - {""} == {
        "reader directory",
        "my sessions",
        "my statement",
        "a conversation's last page",
        "forum search",
        "a reader's free slots",
    }


def test_a_sequential_scan_of_a_large_table_is_seen(explainer: Explainer, cast: Cast) -> None:
    seen = explainer.run(
        Query("bad", "select count(*) from public.forum_replies where length(content) = 7", cast.client)
    )
    assert any("sequential scan of forum_replies" in fault for fault in seen.faults)


def test_a_scan_inside_a_function_is_seen(explainer: Explainer) -> None:
    seen = explainer.run(Query("directory", "select public.reader_directory()", ""))
    assert "readers_directory" in seen.scans


def test_months_that_a_query_cannot_need_are_not_opened(explainer: Explainer, cast: Cast) -> None:
    unbounded = Query("all", f"select id from public.audit_logs where user_id = '{cast.admin}'", cast.admin, months=1)
    assert "months opened" in "".join(explainer.run(unbounded).faults)
