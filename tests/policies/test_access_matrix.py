"""Every cell of the access matrix on tables and views, tried through the API by everyone of the cast."""

from collections.abc import Iterator

from stack.access import Right
from tests.policies.attempts import inserts, value
from tests.policies.cast import Actor
from tests.policies.stage import Facts, Stage
from tests.policies.wire import Answer, Call


def _may(rights: list[Right], actor: Actor, facts: Facts) -> bool:
    return any(right.holds(actor.caller, facts.of(actor), facts.rows) for right in rights)


def _granted(rights: list[Right], actor: Actor) -> bool:
    return any(right.is_for(actor.caller.role) for right in rights)


def test_the_matrix_and_the_catalogue_name_the_same_tables_and_columns(stage: Stage) -> None:
    assert set(stage.matrix.tables) == set(stage.columns)
    unknown = [
        f"{name}.{column}"
        for name, table in stage.matrix.tables.items()
        for columns in ([table.key], table.hidden, *table.insert.values(), *table.update.values())
        for column in columns
        if column not in stage.columns[name]
    ]
    assert unknown == []


def test_there_are_rows_of_every_kind_to_try(stage: Stage) -> None:
    missing = [
        f"{name}: {kind}"
        for name, table in stage.matrix.tables.items()
        for kind in table.rows
        if not {True, False} <= {kind in facts.rows for facts in stage.facts[name]} and not kind.startswith("of_a_")
    ]
    assert missing == []
    assert [name for name, facts in stage.facts.items() if not facts] == []


def test_every_right_is_somebodys_and_refused_to_somebody(stage: Stage) -> None:
    insertions = list(_insertions(stage))
    idle = []
    for name, table in stage.matrix.tables.items():
        there = [(actor, facts) for actor in stage.cast for facts in stage.facts[name]]
        made = [(actor, facts) for _, of, actor, facts in insertions if of == name]
        rights = {"read": table.readers(), "update": table.updaters(), "delete": table.deleters()}
        tried = [(action, right, there) for action, held in rights.items() for right in held]
        tried += [("insert", right, made) for right in table.inserters()]
        for action, right, cells in tried:
            if {_may([right], actor, facts) for actor, facts in cells} != {True, False}:
                idle.append(f"{name}: {action} {right}")
    assert idle == []


def test_everyone_reads_the_rows_and_columns_they_may_and_no_other_row(stage: Stage) -> None:
    def wrong(answer: Answer, table: str, actor: Actor) -> str | None:
        rights = stage.matrix.tables[table].readers()
        if not _granted(rights, actor):
            return None if answer.is_denied(table) else str(answer)
        if not isinstance(answer.body, list):
            return str(answer)
        key = stage.matrix.tables[table].key
        expected = {facts.key for facts in stage.facts[table] if _may(rights, actor, facts)}
        seen = {str(row[key]) for row in answer.body}
        return f"{answer.call.what}: misses {expected - seen}, shows {seen - expected}" if expected != seen else None

    cells = [(name, actor) for name in stage.matrix.tables for actor in stage.cast]
    calls = [
        Call(f"{actor.name} reads {name}", "GET", f"/{name}?select={','.join(stage.shown(name, actor))}", actor.token)
        for name, actor in cells
    ]
    answers = stage.wire.send(calls)
    assert [fault for answer, cell in zip(answers, cells, strict=True) if (fault := wrong(answer, *cell))] == []


def test_nobody_reads_a_column_that_is_hidden(stage: Stage) -> None:
    cells = [
        (name, column, actor)
        for name, table in stage.matrix.tables.items()
        for column in stage.columns[name]
        for actor in stage.cast
        if column not in stage.shown(name, actor)
        or (actor.caller.role == "anon" and not _granted(table.readers(), actor))
    ]
    answers = stage.wire.send(
        Call(f"{actor.name} reads {name}.{column}", "GET", f"/{name}?select={column}&limit=1", actor.token)
        for name, column, actor in cells
    )
    assert [
        str(answer) for answer, (name, _, _) in zip(answers, cells, strict=True) if not answer.is_denied(name)
    ] == []


def test_nobody_gives_a_value_to_a_column_that_is_not_theirs_to_insert(stage: Stage) -> None:
    _refused_columns(stage, "POST")


def test_nobody_changes_a_column_that_is_not_theirs_to_update(stage: Stage) -> None:
    _refused_columns(stage, "PATCH")


