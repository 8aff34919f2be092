"""The command `soulseer`: brings the local stack up and down, and says what it is doing.

The stack is loaded by the commands that need it, not on import, so that the services, which share this package, do not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from soulseer import cli_reconcile, cli_schema, cli_seed

if TYPE_CHECKING:
    from stack.instance import PartStatus, Stack, UpResult

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""
Runs SoulSeer on this machine, without Docker: Postgres, PostgREST, Valkey, a gateway, and stand-ins for Supabase Auth,
Storage and Stripe, with the project's migrations and services.

**First steps**

    soulseer up                        # start everything
    eval "$(soulseer status -o env)"   # addresses and keys
    curl "$API_URL/rest/v1/readers" -H "apikey: $PUBLISHABLE_KEY"
    soulseer logs -f workers           # watch the workers
    soulseer down                      # stop; the data stays

Several stacks can run at once: give each a `--name`, or set `SOULSEER_STACK`.
""",
)
cli_schema.add_to(app)
app.command()(cli_seed.seed)
app.command()(cli_reconcile.reconcile)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)

Name = Annotated[
    str,
    typer.Option("--name", "-n", envvar="SOULSEER_STACK", help="Which stack; each has its own data, ports and keys."),
]


class Output(StrEnum):
    """Forms `soulseer status` prints in."""

    PRETTY = "pretty"
    ENV = "env"
    JSON = "json"


def _fail(message: str, hint: str = "") -> NoReturn:
    # Not wrapped, so that it can be searched for; escaped, since SQL is full of brackets.
    _err.print(f"[red]error[/]: {escape(message)}", soft_wrap=True)
    if hint:
        _err.print(f"[dim]hint[/]: {escape(hint)}", soft_wrap=True)
    raise typer.Exit(1)


def _guarded(act: Callable[[], UpResult]) -> UpResult:
    """Run what changes a stack, with its typed errors told as sentences."""
    from stack.errors import StackError

    try:
        return act()
    except StackError as error:
        _fail(error.message, error.hint)


def _open(name: str) -> Stack:
    from stack.errors import StackError
    from stack.instance import Stack

    try:
        return Stack.named(name)
    except StackError as error:
        _fail(error.message, error.hint)


def _tell(message: str) -> None:
    _err.print(f"[dim]·[/] {escape(message)}", soft_wrap=True)


# Commands -----------------------------------------------------------------------------------------------------------


@app.command()
def up(
    name: Name = "local",
    without_services: Annotated[
        bool, typer.Option("--without-services", help="Leave out webhooks, bridge, workers and scheduler.")
    ] = False,
    docker: Annotated[
        bool, typer.Option("--docker", help="Use `supabase start` instead: Supabase's own servers, needs Docker.")
    ] = False,
) -> None:
    """Start what is missing, apply pending migrations, return when everything answers.

    Safe to repeat: what runs well is left alone, what was killed is started again. Prints addresses and keys.
    """
    if docker:
        from stack.docker import start
        from stack.errors import StackError

        try:
            raise typer.Exit(start())
        except StackError as error:
            _fail(error.message, error.hint)
    stack = _open(name)
    result = _guarded(lambda: stack.up(services=not without_services, tell=_tell))
    if not result.started:
        _err.print(f"The stack [bold]{name}[/] is already running.")
    _print_environment(result.env.variables())


@app.command()
def down(
    name: Name = "local",
    remove: Annotated[bool, typer.Option("--remove", help="Remove its data, keys and logs as well.")] = False,
) -> None:
    """Stop every process of the stack. The data, keys and ports stay for the next `up`."""
    stack = _open(name)
    was_running = stack.down()
    if remove:
        stack.remove()
    if was_running:
        _err.print(f"The stack [bold]{name}[/] is down.")
    else:
        _err.print(f"The stack [bold]{name}[/] was not running.")


@app.command()
def status(
    name: Name = "local",
    output: Annotated[
        Output, typer.Option("--output", "-o", help="`pretty` for people, `env` for shells, `json` for programs.")
    ] = Output.PRETTY,
) -> None:
    """Say which parts run and answer, with addresses and keys. Exit code 3 when the stack is not running.

    `eval "$(soulseer status -o env)"` sets API_URL, DB_URL, PUBLISHABLE_KEY, SECRET_KEY and the rest.
    """
    from stack.errors import NotRunningError

    stack = _open(name)
    try:
        env = stack.env()
        parts = [] if output is Output.ENV else stack.status()
    except NotRunningError as error:
        _err.print(f"{error.message} {error.hint}")
        raise typer.Exit(3) from error
    if output is Output.ENV:
        print(env.as_shell())
    elif output is Output.JSON:
        described = [
            {"name": part.name, "running": part.running, "ready": part.ready, "pid": part.pid} for part in parts
        ]
        print(json.dumps({**env.variables(), "PARTS": described}, indent=2))
    else:
        _print_parts(parts)
        _print_environment(env.variables())


@app.command()
def logs(
    part: Annotated[
        str | None, typer.Argument(help="One part, such as `workers` or `postgres`; all when left out.")
    ] = None,
    name: Name = "local",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing what is added, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-l", min=0, help="How many of the last lines of each log.")] = 50,
) -> None:
    """Print the logs of the stack's parts."""
    stack = _open(name)
    present = {place.stem: place for place in sorted(stack.paths.logs.glob("*.log"))}
    if not present:
        _fail(f"The stack {name!r} has no logs.", "Run `soulseer up`.")
    if part is not None and part not in present:
        _fail(f"There is no log of {part!r}.", f"There is one of: {', '.join(present)}.")
    chosen = [str(place) for key, place in present.items() if part in (None, key)]
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), *chosen]
    try:
        raise typer.Exit(subprocess.run(command, check=False).returncode)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def reset(
    name: Name = "local",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Throw away all data of the stack and bring it up anew from the migrations. Keys and ports stay."""
    stack = _open(name)
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Every row, mail and payment of the stack {name!r} goes. Continue?", abort=True)
    result = _guarded(lambda: stack.reset(tell=_tell))
    _print_environment(result.env.variables())


@app.command()
def doctor() -> None:
    """Say which servers would run, from where and in which version, and what this machine leaves out."""
    from stack.doctor import examine

    report = examine()
    for finding in report.findings:
        version = finding.version or "[red]missing[/]"
        _out.print(f"{finding.name:<10} {version:<9} {finding.source:<30} {finding.path}", soft_wrap=True)
    _out.print("\n[bold]Left out on this machine[/]")
    for line in report.left_out:
        _out.print(f"- {line}", soft_wrap=True)
    if not report.usable:
        raise typer.Exit(1)


# Printing -----------------------------------------------------------------------------------------------------------


def _print_environment(variables: dict[str, str]) -> None:
    width = max(map(len, variables))
    for variable, value in variables.items():
        print(f"{variable:<{width}}  {value}")


def _print_parts(parts: list[PartStatus]) -> None:
    for part in parts:
        colour, state = (
            ("green", "ready") if part.ready else ("yellow", "not ready") if part.running else ("dim", "stopped")
        )
        pid = str(part.pid or "")
        _out.print(f"{part.name:<10} [{colour}]{state:<9}[/] {pid:>8}  {part.what:<36} {part.url}", soft_wrap=True)
    _out.print()


def main() -> None:
    """Run the command line, quiet about a reader that went away (`soulseer logs | head`)."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
