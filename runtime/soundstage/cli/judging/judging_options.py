"""`soundstage judge` and `soundstage calibrate`: what they take, and what they exit with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from soundstage.cli.standard_output import told_as


def judge(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of runs, or folders that have such below them.")
    ],
    other: Annotated[
        Path | None,
        typer.Option("--with", help="A file whose [[expect]] counts in place of each run's own."),
    ] = None,
    keep: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--keep", help="Write what was found into the folders.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each run.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Judge runs again from their event logs: exit 1 if an agent under test has failed in one."""
    from soundstage.cli.judging import judge_command  # noqa: PLC0415 - it loads what --help must not pay for

    with told_as("soundstage judge"):
        code = judge_command.judge_runs(
            runs, other=other, keep=keep, as_json=as_json, out=sys.stdout
        )
    raise typer.Exit(code)


def calibrate(
    file: Annotated[
        Path, typer.Argument(help="A file with [judge], [calibration] and [[labelled]].")
    ],
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a key: judge.model=other."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the result here, for calibration of [judge].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002 - a flag
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask everything again.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Hold a language model that judges against labels: exit 1 if it is no better than guessing."""
    from soundstage.cli.judging import calibrate_command  # noqa: PLC0415 - as above

    with told_as("soundstage calibrate"):
        code = calibrate_command.calibrate(
            file, sets=sets or (), out=out, as_json=as_json, cached=not no_cache, to=sys.stdout
        )
    raise typer.Exit(code)
