"""The reader directory: each filter, pages that are stable and whole, and validators that a browser or CDN honours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from stack.scale.world import Shape, grow, plant
from stack.worlds import World
from tests.sql.marketplace import RefusedError

Reader = dict[str, Any]
PATH = "/rpc/reader_directory"


@pytest.fixture(scope="module")
def directory(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[World]:
    """A world of 300 readers behind a gateway."""
    with make_world(with_gateway=True) as opened:
        plant(opened.dsn)
        grow(opened.superuser_dsn, Shape(600, 300, 300, 10, 10), lambda _what, _done, _total: None)
        yield opened


@pytest.fixture(scope="module")
def profiles(directory: World) -> list[Reader]:
    """Every verified reader, best rated first, as the table says."""
    query = "/readers?is_verified=is.true&order=average_rating.desc,user_id.desc"
    found: list[Reader] = httpx.get(directory.rest_url + query).json()
    assert len(found) > 200
    return found


def get(world: World, **filters: Any) -> httpx.Response:
    return httpx.get(world.rest_url + PATH, params={f"p_{name}": value for name, value in filters.items()})


def page(world: World, **filters: Any) -> dict[str, Any]:
    answer = get(world, **filters)
    if answer.status_code != 200:
        raise RefusedError(answer)
    found: dict[str, Any] = answer.json()
    return found


def everyone(world: World, limit: int = 100, **filters: Any) -> list[str]:
    """Leaf through every page; answers the readers in the order of the pages."""
    ids: list[str] = []
    after: dict[str, str] = {}
    while True:
        found = page(world, limit=limit, **after, **filters)
        ids += [reader["reader_id"] for reader in found["readers"]]
        assert len(found["readers"]) <= limit
        if found["next"] is None:
            return ids
        after = {"after": found["next"]}


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Reader], bool]]] = {
    "none": ({}, lambda _: True),
    "specialty": ({"specialty": "tarot"}, lambda r: "tarot" in r["specialties"]),
    "language": ({"language": "ja"}, lambda r: "ja" in r["languages"]),
    "type": ({"type": "VIDEO"}, lambda r: "VIDEO" in r["session_types"]),
    "lowest price": ({"max_price": 199}, lambda r: min(r["pricing"].values()) <= 199),
    "price of a type": (
        {"type": "CALL", "max_price": 299},
        lambda r: "CALL" in r["session_types"] and r["pricing"]["CALL"] <= 299,
    ),
    "online": ({"online": "true"}, lambda r: r["status"] == "ONLINE"),
    "not only online": ({"online": "false"}, lambda _: True),
    "rating": ({"min_rating": 3.5}, lambda r: r["average_rating"] >= 3.5),
    "text": ({"text": "kitchens"}, lambda r: "kitchens" in r["bio"]),
    "name": ({"text": "Tamar"}, lambda r: r["first_name"] == "Tamar"),
    "no text": ({"text": ""}, lambda _: True),
    "specialty and more": (
        {"specialty": "tarot", "language": "de", "type": "CHAT"},
        lambda r: {"tarot", "de", "CHAT"} <= {*r["specialties"], *r["languages"], *r["session_types"]},
    ),
    "language and more": (
        {"language": "en", "online": "true", "min_rating": 1},
        lambda r: "en" in r["languages"] and r["status"] == "ONLINE" and r["average_rating"] >= 1,
    ),
    "several": (
        {"type": "CHAT", "language": "en", "online": "true", "max_price": 500, "min_rating": 1},
        lambda r: r["status"] == "ONLINE" and min(r["pricing"].values()) <= 500 and r["average_rating"] >= 1
        and "CHAT" in r["session_types"] and r["pricing"]["CHAT"] <= 500,
    ),
    "nobody": ({"specialty": "plumbing"}, lambda _: False),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_whom_it_should_and_nobody_else(directory: World, profiles: list[Reader], name: str) -> None:
    filters, fits = FILTERS[name]
    expected = [reader["user_id"] for reader in profiles if fits(reader)]
    assert bool(expected) == (name != "nobody")
    assert everyone(directory, **filters) == expected


@pytest.mark.parametrize("limit", [1, 7, 24, 100])
def test_pages_of_any_size_hold_everyone_once_in_one_order(
    directory: World, profiles: list[Reader], limit: int
) -> None:
    filters = {"type": "VIDEO"} if limit == 1 else {}
    expected = [r["user_id"] for r in profiles if not filters or "VIDEO" in r["session_types"]]
    assert everyone(directory, limit, **filters) == expected


def test_a_reader_who_joins_meanwhile_moves_nobody_to_another_page(directory: World, profiles: list[Reader]) -> None:
    first = page(directory, limit=10)
    with directory.connect() as database:
        database.execute("update public.readers set average_rating = 5 where user_id = %s", [profiles[-1]["user_id"]])
        try:
            second = page(directory, limit=10, after=first["next"])
        finally:
            database.execute(
                "update public.readers set average_rating = %s where user_id = %s",
                [profiles[-1]["average_rating"], profiles[-1]["user_id"]],
            )
    assert [r["reader_id"] for r in second["readers"]] == [r["user_id"] for r in profiles[10:20]]


def test_a_card_shows_what_the_profile_says(directory: World, profiles: list[Reader]) -> None:
    (card,) = page(directory, limit=1)["readers"]
    profile = {**profiles[0], "reader_id": profiles[0]["user_id"]}
    assert card == {name: profile[name] for name in card}
    assert set(card) >= {"first_name", "headline", "pricing", "status", "average_rating", "languages", "session_types"}


def test_a_reader_who_is_not_verified_is_not_shown(directory: World) -> None:
    hidden = httpx.get(f"{directory.rest_url}/readers?is_verified=is.false").json()
    assert hidden
    assert not {r["user_id"] for r in hidden} & set(everyone(directory))


@pytest.mark.parametrize(
    "filters",
    [
        {"limit": 0},
        {"limit": 101},
        {"after": "nonsense"},
        {"after": "5.00_nonsense"},
        {"after": "9.99_01800000-0000-7002-8000-000000000001"},
        {"text": "x" * 201},
    ],
)
def test_an_argument_out_of_range_is_refused_by_its_code(directory: World, filters: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as caught:
        page(directory, **filters)
    assert (caught.value.status, caught.value.code, caught.value.sqlstate) == (400, "invalid_argument", "PT400")


def test_an_argument_of_another_type_is_refused(directory: World) -> None:
    assert get(directory, type="TELEPATHY").status_code == 400
    assert get(directory, max_price="cheap").status_code == 400


def test_filters_follow_a_profile_that_changes(directory: World, profiles: list[Reader]) -> None:
    reader = profiles[3]["user_id"]

    def found(**filters: Any) -> bool:
        return reader in everyone(directory, **filters)

    with directory.connect() as database:
        for column, value, filters, expected in [
            ("specialties", ["lanterns"], {"specialty": "lanterns"}, True),
            ("languages", ["is"], {"language": "is"}, True),
            ("average_rating", 4.99, {"specialty": "lanterns", "min_rating": 4.99}, True),
            ("status", "ONLINE", {"specialty": "lanterns", "online": "true"}, True),
            ("status", "AWAY", {"specialty": "lanterns", "online": "true"}, False),
            ("is_verified", False, {"specialty": "lanterns"}, False),
            ("is_verified", True, {"language": "is"}, True),
            ("specialties", ["tarot"], {"specialty": "lanterns"}, False),
        ]:
            database.execute(f"update public.readers set {column} = %s where user_id = %s".encode(), [value, reader])
            assert found(**filters) is expected, (column, value)
        for column in ("specialties", "languages", "average_rating", "status"):
            change = f"update public.readers set {column} = %s where user_id = %s".encode()
            database.execute(change, [profiles[3][column], reader])


# Caching ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["postgrest", "gateway"])
def ask(directory: World, request: pytest.FixtureRequest) -> Callable[..., httpx.Response]:
    """Ask for the first page, straight or through the gateway."""
    url = directory.rest_url if request.param == "postgrest" else f"{directory.api_url}/rest/v1"
    key = {} if request.param == "postgrest" else {"apikey": directory.keys.publishable_key}

    def call(path: str = PATH, **headers: str) -> httpx.Response:
        return httpx.get(url + path, headers={**key, **{name.replace("_", "-"): v for name, v in headers.items()}})

    return call


def test_a_page_may_be_kept_and_names_its_validator(ask: Callable[..., httpx.Response]) -> None:
    answer = ask()
    assert answer.headers["Cache-Control"] == "public, max-age=5, stale-while-revalidate=30"
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_page_that_is_known_is_answered_304_without_a_body(ask: Callable[..., httpx.Response]) -> None:
    known = ask().headers["ETag"]
    for validator in (known, f'"other", {known}', f"W/{known}", "*"):
        answer = ask(If_None_Match=validator)
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["ETag"] == known
        assert answer.headers["Cache-Control"].startswith("public, max-age=5")


def test_another_page_or_a_changed_profile_is_answered_anew(
    ask: Callable[..., httpx.Response], directory: World, profiles: list[Reader]
) -> None:
    known = ask().headers["ETag"]
    assert ask(f"{PATH}?p_limit=3", If_None_Match=known).status_code == 200
    headline = profiles[0]["headline"]
    with directory.connect() as database:
        change = "update public.readers set headline = %s where user_id = %s"
        database.execute(change, ["Something new", profiles[0]["user_id"]])
        try:
            answer = ask(If_None_Match=known)
        finally:
            database.execute(change, [headline, profiles[0]["user_id"]])
    assert answer.status_code == 200
    assert answer.headers["ETag"] != known
    assert answer.json()["readers"][0]["headline"] == "Something new"
    assert ask().headers["ETag"] == known


def test_a_refusal_is_never_kept(ask: Callable[..., httpx.Response]) -> None:
    answer = ask(f"{PATH}?p_limit=0")
    assert answer.status_code == 400
    assert "ETag" not in answer.headers
    assert "public" not in answer.headers.get("Cache-Control", "")
