"""`run-scenario --repeat`: many seeds, a bar while they run, and a table at the end."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from soundstage.batch_report import PAGE
from soundstage.cli.batch.batch_progress import BatchProgress
from soundstage.cli.batch.batch_reports import replay_command, write_reports
from soundstage.config import cells_of, matrix_option, written_set
from soundstage.errors import UsageError
from soundstage.kernel import Stopwatch
from soundstage.ledger import (
    DIFFERENCES,
    BatchFolder,
    BatchPlan,
    cell_name,
    digest_of,
    encode_row,
    sorted_rows,
)
from soundstage.printable_text import printable, printable_json, printable_line
from soundstage.scenario import load_scenario
from soundstage.servers import ServerGroup
from soundstage.sweep import (
    Judgements,
    Keep,
    RayEngine,
    SweepRequest,
    WorkerPool,
    default_folder,
    identity_of,
    write_tables,
)
from soundstage.units import WALL
from soundstage.verdict import fewest_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from soundstage.cli.run_request import Request
    from soundstage.kernel import Interrupts
    from soundstage.ledger import Row
    from soundstage.scenario import Scenario
    from soundstage.servers import RunningServer
    from soundstage.sweep import Engine, Failing, Summary

_SHOWN = 20
"""Runs that did not end as declared, listed one by one."""


def repeat(
    request: Request, scenario: Scenario, count: int, interrupts: Interrupts, out: TextIO
) -> int:
    """Run the scenario with so many seeds; returns the exit code.

    Args:
        request: what was asked for.
        scenario: as it was read: its seed is the first.
        count: how many seeds.
        interrupts: whether the user has asked to stop.
        out: gets the reports.

    Raises:
        RunFolderError: the folder holds something else, or cannot be made.
        RecordingFailed: the ledger or the tables cannot be written.
    """
    plan = _plan(request, scenario, count)
    _warn_of_the_bar(plan)
    watch = Stopwatch()
    with BatchFolder(request.out or default_folder(scenario.stem, plan.seeds), plan) as batch:
        judgements = _known(batch)
        units = judgements.still_open(batch.owed())
        jobs = min(_workers(scenario.clock, request.jobs), max(1, len(units)))
        progress = BatchProgress(len(units), judgements)
        with _followed(request.ui, len(units), out, progress) as show:

            def done(row: Row) -> None:
                batch.add(row)
                judgements.add(row)
                progress.add(row)
                show(row)

            def asked() -> str:
                return interrupts.reason or ("decided" if judgements.is_decided else "")

            with _shared_servers(request, scenario, batch, asked) as servers:
                sweep = _sweep_request(request, scenario, batch, servers.running)
                _engine(request, sweep, jobs, done, asked).run(units)
        summary = write_tables(
            batch.path, plan, wall=watch.seconds, jobs=jobs, interrupted=interrupts.exit_code
        )
        write_reports(batch.path, plan, summary, _replay(request))
    if request.ui not in {"json", "none"}:
        print_summary(summary, batch.path, len(batch.done), _replay(request))
    return summary.exit_code


def _warn_of_the_bar(plan: BatchPlan) -> None:
    """Say beforehand that a batch cannot pass, however well its runs come out."""
    if plan.rule is None or plan.early:
        return
    needed = fewest_runs(plan.rule)
    if plan.runs < needed:
        sys.stderr.write(
            f"warning: {plan.runs} runs cannot show at_least = {plan.rule.at_least:.4g}, even if "
            f"all pass: that takes {needed}\n"
        )


def _known(batch: BatchFolder) -> Judgements:
    """How the runs came out that are in the folder already, where they count for a verdict."""
    judgements = Judgements(batch.plan)
    if batch.plan.rule is not None:
        for row in sorted_rows(batch.path, batch.plan):
            judgements.add(row)
    return judgements


def _replay(request: Request) -> str:
    """The command that plays one run of the batch, without its seed."""
    words = ["run-scenario", request.file, "--clock", request.clock]
    for each in request.sets:
        words += ["--set", each]
    if request.provider is not None:
        words += ["--provider", request.provider]
    return shlex.join(words)


def _engine(
    request: Request,
    sweep: SweepRequest,
    jobs: int,
    done: Callable[[Row], None],
    asked: Callable[[], str],
) -> Engine:
    if request.engine == "ray":
        return RayEngine(sweep, done=done, asked=asked, jobs=request.jobs, address=request.address)
    return WorkerPool(sweep, jobs=jobs, done=done, asked=asked)


def _plan(request: Request, scenario: Scenario, count: int) -> BatchPlan:
    identity = identity_of(scenario, request.provider)
    cells = checked_cells(request, scenario)
    return BatchPlan(
        digest=digest_of(identity),
        scenario=scenario.stem,
        clock=scenario.clock,
        seed=scenario.seed,
        runs=count,
        cells=cells,
        shard=request.shard,
        varies=dict(scenario.drawing.varies),
        identity=identity,
        rule=None if scenario.verdict is None else scenario.verdict.rule,
        early=request.until_decided,
    )


def checked_cells(request: Request, scenario: Scenario) -> tuple[dict[str, Any], ...]:
    """The cells of a batch, each of which has been read as a scenario of its own.

    Raises:
        ScenarioError: a value of a matrix is wrong.
        UsageError: `--matrix` is written wrong.
    """
    matrix: dict[str, Any] = {**scenario.matrix, **dict(map(matrix_option, request.matrix))}
    cells = cells_of(matrix)
    for cell in cells:
        if cell:
            sets = [*request.sets, *(written_set(path, value) for path, value in cell.items())]
            load_scenario(
                request.file,
                sets=sets,
                provider=request.provider,
                seed=request.seed,
                clock=request.clock,
                strict=request.strict,
            )
    return cells


def runs_of(request: Request, scenario: Scenario) -> int:
    """How many runs of each cell are made at most.

    Raises:
        UsageError: `--until-decided` has nothing to decide.
    """
    if not request.until_decided:
        return request.repeat or 1
    if scenario.verdict is None:
        raise UsageError("run-scenario: --until-decided needs a table [verdict] in the file")
    if scenario.verdict.at_least >= 1:
        raise UsageError(
            'run-scenario: no number of runs shows that at_least = "100%" holds, so '
            "--until-decided would never stop: use --repeat"
        )
    return request.repeat or scenario.verdict.max_runs


def _shared_servers(
    request: Request, scenario: Scenario, batch: BatchFolder, asked: Callable[[], str]
) -> ServerGroup:
    """The programs that all runs share; on several machines each run starts its own."""
    shared = [each for each in scenario.servers.values() if each.is_of_batch]
    return ServerGroup(shared if request.engine != "ray" else (), batch.path, asked=asked)


def _sweep_request(
    request: Request,
    scenario: Scenario,
    batch: BatchFolder,
    servers: Mapping[str, RunningServer],
) -> SweepRequest:
    return SweepRequest(
        # Workers start elsewhere only if a program changes the folder; names stay names.
        file=str(scenario.file.absolute()),
        clock=scenario.clock,
        provider=request.provider,
        sets=request.sets,
        out=batch.path.absolute(),
        cache=False if request.no_cache else request.cache or True,
        keep=Keep.for_runs(batch.plan.total) if request.keep is None else Keep(request.keep),
        sound=request.sound or "wav",
        servers=dict(servers),
    )


def _workers(clock: str, asked: int | None) -> int:
    """How many workers there are: a live run that has no core to itself is late."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    most = cores or 1
    if asked is None:
        return 1 if clock == WALL else most
    if clock == WALL and asked > most:
        sys.stderr.write(
            f"warning: --jobs {asked} on the wall clock: {most} at once, one for each core, "
            "or speech would be late\n"
        )
        return most
    return asked


