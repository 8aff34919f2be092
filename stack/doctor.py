"""What `soulseer doctor` finds: which servers would run, from where, and what this machine does without."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stack.binaries import (
    Binary,
    find_caddy,
    find_deno,
    find_postgres,
    find_postgrest,
    find_supabase,
    find_valkey,
    missing_extensions,
)
from stack.docker import require_docker
from stack.errors import BinaryMissingError, DockerUnavailableError

_NEEDED = {"postgres", "postgrest", "valkey", "caddy", "supabase", "deno"}
_ALWAYS_LEFT_OUT = (
    "Extensions supabase_vault, pg_net, pg_cron, pgmq and pg_graphql: no package has them.",
    "safeupdate: an UPDATE or DELETE without WHERE passes here and is refused on hosted.",
    "supautils: postgres may write policies in storage and realtime as a member of their owners, which is looser.",
    "Supabase's Studio; Auth, Realtime, Storage and Stripe are stand-ins.",
    "The edge runtime: functions run in one Deno process, not an isolate each, without limits of time or memory.",
    "The connection pooler; services connect through PostgREST and the database directly.",
    "PostgREST is older than hosted's: what only newer ones have does not work here.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One server: empty version and path when it is missing, and then `source` says what to do."""

    name: str
    version: str
    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings.

    Attributes:
        findings: one for each server.
        left_out: what does not work on this machine, a sentence each.
        usable: whether `soulseer up` can work.
    """

    findings: list[Finding]
    left_out: list[str]
    usable: bool


def examine() -> Report:
    """Look for every server and ask each for its version. Starts none."""
    finders: dict[str, Callable[[], Binary]] = {
        "postgres": find_postgres,
        "postgrest": find_postgrest,
        "valkey": find_valkey,
        "caddy": find_caddy,
        "supabase": find_supabase,
        "deno": find_deno,
    }
    with ThreadPoolExecutor(max_workers=len(finders)) as looking:
        findings = list(looking.map(lambda pair: _look(*pair), finders.items()))
    left_out = list(_ALWAYS_LEFT_OUT)
    left_out += [f"{finding.name}: not installed." for finding in findings if not finding.version]
    left_out += _postgres_gaps()
    left_out += _docker_gap()
    usable = all(finding.version for finding in findings if finding.name in _NEEDED)
    return Report(findings, left_out, usable)


def _look(name: str, find: Callable[[], Binary]) -> Finding:
    try:
        found = find()
    except BinaryMissingError as error:
        return Finding(name, "", str(error), "")
    return Finding(name, found.version, found.source, str(found.path))


def _postgres_gaps() -> list[str]:
    try:
        missing = missing_extensions(find_postgres())
    except BinaryMissingError:
        return []
    return [f"Postgres lacks the extensions {', '.join(missing)}: migrations will fail."] if missing else []


def _docker_gap() -> list[str]:
    try:
        require_docker()
    except DockerUnavailableError as error:
        return [f"`soulseer up --docker`: {error.message}"]
    return []
