"""`soundstage diff` and `soundstage compare`: what they take, and what they exit with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from soundstage.cli.standard_output import told_as


def diff(
    mine: Annotated[
        Path, typer.Argument(metavar="RUN_A", help="The folder of a run, or a `latest`.")
    ],
    theirs: Annotated[Path, typer.Argument(metavar="RUN_B", help="The folder of another run.")],
    every: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--all", help="Show every event, and not only what was said and done.")
    ] = False,
    rows: Annotated[int, typer.Option(min=0, help="Rows that are shown at most; 0 for all.")] = 40,
    as_json: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--json", help="One line of JSON, with all rows.")
    ] = False,
) -> None:
    """Show two runs beside each other, from the first event on that differs: exit 1 if one does."""
    from soundstage.cli.comparing import diff_command  # noqa: PLC0415 - it loads what --help must not pay for

    with told_as("soundstage diff"):
        code = diff_command.diff(
            mine, theirs, every=every, rows=rows, as_json=as_json, out=sys.stdout
        )
    raise typer.Exit(code)


def compare(
    mine: Annotated[
        Path, typer.Argument(metavar="A", help="The folder of a batch, or one with runs below it.")
    ],
    theirs: Annotated[Path, typer.Argument(metavar="B", help="The folder of another batch.")],
    confidence: Annotated[
        float, typer.Option(min=50, max=99.99, help="Of the interval and the tests, in percent.")
    ] = 95.0,
    as_json: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--json", help="One line of JSON, with all that differs.")
    ] = False,
) -> None:
    """Compare two batches seed by seed: exit 1 if B is worse, 3 if that could not be judged."""
    from soundstage.cli.comparing import compare_command  # noqa: PLC0415 - as above

    with told_as("soundstage compare"):
        code = compare_command.compare(
            mine, theirs, confidence=confidence / 100, as_json=as_json, out=sys.stdout
        )
    raise typer.Exit(code)
