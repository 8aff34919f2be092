"""What is generated stands in the repository as the generator would write it."""

from stack import policies, reference
from stack.worlds import World


def test_the_pages_say_what_the_database_says(world: World) -> None:
    stale = [page.place.name for page in reference.pages(world.dsn) if page.place.read_text() != page.text]
    assert stale == [], "run `soulseer docs build`"


def test_the_newest_policies_migration_is_the_policies_folder() -> None:
    assert policies.newest().read_text() == policies.cut(), "run `soulseer policies build`"


def test_every_refusal_named_by_a_call_is_in_the_list_of_errors(world: World) -> None:
    with world.connect() as database:
        named = database.execute(
            """
            select distinct p.proname, code
            from pg_proc p, regexp_split_to_table(
                (regexp_match(obj_description(p.oid, 'pg_proc'), 'Refuses with ([a-z_, ]+)\\.'))[1], ',\\s*') code
            where p.pronamespace = 'public'::regnamespace
              and obj_description(p.oid, 'pg_proc') like '%Refuses with%'
              and code not in (select e.code from private.error_codes e)
            """
        ).fetchall()
    assert named == []