@contextmanager
def _followed(
    ui: str, count: int, out: TextIO, so_far: BatchProgress
) -> Generator[Callable[[Row], None]]:
    """What shows each run as it ends."""
    console = Console()
    if ui == "none":
        yield _print_nothing
    elif ui == "json":
        yield partial(_print_json, out)
    elif ui == "plain" or not console.is_terminal:
        yield partial(_print_line, so_far)
    else:
        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        told = TextColumn("{task.description}", markup=False)
        with Progress(*columns, told, console=console) as progress:
            task = progress.add_task(so_far.short, total=count)

            def advance(row: Row) -> None:
                if row.outcome != "ended":
                    progress.console.print(_line(row), markup=False, highlight=False)
                progress.update(task, advance=1, description=so_far.short)

            yield advance


def _line(row: Row) -> str:
    why = f" ({row.explanation})" if row.explanation else ""
    cell = f"{cell_name(row.cell)}, " if row.cell else ""
    return printable_line(
        f"{cell}seed {row.seed}: {row.outcome}: {row.reason}{why}, "
        f"{len(row.turns)} turns, {row.duration:.1f} s in {row.machine.wall:.2f} s"
    )


def _print_nothing(row: Row) -> None:
    del row


def _print_line(so_far: BatchProgress, row: Row) -> None:
    sys.stdout.write(_line(row) + "\n")
    if so_far.is_due:
        sys.stdout.write(so_far.line + "\n")
    sys.stdout.flush()


