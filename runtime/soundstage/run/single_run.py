"""A run from beginning to end: its folder, its actors, and the reports."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.endpoint import HasChat
from soundstage.errors import (
    InfrastructureError,
    RecordingFailed,
    SoundstageError,
    UsageError,
    error_text,
)
from soundstage.expectations import RunJudge
from soundstage.kernel import Stopwatch, saved_at_forced_end, utc_now
from soundstage.messages import Outcome, cause_of_break_off, outcome_of
from soundstage.messages.outcome import EXIT_USAGE
from soundstage.results import Archive, Conclusion, Facts, RunFolder
from soundstage.run.actor_system import ActorSystem
from soundstage.run.director import plan_of
from soundstage.run.observers import MakeMonitor, MakeWindow, Views
from soundstage.scenario import resolved
from soundstage.telemetry import check_wanted_export, export_run, is_wanted
from soundstage.units import VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.cache import Cache
    from soundstage.kernel import Actor
    from soundstage.messages import Verdict
    from soundstage.results import History
    from soundstage.scenario import Scenario
    from soundstage.servers import RunningServer

_log = logging.getLogger("soundstage")

RUNS = Path("runs")


class Played(Struct, frozen=True):
    """A run that is over.

    Attributes:
        outcome: how it came out.
        folder: what it left behind.
        verdicts: what became of each expectation.
        unreported: why `report.html` could not be written, or empty.
        unexported: why the run could not be sent as a trace, or empty.
        history: what its log tells; None where that has to be read.
    """

    outcome: Outcome
    folder: RunFolder
    verdicts: tuple[Verdict, ...] = ()
    unreported: str = ""
    unexported: str = ""
    history: History | None = None


def play(
    scenario: Scenario,
    *,
    out: Path | None = None,
    display: Callable[[], Actor] | None = None,
    window: MakeWindow | None = None,
    monitor: MakeMonitor | None = None,
    hang_up: Callable[[], str] = str,
    cache: Cache | None = None,
    page: bool = True,
    shared: Mapping[str, RunningServer] | None = None,
) -> Played:
    """Run a scenario and write its folder.

    Args:
        scenario: what is played.
        out: the run folder, absent or empty; one under `runs/` where it is None.
        display: makes the actor that shows the run.
        window: makes another one, given what tells the reader where to look.
        monitor: makes the actor that plays what is said, given the journal.
        hang_up: why the run is to be broken off, or an empty text; asked 20 times a second.
        cache: what the speech engines need not compute again. Only the virtual clock has a use
            for it: on the wall clock everything is really done.
        page: whether `report.html` is written.
        shared: programs that run already for all runs of a batch.

    Raises:
        RunFolderError: the folder is not empty, or cannot be made.
        InfrastructureError: not even the run's folder could be written.
        UsageError: the run is to be sent as a trace, and cannot be.
    """
    check_wanted_export()
    folder, record = _folder(scenario, out), scenario.record
    archive = Archive.open(folder, tuple(scenario.agents), record.tracks, mix=record.mix)
    watch = Stopwatch()
    conclusion = Conclusion(
        archive,
        folder,
        lambda: _facts(scenario, system, watch.seconds),
        RunJudge(scenario.demands, folder.path, cache),
    )
    system = ActorSystem(
        scenario,
        archive=archive,
        folder=folder.path,
        views=Views(display, window, monitor),
        hang_up=hang_up,
        conclude=conclusion.conclude,
        cache=cache,
        shared=shared,
    )
    try:
        with saved_at_forced_end(archive.rescue):
            outcome = system.play()
    except Exception as error:
        if conclusion.outcome is None:
            outcome = _called_off(scenario, archive, conclusion, error)
            if not isinstance(error, InfrastructureError):
                raise
        else:
            # All that is to be judged has happened, and the log says how it came out.
            _log.exception("something of the run could not be closed after its end")
            outcome = conclusion.outcome
    except BaseException:
        with suppress(RecordingFailed):
            archive.close()
        raise
    finally:
        system.engines.keep()
    return _shown(outcome, folder, conclusion, page=page)


def _shown(outcome: Outcome, folder: RunFolder, conclusion: Conclusion, *, page: bool) -> Played:
    """The run that is over, with its page and its trace, where they are wanted."""
    history, judged = conclusion.history, conclusion.expectations.verdicts
    unreported = add_page(folder, history) if page else ""
    return Played(outcome, folder, judged, unreported, _export(folder), history)


def _export(folder: RunFolder) -> str:
    """Send the run as a trace, if that is wanted; returns why it failed, or an empty text."""
    try:
        return export_run(folder) if is_wanted() else ""
    except SoundstageError as error:
        return str(error)


def add_page(folder: RunFolder, history: History | None = None) -> str:
    """Write the page of a run; returns why that failed, or an empty text.

    The page is made from what the folder has. That it cannot be made changes no outcome.

    Args:
        folder: of the run.
        history: what its log tells, where that is known already.
    """
    # What makes the page is loaded when there is a run to show, not when a file is only checked.
    from soundstage.report import write_report  # noqa: PLC0415

    try:
        write_report(folder, history=history)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run is as it is
        _log.exception("the report of %s was not written", folder.path)
        return error_text(error)
    return ""


def _called_off(
    scenario: Scenario, archive: Archive, conclusion: Conclusion, error: Exception
) -> Outcome:
    """End the artefacts of a run that did not come to its own end."""
    outcome = outcome_of(cause_of_break_off(error))
    if isinstance(error, UsageError):
        outcome = Outcome("invalid", "usage", EXIT_USAGE, outcome.cause)
    if not archive.has_events:
        with suppress(RecordingFailed):  # the archive itself remembers that it failed
            archive.event(plan_of(scenario).opening)
    return conclusion.conclude(outcome, 0)


def _folder(scenario: Scenario, out: Path | None) -> RunFolder:
    if out is not None:
        return RunFolder.at(out)
    return RunFolder.create(scenario.stem, seed=scenario.seed, started=utc_now(), runs=RUNS)


def _facts(scenario: Scenario, system: ActorSystem, wall: float) -> Facts:
    providers = {
        name: agent.provider
        for name, agent in scenario.agents.items()
        if agent.provider is not None
    }
    return Facts(
        wall=wall,
        providers=providers,
        engines=system.engines.used(),
        resolved=resolved(scenario),
        deterministic=_is_deterministic(scenario),
        chat_latency=_chat_latency(scenario),
        varies=scenario.drawing.varies,
        drawn=scenario.drawing.drawn,
    )


def _is_deterministic(scenario: Scenario) -> bool:
    """Whether the run depends on nothing beyond this process, nor on how quick it is."""
    if scenario.clock != VIRTUAL or any(
        tool.settings.mcp is not None for tool in scenario.tools.values()
    ):
        return False
    has_server = any(
        agent.chat is not None and agent.chat[1].url is not None
        for agent in scenario.agents.values()
    )
    return not has_server and "measured" not in _chat_latency(scenario).values()


def _chat_latency(scenario: Scenario) -> dict[str, str]:
    """How the time that each agent's chat model takes is known."""
    found: dict[str, str] = {}
    for name, agent in scenario.agents.items():
        if agent.chat is None:
            continue
        if scenario.clock != VIRTUAL:
            found[name] = "real"
        elif agent.chat[1].latency is not None:
            found[name] = "declared"
        else:
            # A model that makes an agent's words itself, without a session, takes no time.
            found[name] = "none" if isinstance(agent.settings, HasChat) else "measured"
    return found
