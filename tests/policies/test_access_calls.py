"""Every cell of the access matrix on functions, and tokens that are no good, on everything there is."""

import base64
import json
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from stack.access import PERMISSIONS, Function
from stack.keys import StackKeys
from tests.policies.attempts import Sample, samples
from tests.policies.cast import Actor
from tests.policies.stage import Stage
from tests.policies.wire import Answer, Call


def test_the_matrix_and_the_catalogue_name_the_same_functions(stage: Stage) -> None:
    found = stage.database.execute(
        "select pronamespace::regnamespace::text, array_agg(proname::text) from pg_proc "
        "where pronamespace in ('public'::regnamespace, 'worker_api'::regnamespace) group by 1"
    ).fetchall()
    named = {str(schema): sorted(names) for schema, names in found}
    assert named == {"public": sorted(stage.matrix.functions), "worker_api": sorted(stage.matrix.worker_api)}


def test_every_need_of_a_function_is_lacked_by_somebody_and_every_function_reached_by_somebody(stage: Stage) -> None:
    idle = []
    for name, function in stage.matrix.functions.items():
        outcomes = {
            _expected(stage, function, sample, actor) for sample in samples(name, stage.scenery) for actor in stage.cast
        }
        due = {stage.matrix.needs[need] for need in function.needs} | ({"reached"} if function.call else set())
        idle += [f"{name}: {outcome}" for outcome in sorted(due - outcomes)]
    assert idle == []


def test_everyone_reaches_the_functions_they_may_and_is_told_what_they_lack(stage: Stage) -> None:
    cells = [
        (name, function, sample, actor)
        for name, function in stage.matrix.functions.items()
        for sample in samples(name, stage.scenery)
        for actor in stage.cast
    ]
    answers = stage.wire.send(
        Call(f"{actor.name} calls {name} {sample.what}", "POST", f"/rpc/{name}", actor.token, sample.arguments)
        for name, _, sample, actor in cells
    )
    wrong = [
        f"{answer}, expected {expected}"
        for answer, (name, function, sample, actor) in zip(answers, cells, strict=True)
        for expected in [_expected(stage, function, sample, actor)]
        if not (answer.is_denied(name) if expected == "privilege" else _is(stage, answer, expected, function))
    ]
    assert wrong == []


def _expected(stage: Stage, function: Function, sample: Sample, actor: Actor) -> str:
    """Return `privilege`, the code of the first need somebody lacks, or `reached`."""
    if not any(right.holds(actor.caller, (), ()) for right in function.callers()):
        return "privilege"
    lacking = (stage.matrix.needs[need] for need in function.needs if not _meets(need, sample, actor))
    return next(lacking, "reached")


def _meets(need: str, sample: Sample, actor: Actor) -> bool:
    caller = actor.caller
    met = {
        "named": caller.named,
        "known": actor.known,
        "active": caller.active,
        "reader": actor.is_reader,
        "second_factor": actor.second_factor,
        **{permission: caller.active and permission in caller.permissions for permission in PERMISSIONS},
    }
    return met[need] if need in met else actor.id in sample.meets[need]


def _is(stage: Stage, answer: Answer, expected: str, function: Function) -> bool:
    if expected != "reached":
        return answer.name == expected
    # Past its needs a function may still refuse, for a reason of its own.
    of_a_need = {stage.matrix.needs[need] for need in function.needs}
    return answer.kind in ("done", "empty") or (answer.kind == "typed" and answer.name not in of_a_need)


def test_the_services_functions_are_reached_by_service_role_only(stage: Stage) -> None:
    found = stage.database.execute(
        "select proname::text, coalesce(proargnames[:pronargs]::text[], '{}') from pg_proc "
        "where pronamespace = 'worker_api'::regnamespace"
    ).fetchall()
    cells = [(str(name), dict.fromkeys(names), actor) for name, names in found for actor in stage.cast]
    answers = stage.wire.send(
        Call(f"{actor.name} calls worker_api.{name}", "POST", f"/rpc/{name}", actor.token, arguments, "worker_api")
        for name, arguments, actor in cells
    )
    # Nulls reach a function as well as anything: whatever it makes of them, it ran.
    wrong = [
        str(answer)
        for answer, (_, _, actor) in zip(answers, cells, strict=True)
        if (answer.kind in ("privilege", "unseen", "token")) == (actor.caller.role == "service_role")
    ]
    assert wrong == []


def test_no_schema_but_the_exposed_ones_is_shown_to_anyone(stage: Stage) -> None:
    schemas = ["private", "ledger", "auth", "storage", "realtime", "extensions", "graphql_public", "pg_catalog"]
    answers = stage.wire.send(
        Call(f"{actor.name} asks for {schema}{path}", "GET", path, actor.token, profile=schema)
        for schema in schemas
        for path in ("/accounts", "/rpc/now")
        for actor in stage.cast
    )
    assert [str(answer) for answer in answers if (answer.status, answer.code) != (406, "PGRST106")] == []


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _bad_tokens(keys: StackKeys, stage: Stage) -> dict[str, str]:
    """Return tokens nobody may enter with, each in the name of the administrator who may do everything."""
    admin = stage.cast["admin_with_every_permission"]
    claims = {"sub": admin.id, "role": "authenticated", "aud": "authenticated", "exp": 4102444800}
    named = {"kid": keys.signing_key["kid"]}
    header, _, signature = admin.token.split(".")
    public_key = jwt.PyJWK(keys.public_signing_key()).key.public_numbers()
    coordinates = public_key.x.to_bytes(32, "big") + public_key.y.to_bytes(32, "big")
    return {
        "expired": keys.user_token(admin.id, valid_for=-3600),
        "not valid yet": keys.user_token(admin.id, nbf=4102444800),
        "for another audience's key": jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", named),
        "signed by nobody": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.",
        "signed with the public key as a secret": jwt.encode(claims, coordinates, "HS256", named),
        "changed after signing": f"{header}.{_part({**claims, 'role': 'service_role'})}.{signature}",
        "no token": "sb_secret_guess",
    }


def test_expired_and_forged_tokens_open_nothing(stage: Stage) -> None:
    paths = [("GET", f"/{name}?limit=1", "public") for name in stage.matrix.tables]
    paths += [("POST", f"/rpc/{name}", "public") for name in stage.matrix.functions]
    paths += [("POST", f"/rpc/{name}", "worker_api") for name in stage.matrix.worker_api]
    answers = stage.wire.send(
        Call(f"{kind}: {method} {path}", method, path, token, {}, profile)
        for kind, token in _bad_tokens(stage.world.keys, stage).items()
        for method, path, profile in paths
    )
    assert [str(answer) for answer in answers if (answer.status, answer.kind) != (401, "token")] == []


_OTHER_ROLES = ["postgres", "supabase_admin", "authenticator", "supabase_auth_admin", "dashboard_user"]


@pytest.mark.parametrize("role", _OTHER_ROLES)
def test_a_token_may_name_no_other_role(stage: Stage, role: str) -> None:
    token = stage.world.token(str(uuid.uuid4()), role)
    paths = [f"/{name}?limit=1" for name in stage.matrix.tables]
    answers = stage.wire.send(Call(f"{role} {path}", "GET", path, token) for path in paths)
    assert [str(answer) for answer in answers if answer.status < 400] == []
