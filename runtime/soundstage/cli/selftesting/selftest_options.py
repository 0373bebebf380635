"""`soundstage selftest`: what it takes, and what it exits with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from soundstage.cli.completion import complete_scenario
from soundstage.cli.standard_output import told_as


def selftest(
    file: Annotated[
        str,
        typer.Argument(
            help="A scenario file, or the name of a shipped scenario.",
            autocompletion=complete_scenario,
        ),
    ],
    repeat: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many seeds of each variant are run.")
    ] = 10,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The first seed, in place of the file's.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a key: agents.alice.voice=ash."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="How many runs are made at the same time.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Keep the runs here. The same command again makes what is missing."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,  # noqa: FBT002 - a flag
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Compute all speech again.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Plant faults in the agents under test: exit 1 if the scenario passes with one of them."""
    from soundstage.cli.selftesting import selftest_command  # noqa: PLC0415 - it loads what --help must not pay for
    from soundstage.kernel import Interrupts  # noqa: PLC0415 - as above
    from soundstage.selftest import SelftestRequest  # noqa: PLC0415 - as above

    with told_as("soundstage selftest"), Interrupts(is_last=True) as interrupts:
        request = SelftestRequest(
            file=file,
            runs=repeat,
            sets=tuple(sets or ()),
            seed=seed,
            jobs=jobs or selftest_command.cores(),
            out=out,
            cache=not no_cache,
        )
        code = selftest_command.selftest(request, interrupts, as_json=as_json, out=sys.stdout)
    raise typer.Exit(code)