def _print_json(out: TextIO, row: Row) -> None:
    out.write(printable_json(encode_row(row).decode()))
    out.flush()


def _variation(summary: Summary) -> list[str]:
    """What varies from seed to seed, and whether that has changed anything."""
    lines = [f"varies  {path}: {what}" for path, what in summary.varies.items()]
    if not summary.equal:
        return lines
    if lines:
        return [*lines, f"all {summary.runs} runs were equal, although that varies"]
    return [f"all {summary.runs} runs were equal: nothing in the file varies"]


def print_summary(summary: Summary, out: Path, before: int = 0, replay: str = "") -> None:
    """Show the figures of a batch.

    Args:
        summary: of it.
        out: its folder.
        before: how many of its runs this command found there.
        replay: the command that plays one of its runs again, without the seed; empty where it is
            not known.
    """
    console = Console()
    table = Table("outcome", "runs", box=None, pad_edge=False)
    for reason, runs in sorted(summary.reasons.items(), key=lambda each: -each[1]):
        # As text: in brackets, rich would find its own marks in a reason.
        table.add_row(Text(printable_line(reason)), str(runs))
    console.print(table)
    gap = summary.response_gap
    spread = f"; response gap median {gap.median:.2f} s, p95 {gap.p95:.2f} s" if gap.count else ""
    lines = [
        "",
        f"{summary.runs} of {summary.asked} runs, {summary.turns} turns{spread}",
        _speed(summary, before),
    ]
    lines += _variation(summary)
    lines += _rates(summary)
    others = summary.seeds
    if len(summary.cells) > 1:
        lines += [f"seed {f.seed}  {out / f.cell / f'seed-{f.seed}'}" for f in summary.failing]
    else:
        lines += [f"seed {seed}  {out / f'seed-{seed}'}" for seed in others[:_SHOWN]]
    if replay:
        lines += [_again(each, replay) for each in summary.failing]
    if len(others) > _SHOWN:
        lines.append(f"and {len(others) - _SHOWN} more: {out / 'runs.csv'}")
    if summary.differences:
        lines.append(f"{summary.differences} seeds gave two different runs: {out / DIFFERENCES}")
    if summary.owed:
        lines.append(f"to make the others, give the same command with --out {out}")
    lines.append(f"report  {out / PAGE}")
    lines.append(f"tables  {out / 'runs.csv'}, {out / 'turns.csv'}, {out / 'summary.json'}")
    sys.stdout.write(printable("\n".join(lines) + "\n"))


def _rates(summary: Summary) -> list[str]:
    """What each cell came to, and the whole."""
    lines: list[str] = []
    for each in summary.cells:
        name = f"{each.cell}  " if each.cell else ""
        rate = f"{each.passed} of {each.judged} passed: {each.low:.1%} to {each.high:.1%}"
        verdict = f"  {each.verdict.verdict}: {each.verdict.sentence}" if each.verdict else ""
        lines.append(f"rate    {name}{rate}, {each.invalid} invalid{verdict}")
        if "4" in each.all_of and each.passed < each.judged:
            lines.append(
                f"        of 4 runs, all pass with {each.all_of['4']:.1%}, one or more with "
                f"{each.any_of['4']:.1%}"
            )
    for metric in summary.expectations:
        name = f"{metric.cell}  " if metric.cell else ""
        lines.append(f"over all {name}{metric.id}: {metric.status}: {metric.sentence}")
    if summary.verdict:
        lines.append(f"verdict {summary.verdict}")
    return lines


def _again(failing: Failing, replay: str) -> str:
    """The command that plays a failed run again."""
    command = replay_command(replay, failing.sets, failing.seed)
    return f"again   {command}   ({failing.reason})"


def _speed(summary: Summary, before: int) -> str:
    """How much was said in which time; runs that were there before took none of it."""
    if before:
        return f"{summary.duration:.0f} s of talk; {before} runs were there before"
    if not summary.wall:
        return f"{summary.duration:.0f} s of talk"
    speed = summary.duration / summary.wall
    return f"{summary.duration:.0f} s of talk in {summary.wall:.1f} s: {speed:.0f} times real time"
