"""A run from Python: for tests, notebooks and programs."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from soundstage.cache import Cache, default_folder, open_cache
from soundstage.config import INLINE, written_set
from soundstage.errors import RunFailed, UsageError
from soundstage.kernel import Interrupts
from soundstage.results import Run, shown_verdict
from soundstage.run.single_run import play
from soundstage.scenario import load_scenario
from soundstage.units import VIRTUAL, WALL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from soundstage.run.single_run import Played

GRACE: Final = 0.5
"""Seconds that the program has after the second Ctrl-C until its process is ended."""


def run_scenario(
    scenario: str | Path | None = None,
    *,
    toml: str | None = None,
    clock: str = VIRTUAL,
    seed: int | None = None,
    provider: str | None = None,
    set: Mapping[str, object] | None = None,  # noqa: A002 - as on the command line
    out: str | Path | None = None,
    cache: str | Path | bool = True,
    check: bool = True,
    strict: bool = False,
) -> Run:
    """Run a scenario, on the virtual clock unless told otherwise.

    Args:
        scenario: its file, or the name of a shipped scenario.
        toml: the scenario itself, in place of a file; files that it names are found from the
            present folder.
        clock: `virtual`, or `wall` for a live run.
        seed: takes the place of the scenario's own.
        provider: what agents call that name no provider themselves; `local` where it is None.
        set: values that are changed for this run, such as `{"agents.alice.voice": "ash"}`.
        out: the run folder, absent or empty; one under `runs/` where it is None.
        cache: the folder of the speech cache; True for the user's own, False for none. On the
            wall clock there is never one.
        check: whether a run is an error that did not end as its scenario declares, or that failed
            an expectation.
        strict: whether a voice that OpenAI does not have is refused, as it does.

    Raises:
        RunFailed: it did not; the run is in the error's `run`.
        KeyboardInterrupt: Ctrl-C, which no `[end]` of the scenario declares; the run was hung up.
        ScenarioError: the scenario is wrong, or cannot be played on this clock.
        UsageError: the arguments or the environment ask for the impossible.
        InfrastructureError: not even the run's folder could be written.
    """
    __tracebackhide__ = True  # pytest then shows the test's own line
    if (scenario is None) == (toml is None):
        raise UsageError("run_scenario: give a scenario file or toml=, one of the two")
    loaded = load_scenario(
        INLINE if scenario is None else scenario,
        toml=toml,
        sets=[written_set(path, value) for path, value in (set or {}).items()],
        provider=provider,
        seed=seed,
        clock=clock,
        strict=strict,
    )
    chosen = cache_for(clock, cache)
    with _interrupts_noted() as interrupted:
        folder = None if out is None else Path(out)
        played = play(loaded, out=folder, hang_up=interrupted, cache=chosen)
    run = _run_of(played)
    if run.outcome == "interrupted":
        raise KeyboardInterrupt(_why(played))
    if check and run.exit_code:
        raise RunFailed(_why(played), run)
    return run


def cache_for(clock: str, choice: str | Path | bool) -> Cache | None:  # noqa: FBT001 - a folder or a flag
    """The cache of a run.

    Args:
        clock: what it is played on.
        choice: the folder; True for the user's own, False for none.

    Raises:
        UsageError: a folder was named for a live run: there, everything is really done.
    """
    if clock == WALL:
        if not isinstance(choice, bool):
            raise UsageError(
                f"there is no use for the cache {choice} on the wall clock: there, all speech is "
                "really made and heard; leave it out, or run on the virtual clock"
            )
        return None
    if choice is False:
        return None
    return open_cache(default_folder() if choice is True else Path(choice))


@contextmanager
def _interrupts_noted() -> Generator[Callable[[], str]]:
    """Note the first Ctrl-C instead of raising in the middle of a turn.

    The second one raises, and ends the process if that does not end the run. Nothing is changed
    where the program handles Ctrl-C itself, or beside the main thread, which alone receives it.

    Yields:
        What says why a run is to be hung up, or nothing.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield str
        return
    with Interrupts(numbers=(signal.SIGINT,), grace=GRACE) as interrupts:
        yield lambda: interrupts.reason


def _run_of(played: Played) -> Run:
    """The run as it came out, also where its disk was too full to say so."""
    outcome = played.outcome
    return replace(
        Run.load(played.folder.path),
        outcome=outcome.kind,
        reason=outcome.reason,
        exit_code=outcome.exit_code,
        cause=outcome.cause,
    )


def _why(played: Played) -> str:
    outcome = played.outcome
    explanation = f" ({outcome.explanation})" if outcome.explanation else ""
    said = f"{outcome.kind}: {outcome.reason}{explanation}; see {played.folder.path}"
    missed = [
        shown_verdict(each, played.folder)
        for each in played.verdicts
        if each.status in {"failed", "unknown"}
    ]
    return "\n\n".join([said, *missed])
