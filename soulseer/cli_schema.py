"""The commands that write files from the policies folder and the database: policies, docs, types, schema."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

policies = typer.Typer(no_args_is_help=True, help="Row-level security and grants, written in `policies/`.")
docs = typer.Typer(no_args_is_help=True, help="Pages of `docs/` that come out of the database.")
types = typer.Typer(no_args_is_help=True, help="Types of the public schema for clients, in `supabase/types/`.")
schema = typer.Typer(no_args_is_help=True, help="The whole schema in one file, `supabase/schema.sql`.")

Name = Annotated[str, typer.Option("--name", "-n", envvar="SOULSEER_STACK", help="The running stack to read.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for group, name in ((policies, "policies"), (docs, "docs"), (types, "types"), (schema, "schema")):
        app.add_typer(group, name=name)


def _write(name: str, build: Callable[[str], list[Path]]) -> None:
    """Run what writes files from a stack's database, and say which it wrote."""
    from stack.errors import StackError
    from stack.instance import Stack

    try:
        changed = build(Stack.named(name).env().db_url)
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo("\n".join(place.name for place in changed) or "up to date")


@policies.command("build")
def build_policies() -> None:
    """Cut the policies migration out of `policies/`. A test fails while the two differ."""
    from stack.policies import build

    place, changed = build()
    typer.echo(f"{place.name}: {'written' if changed else 'up to date'}")


@docs.command("build")
def build_docs(name: Name = "local") -> None:
    """Write docs/errors.md, settings.md, calls.md and schema/ as the running stack's database says."""
    from stack.reference import build

    _write(name, build)


@types.command("build")
def build_types(name: Name = "local") -> None:
    """Write supabase/types/database.ts and database.py as the running stack's database says."""
    from stack.client_types import build

    _write(name, build)


@schema.command("build")
def build_schema(name: Name = "local") -> None:
    """Write supabase/schema.sql as the running stack's database says."""
    from stack.snapshot import build

    _write(name, build)


@schema.command("lint")
def lint_schema() -> None:
    """Refuse migrations after the last release that would hurt a live database. Needs no stack."""
    from stack.errors import StackError
    from stack.releases import findings, unreleased

    try:
        places = unreleased()
        found = findings(places)
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo("\n".join(found) or f"{len(places)} migrations after the last release, nothing to say")
    if found:
        raise typer.Exit(1)
