"""The runs of a selftest: the scenario as it is, twice, and once with each planted fault."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.config import written_set
from soundstage.ledger import NO_MATRIX, BatchFolder, BatchPlan, digest_of, sorted_rows
from soundstage.scenario import load_scenario
from soundstage.selftest.planted_faults import planted
from soundstage.selftest.selftest_findings import findings_of
from soundstage.sweep import Keep, SweepRequest, WorkerPool, identity_of
from soundstage.units import VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from soundstage.ledger import Row
    from soundstage.scenario import Scenario
    from soundstage.selftest.planted_faults import Plant
    from soundstage.selftest.selftest_findings import Findings

_FAULTS: Final = "faults"
_AGAIN: Final = "again"


class SelftestRequest(Struct, frozen=True, kw_only=True):
    """What is tested.

    Attributes:
        file: the scenario, or the name of a shipped one.
        runs: how many seeds of each variant.
        sets: `PATH=VALUE` each.
        seed: the first seed; the file's own where it is None.
        jobs: how many runs are made at the same time.
        out: a folder that keeps the runs, and in which a selftest that was broken off is continued;
            None to keep none.
        cache: the folder of the speech cache; True for the user's own, False for none.
    """

    file: str
    runs: int
    sets: tuple[str, ...] = ()
    seed: int | None = None
    jobs: int = 1
    out: Path | None = None
    cache: Path | bool = True


def run_selftest(
    request: SelftestRequest,
    *,
    done: Callable[[Row], None],
    begun: Callable[[int], object] = int,
    asked: Callable[[], str] = str,
) -> Findings:
    """Make all runs, in simulated time, and say what they show.

    Args:
        request: what is tested.
        done: gets the row of each run as it ends.
        begun: is told how many runs there are in all.
        asked: why it is to be broken off, or nothing.

    Raises:
        ScenarioError: the scenario is wrong.
        RunFolderError: `out` holds something else, or cannot be made.
        RecordingFailed: it cannot be written.
    """
    scenario = _read(request)
    plants = planted(scenario)
    for each in plants:
        if each.sets:  # a fault that cannot be read is told before the first run
            _read(request, each)
    cells = (*NO_MATRIX, *(each.sets for each in plants if each.sets))
    plan = _plan(request, scenario, tuple(map(dict, cells)))
    begun(request.runs * (len(cells) + 1))
    with _kept(request.out) as out:
        # The second set is made by other processes: what one has in memory is no excuse.
        _make(request, scenario, out / _FAULTS, plan, done, asked)
        alone = _plan(request, scenario, tuple(map(dict, NO_MATRIX)))
        _make(request, scenario, out / _AGAIN, alone, done, asked)
        return findings_of(
            plan,
            plants,
            sorted_rows(out / _FAULTS, plan),
            list(sorted_rows(out / _AGAIN, alone)),
            interrupted=bool(asked()),
        )


def _read(request: SelftestRequest, plant: Plant | None = None) -> Scenario:
    planted_sets = {} if plant is None else plant.sets
    sets = [*request.sets, *(written_set(path, value) for path, value in planted_sets.items())]
    return load_scenario(request.file, sets=sets, seed=request.seed, clock=VIRTUAL)


def _plan(
    request: SelftestRequest, scenario: Scenario, cells: tuple[dict[str, object], ...]
) -> BatchPlan:
    identity = identity_of(scenario, None)
    return BatchPlan(
        digest=digest_of(identity),
        scenario=scenario.stem,
        clock=VIRTUAL,
        seed=scenario.seed,
        runs=request.runs,
        cells=cells,
        varies=dict(scenario.drawing.varies),
        identity=identity,
        rule=None if scenario.verdict is None else scenario.verdict.rule,
    )


def _make(
    request: SelftestRequest,
    scenario: Scenario,
    out: Path,
    plan: BatchPlan,
    done: Callable[[Row], None],
    asked: Callable[[], str],
) -> None:
    sweep = SweepRequest(
        file=str(scenario.file.absolute()),
        clock=VIRTUAL,
        provider=None,
        sets=request.sets,
        out=out.absolute(),
        cache=request.cache,
        keep=Keep.NONE if request.out is None else Keep.FAILED,
    )
    with BatchFolder(out, plan) as batch:

        def take(row: Row) -> None:
            batch.add(row)
            done(row)

        units = list(batch.owed())
        jobs = min(request.jobs, max(1, len(units)))
        WorkerPool(sweep, jobs=jobs, done=take, asked=asked).run(units)


@contextmanager
def _kept(out: Path | None) -> Generator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="soundstage-selftest-") as folder:
        yield Path(folder)
