"""The commands `soulseer policies` and `soulseer docs`: what is generated from the policies folder and the database."""

from typing import Annotated

import typer

policies = typer.Typer(no_args_is_help=True, help="Row-level security and grants, written in `policies/`.")
docs = typer.Typer(no_args_is_help=True, help="Pages of `docs/` that come out of the database.")


@policies.command("build")
def build_policies() -> None:
    """Cut the policies migration out of `policies/`. A test fails while the two differ."""
    from stack.policies import build

    place, changed = build()
    typer.echo(f"{place.name}: {'written' if changed else 'up to date'}")


@docs.command("build")
def build_docs(
    name: Annotated[
        str, typer.Option("--name", "-n", envvar="SOULSEER_STACK", help="The running stack to read.")
    ] = "local",
) -> None:
    """Write docs/errors.md, docs/settings.md and docs/calls.md as the running stack's database says."""
    from stack.errors import StackError
    from stack.instance import Stack
    from stack.reference import build

    try:
        dsn = Stack.named(name).env().db_url
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    changed = build(dsn)
    typer.echo("\n".join(str(place.name) for place in changed) or "up to date")
