"""The command `python -m demo`."""

import sys
from typing import Annotated

import httpx
import stripe
import typer
from rich.console import Console
from supabase_auth.errors import AuthError

from demo.board import Board
from demo.browser import Browser
from demo.receipt import Receipt
from demo.stage import EndedError, Stage
from demo.story import SETTINGS, Story
from demo.waiting import DemoError
from stack.errors import StackError

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(
    epilog="Exit code 0 and a last line `demo ok: …` (amounts in cents), or 1 with the reason and where to look."
)
def demo(
    stack: Annotated[
        str,
        typer.Option(
            "--stack",
            metavar="NAME",
            help="Which stack to play on. One that exists is used and left as it was; the demo's own is made anew.",
        ),
    ] = "demo",
    keep: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option("--keep", help="Leave the stack up at the end, to look around in."),
    ] = False,
) -> None:
    """Bill a real session on the local stack, in under a minute, and leave nothing behind.

    A client, a reader and an administrator sign up. The reader is approved, sets up payouts and goes online. The
    client tops up by card (a second card is declined), asks for a chat and pays by the minute, charged by the workers,
    while both are there; tops up again when the money runs low; the reader's line drops, the meter pauses, the reader
    comes back, the client ends it. The reader is paid out, and the ledger is checked.

    The minute is shortened to a few seconds; everything else is real but Stripe and Supabase Auth, for which local
    stand-ins answer. It plays on a stack of its own and does not disturb the one of `soulseer up`.
    """
    console, errors = Console(), Console(stderr=True)
    board = Board(console)
    stage: Stage | None = None
    try:
        stage = Stage(stack, keep=keep, tell=board.say)
        receipt = _play(stage, board)
    except EndedError as ended:
        errors.print(f"demo failed: ended by {ended}.", highlight=False)
        raise typer.Exit(1) from None
    except (DemoError, StackError, AuthError, stripe.StripeError, httpx.HTTPError) as error:
        _explain(errors, error, stage)
        raise typer.Exit(1) from error
    if keep:
        left = f"The stack is up: `soulseer status --name {stack}`; `soulseer down --name {stack} --remove` ends it."
        console.print(left, soft_wrap=True)
    sys.stdout.write(f"\n{receipt.line()}\n")


def _play(stage: Stage, board: Board) -> Receipt:
    board.act("The stack comes up")
    with stage.held() as env, Browser(env) as browser:
        board.say("Everything answers.")
        story = Story(env, board, browser)
        before = story.change_settings(SETTINGS)
        try:
            receipt = story.play()
        finally:
            if stage.is_lent:
                story.change_settings(before)
        receipt.show(board.console)
        board.console.print()
    return receipt


def _explain(errors: Console, error: Exception, stage: Stage | None) -> None:
    """Say why it failed and where to look."""
    reason = error.reason if isinstance(error, DemoError) else str(error) or repr(error)
    errors.print(f"\n[red]demo failed[/]: {reason}", highlight=False, soft_wrap=True)
    parts = error.look if isinstance(error, DemoError) else ()
    if stage is not None and not isinstance(error, StackError):
        files = " ".join(f"{part}.log" for part in parts) or "the logs"
        errors.print(f"look at: {files} in {stage.logs}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    app(prog_name="python -m demo")
