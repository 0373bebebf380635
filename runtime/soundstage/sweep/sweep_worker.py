"""A worker: a process that runs the seeds it is given, one after the other."""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from soundstage.errors import SoundstageError
from soundstage.kernel import Interrupts, Stopwatch
from soundstage.messages import cause_of_break_off, events, outcome_of
from soundstage.results import History, turns_of
from soundstage.run import cache_for, play
from soundstage.scenario import load_scenario
from soundstage.sweep.sweep_request import RunReport
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from soundstage.cache import Cache
    from soundstage.results import RunFolder
    from soundstage.scenario import Scenario
    from soundstage.sweep.sweep_request import SweepRequest

STOP = "stop"
"""What a worker is told in place of a seed, also during a run."""


def work(connection: Connection, request: SweepRequest) -> None:
    """Run the seeds that come, until told to stop; the main function of a worker's process.

    Args:
        connection: seeds come from it, and reports go to it, encoded.
        request: what is run.
    """
    with Interrupts(is_last=True) as interrupts:
        _work(_Inbox(connection, interrupts), connection, request)


def _work(inbox: _Inbox, connection: Connection, request: SweepRequest) -> None:
    logging.getLogger("soundstage").addHandler(logging.NullHandler())
    # Engines and cache are the process's: the second run finds them as the first one left them.
    scenario = load_scenario(
        request.file, sets=request.sets, provider=request.provider, clock=request.clock
    )
    cache = cache_for(request.clock, request.cache)
    while not inbox.stopped and (seed := inbox.next_seed()) is not None:
        report = run_one(scenario, seed, request, cache=cache, hang_up=inbox.look)
        with suppress(OSError):  # the process that ordered this is gone, as `inbox` will find
            connection.send_bytes(msgspec.msgpack.encode(report))
    connection.close()


def run_one(
    scenario: Scenario,
    seed: int,
    request: SweepRequest,
    *,
    cache: Cache | None,
    hang_up: Callable[[], str] = str,
) -> RunReport:
    """Run one seed; whatever goes wrong is in the report."""
    watch = Stopwatch()
    try:
        drawn = scenario.with_seed(seed)
        played = play(drawn, out=request.folder(seed), cache=cache, hang_up=hang_up)
    except (SoundstageError, OSError) as error:
        outcome = outcome_of(cause_of_break_off(error))
        return RunReport(
            seed=seed,
            outcome=outcome.kind,
            reason=outcome.reason,
            exit_code=outcome.exit_code,
            explanation=outcome.explanation,
            wall=watch.seconds,
        )
    outcome, history = played.outcome, History.read(played.folder.events)
    return RunReport(
        seed=seed,
        outcome=outcome.kind,
        reason=outcome.reason,
        exit_code=outcome.exit_code,
        explanation=outcome.explanation,
        duration=round(seconds_of(history.end), 6),
        wall=round(watch.seconds, 3),
        turns=turns_of(history),
        drawn=dict(drawn.drawing.drawn),
        fingerprint=_fingerprint(history, played.folder),
    )


def _fingerprint(history: History, folder: RunFolder) -> str:
    """What was played and called, and when, without what each seed names in its own way."""
    digest = hashlib.sha256()
    for path in sorted(folder.sounds.glob("*.wav")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for event in history.events:
        shown: tuple[object, ...]
        match event:
            case events.Turn():
                shown = (event.agent, event.start, event.end, event.generated, event.said)
            case events.ToolCalled():
                shown = (event.agent, event.pts, event.tool, event.arguments)
            case events.ToolReturned():
                shown = (event.agent, event.pts, event.tool, event.output, event.error)
            case events.RunEnded():
                shown = (event.pts, event.outcome, event.reason)
            case _:
                continue
        digest.update(msgspec.json.encode(shown))
    return digest.hexdigest()


class _Inbox:
    """What comes to a worker: seeds, the word to stop, signals, and the end of its parent."""

    def __init__(self, connection: Connection, interrupts: Interrupts) -> None:
        self._connection = connection
        self._interrupts = interrupts
        self._why = ""

    @property
    def stopped(self) -> bool:
        """Whether no more is to be done."""
        return bool(self._why or self._interrupts.reason)

    def next_seed(self) -> int | None:
        """Wait for the next seed; None when there is no more to do."""
        message = self._receive()
        return message if isinstance(message, int) else None

    def look(self) -> str:
        """Why the run under way is to be broken off, or nothing."""
        self._why = self._why or self._interrupts.reason
        if not self._why and self._connection.poll():
            self._receive()
        return self._why

    def _receive(self) -> Any:
        try:
            message = self._connection.recv()
        except (EOFError, OSError):  # the process that ordered this is gone
            message = STOP
        if message == STOP:
            self._why = self._why or "interrupt"
        return message