def _refused_columns(stage: Stage, method: str) -> None:
    calls, names = [], []
    for name, columns in stage.columns.items():
        table = stage.matrix.tables[name]
        for column in columns:
            rights = table.inserters(column) if method == "POST" else table.updaters(column)
            for actor, facts in stage.strongest(name).items():
                if not _granted(rights, actor):
                    path = f"/{name}" if method == "POST" else f"/{name}?{table.key}=eq.{facts.key}"
                    what = f"{actor.name} {method} {name}.{column}"
                    calls.append(Call(what, method, path, actor.token, {column: None}))
                    names.append(name)
    wrong = [
        str(answer)
        for answer, name in zip(stage.wire.send(calls), names, strict=True)
        if not answer.is_denied(name) and answer.kind != "unwritable"
    ]
    assert wrong == []


def test_everyone_inserts_what_they_may_and_nothing_else(stage: Stage) -> None:
    cells = list(_insertions(stage))
    answers = stage.wire.send(call for call, _, _, _ in cells)
    wrong = []
    for answer, (_, name, actor, facts) in zip(answers, cells, strict=True):
        rights = stage.matrix.tables[name].inserters()
        if _may(rights, actor, facts):
            right = answer.kind == "done"
        else:
            right = answer.kind == "policy" if _granted(rights, actor) else answer.is_denied(name)
        if not right:
            wrong.append(str(answer))
    assert wrong == []


def _insertions(stage: Stage) -> Iterator[tuple[Call, str, Actor, Facts]]:
    for name, table in stage.matrix.tables.items():
        given: set[str] = set()
        for actor in stage.cast:
            owners = [actor] if actor.known else []
            owners.append(stage.cast["other_client" if actor.name == "client" else "client"])
            for owner in owners:
                for body in inserts(name, owner, stage.scenery):
                    given |= set(body)
                    facts = stage.describe(name, body)
                    what = f"{actor.name} inserts {name} as {owner.name}, {set(facts.rows)}"
                    call = Call(what, "POST", f"/{name}", actor.token, body)
                    yield call, name, actor, facts
        assert given == {column for columns in table.insert.values() for column in columns}, name


def test_everyone_updates_what_they_may_and_nothing_else(stage: Stage) -> None:
    cells = list(_updates(stage))
    answers = stage.wire.send(call for call, _, _, _ in cells)
    wrong = []
    for answer, (_, name, granted, allowed) in zip(answers, cells, strict=True):
        if allowed:
            right = answer.kind == "done"
        elif granted:
            # By a policy, which hides the row, or by a guard, which says so.
            right = answer.kind in ("empty", "policy") or answer.name == "permission_denied"
        else:
            right = answer.is_denied(name)
        if not right:
            wrong.append(f"{answer}, {'allowed' if allowed else 'refused'} by the matrix")
    assert wrong == []


def _updates(stage: Stage) -> Iterator[tuple[Call, str, bool, bool]]:
    """Yield an update of every column on a row of every kind there is for somebody."""
    for name, table in stage.matrix.tables.items():
        for column in sorted({column for columns in table.update.values() for column in columns}):
            rights = table.updaters(column)
            for actor in stage.cast:
                kinds = {(facts.of(actor), facts.rows): facts for facts in stage.facts[name]}
                for facts in kinds.values():
                    body = {column: value(name, column, facts.row, stage.scenery)}
                    path = f"/{name}?{table.key}=eq.{facts.key}&select={table.key}"
                    what = f"{actor.name} updates {name}.{column} as {set(facts.of(actor))} of {set(facts.rows)}"
                    call = Call(what, "PATCH", path, actor.token, body)
                    yield call, name, _granted(rights, actor), _may(rights, actor, facts)


def test_everyone_deletes_what_they_may_and_nothing_else(stage: Stage) -> None:
    cells = [(name, actor) for name in stage.matrix.tables for actor in stage.cast]
    answers = stage.wire.send(
        Call(f"{actor.name} deletes {name}", "DELETE", f"/{name}?{key}=not.is.null&select={key}", actor.token)
        for name, actor in cells
        for key in [stage.matrix.tables[name].key]
    )
    wrong = []
    for answer, (name, actor) in zip(answers, cells, strict=True):
        table = stage.matrix.tables[name]
        rights = table.deleters()
        if not _granted(rights, actor):
            if not answer.is_denied(name) and answer.kind != "unwritable":
                wrong.append(str(answer))
            continue
        expected = {facts.key for facts in stage.facts[name] if _may(rights, actor, facts)}
        gone = {str(row[table.key]) for row in answer.body} if isinstance(answer.body, list) else None
        if gone != expected:
            wrong.append(f"{answer}, expected {expected}")
    assert wrong == []
