"""`run-scenario`: run a scenario, or check, draw, list or describe scenarios."""

from __future__ import annotations

import gc
import json
import logging
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

from msgspec.structs import replace

from soundstage.cli.display import Display
from soundstage.cli.plain_view import EventLines, Lines, Notices
from soundstage.cli.standard_output import kept_for_the_log
from soundstage.expectations import UNANSWERED
from soundstage.printable_text import printable, printable_line
from soundstage.results import event_schema, expectation_schema, shown_verdict
from soundstage.scenario import (
    describe_graph,
    describe_variation,
    json_schema,
    load_scenario,
)
from soundstage.scenario import list_scenarios as shipped
from soundstage.units import WALL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.cache import Cache
    from soundstage.cli.display import View
    from soundstage.cli.run_request import Request
    from soundstage.kernel import Interrupts
    from soundstage.messages import Verdict
    from soundstage.run import MakeWindow, Played
    from soundstage.scenario import Scenario


def run(request: Request, interrupts: Interrupts) -> int:
    """Run the scenario; returns the exit code.

    Raises:
        UsageError: two options contradict each other, or the scenario is wrong.
    """
    request.check()
    if request.ui != "json":
        return _run(request, interrupts, sys.stdout)
    with kept_for_the_log() as out:
        return _run(request, interrupts, out)


def _run(request: Request, interrupts: Interrupts, out: TextIO) -> int:
    scenario = _load(request)
    logging.getLogger("soundstage").addHandler(logging.NullHandler())
    # Only a run pays for what playing loads; --check and --graph do not.
    from soundstage.run import cache_for  # noqa: PLC0415

    cache = cache_for(request.clock, False if request.no_cache else request.cache or True)
    if not gc.isenabled():
        _collect_garbage(request.clock)
    if interrupts.reason:
        return interrupts.exit_code
    if not request.is_batch:
        return _play(request, scenario, cache, interrupts, out)
    from soundstage.cli.batch import repeat, repeat_against, runs_of  # noqa: PLC0415 - likewise

    if request.against is not None:
        before = replace(request, file=request.against, seed=scenario.seed)
        return repeat_against(request, scenario, before, _load(before), interrupts, out)
    return repeat(request, scenario, runs_of(request, scenario), interrupts, out)


def _collect_garbage(clock: str) -> None:
    """From now on, but not among what was loaded: it stays to the end of the command."""
    gc.freeze()
    if clock == WALL:
        # Such a run keeps out itself what lives at its beginning, with the engines that it loads.
        gc.unfreeze()
    gc.enable()


def _play(
    request: Request,
    scenario: Scenario,
    cache: Cache | None,
    interrupts: Interrupts,
    out: TextIO,
) -> int:
    if request.ui not in {"json", "none"}:
        # The first agent may be seconds away: the speech engines are loaded before it is here.
        about = f"{scenario.name}, seed {scenario.seed}, {scenario.clock} clock"
        out.write(printable_line(about) + "\n")
        out.flush()
    from soundstage.run import play  # noqa: PLC0415 - as above

    views: list[View] = []
    monitor = None
    if request.speaker:
        from soundstage.cli.devices_command import monitor_for  # noqa: PLC0415 - likewise

        monitor = monitor_for(request.clock)

    def display() -> Display:
        views.append(_view(request.ui, scenario, out))
        return Display(views[-1])

    played = play(
        scenario,
        out=request.out,
        monitor=monitor,
        display=display,
        window=_window(request, scenario),
        hang_up=lambda: interrupts.reason,
        cache=cache,
    )
    for view in views:
        for verdict in _told(played):
            view.decided(verdict)
    if request.ui not in {"json", "none"}:
        _say_how_it_ended(played)
    elif played.outcome.explanation:
        sys.stderr.write(printable(f"run-scenario: {played.outcome.explanation}\n"))
    return played.outcome.exit_code


def check(request: Request) -> None:
    """Say that the file is right; the loader has said what is not."""
    scenario = _load(request)
    agents = ", ".join(scenario.agents)
    lines = [f"{scenario.file}: all is well ({agents})", *describe_variation(scenario)]
    if scenario.matrix or request.matrix:
        from soundstage.cli.batch import checked_cells  # noqa: PLC0415 - likewise

        lines.append(f"matrix: {len(checked_cells(request, scenario))} cells")
    if scenario.verdict is not None:
        from soundstage.verdict import fewest_runs  # noqa: PLC0415 - likewise

        rule = scenario.verdict.rule
        lines.append(
            f"verdict: {fewest_runs(rule)} runs or more can show at_least = "
            f"{scenario.verdict.at_least}"
        )
    sys.stdout.write(printable("\n".join(lines) + "\n"))


