"""`soundstage bots`: what it takes, and what it exits with."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from soundstage.cli.standard_output import told_as

bots = typer.Typer(
    no_args_is_help=True,
    help="The transports to bots of your own, and what each of them adds to a response gap.",
)


@bots.command("list")
def list_transports() -> None:
    """List the transports, and how the delay of each is known."""
    from soundstage.cli.measuring import bots_command  # noqa: PLC0415 - it loads what --help must not pay for

    with told_as("soundstage bots list"):
        sys.stdout.write(bots_command.listed())


@bots.command()
def measure(
    transports: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TRANSPORT]...", help="Which; all that there are, without it."),
    ] = None,
    answers: Annotated[
        int, typer.Option(min=5, max=600, help="How many answers are measured, a second each.")
    ] = 15,
) -> None:
    """Measure what a transport adds to a gap, against an echo bot of ours on this machine.

    Runs then say `measured` and the day beside the delay, until a version or the machine changes.
    """
    from soundstage.cli.measuring import bots_command  # noqa: PLC0415 - as above

    with told_as("soundstage bots measure"):
        for line in bots_command.measured(transports or [], answers):
            sys.stdout.write(line)
            sys.stdout.flush()