def graph(request: Request) -> None:
    """Show which agents hear each other."""
    sys.stdout.write(printable(describe_graph(_load(request)) + "\n"))


def list_scenarios() -> None:
    """Show the shipped scenarios."""
    from rich.console import Console  # noqa: PLC0415 - a run on a virtual clock draws nothing
    from rich.table import Table  # noqa: PLC0415

    table = Table.grid(padding=(0, 2))
    for found in shipped():
        table.add_row(found.name, found.title, found.description)
    Console().print(table)


def print_schema(what: str) -> None:
    """Print a JSON Schema."""
    from soundstage.comparison import comparison_schema, diff_schema  # noqa: PLC0415 - a run compares nothing
    from soundstage.sweep import BATCH_SCHEMAS, batch_schema  # noqa: PLC0415 - likewise

    schemas: dict[str, Callable[[], dict[str, Any]]] = {
        "scenario": json_schema,
        "events": event_schema,
        "expectations": expectation_schema,
        "diff": diff_schema,
        "compare": comparison_schema,
        **{name: partial(batch_schema, name) for name in BATCH_SCHEMAS},
    }
    schema = schemas[what]()
    sys.stdout.write(json.dumps(schema, indent=2) + "\n")


def _load(request: Request) -> Scenario:
    scenario = load_scenario(
        request.file,
        sets=request.sets,
        provider=request.provider,
        seed=request.seed,
        clock=request.clock,
        strict=request.strict,
    )
    for warning in scenario.warnings:
        sys.stderr.write(printable(f"warning: {warning}\n"))
    return scenario


def _window(request: Request, scenario: Scenario) -> MakeWindow | None:
    if not request.watch:
        return None
    # Only a run that is watched pays for a web server.
    from soundstage.web import Window  # noqa: PLC0415

    return partial(Window, scenario.name)


def _view(ui: str, scenario: Scenario, out: TextIO) -> View:
    if ui == "json":
        return EventLines(out, sys.stderr)
    if ui == "none":
        return Notices(sys.stderr)
    from rich.console import Console  # noqa: PLC0415 - as above

    console = Console()
    # A simulation is over before a picture of it could be watched.
    if ui == "live" or (ui == "auto" and console.is_terminal and scenario.clock == WALL):
        from soundstage.cli.live_view import LiveView  # noqa: PLC0415

        return LiveView(console, scenario.name, tuple(scenario.agents))
    return Lines(out)


def _told(played: Played) -> list[Verdict]:
    """The verdicts that a reader wants to see: not that answers came, which they always should."""
    return [each for each in played.verdicts if each.id != UNANSWERED or each.kind == UNANSWERED]


def _counted(verdicts: Sequence[Verdict]) -> str:
    counts = Counter[str](each.status for each in verdicts)
    order = ("passed", "failed", "unknown", "skipped", "deferred")
    return ", ".join(f"{counts[each]} {each}" for each in order if counts[each])


def _say_how_it_ended(played: Played) -> None:
    outcome, folder = played.outcome, played.folder
    lines = [
        "",
        printable(f"{outcome.kind}: {outcome.explanation or outcome.reason}"),
    ]
    missed = [each for each in played.verdicts if each.status in {"failed", "unknown"}]
    for verdict in missed:
        lines += ["", shown_verdict(verdict, folder)]
    counted = _counted(_told(played))
    lines += [
        *([""] if missed else []),
        *([f"expected    {counted}"] if counted else []),
    ]
    # On a full disk one may be missing that every other run has.
    for name, path in (("transcript", folder.transcript), ("listen", folder.mix)):
        if path.is_file():
            lines.append(f"{name:<12}{path}")
    if played.unreported or folder.report.is_file():
        lines.append(f"report      {played.unreported or folder.report}")
    else:
        lines.append(f"log         {folder.events}")
    if played.unexported:
        lines.append(printable(f"trace       not sent: {played.unexported}"))
    sys.stdout.write("\n".join(lines) + "\n")
