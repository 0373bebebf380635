"""A watch over turns on the virtual clock: one that does not end would hold up everything."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, Final

from soundstage.errors import StuckTurn

if TYPE_CHECKING:
    from collections.abc import Generator

_log = logging.getLogger("soundstage.kernel")

SLOW: Final = 1.0
"""Seconds of wall time that a turn may take without a warning."""

SLOW_JOB: Final = 10.0
"""The same for a job between two turns: the first one of a kind loads a model."""

STUCK: Final = 30.0
"""Seconds of wall time after which a turn is broken off."""

_SIGNAL: Final[signal.Signals | None] = getattr(signal, "SIGURG", None)
"""Wakes a main thread that waits or sleeps. It does nothing by default, so a late one is harmless;
where there is none, as on Windows, a turn is named and not broken off."""


class TurnWatch:
    """Names a turn that takes long while it still runs, and breaks it off when it is stuck.

    A second thread looks at what the simulated kernel is doing; it touches no actor.

    Args:
        slow: seconds until a turn is warned about, by name and place.
        stuck: seconds until `StuckTurn` is raised in it, and again after as long.
    """

    def __init__(self, slow: float = SLOW, stuck: float = STUCK) -> None:
        self._slow = slow
        self._stuck = stuck
        self._who = ""
        self._since = 0.0
        # What holds for the present turn: a job between two turns may take longer.
        self._slow_now = slow
        self._stuck_now = stuck
        self._over = threading.Event()
        self._watched = 0
        self._thread: threading.Thread | None = None
        self._before: Any = None
        self._can_break = False

    def begin(self) -> None:
        """Watch the calling thread from now on."""
        self._watched = threading.get_ident()
        # Python runs signal handlers in the main thread only.
        is_main = threading.current_thread() is threading.main_thread()
        if _SIGNAL is not None and is_main:
            self._before = signal.signal(_SIGNAL, self._break_off)
            self._can_break = True
        self._thread = threading.Thread(target=self._look, name="turn-watch", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Watch no longer; harmless when it has not begun."""
        if self._thread is None:
            return
        self._who = ""
        self._over.set()
        self._thread.join()
        self._thread = None
        if self._can_break and _SIGNAL is not None:
            signal.signal(_SIGNAL, self._before or signal.SIG_DFL)

    def enter(self, who: str) -> None:
        """A turn begins, and with it the one before is over."""
        now = time.monotonic()
        if now - self._since > self._slow_now and self._who:
            _warn(self._who, now - self._since)
        self._since = now
        self._who = who

    @contextlib.contextmanager
    def longer(self, who: str, within: float) -> Generator[None]:
        """Watch the block as a turn that may take so many seconds.

        Raises:
            StuckTurn: in the block, when they have passed.
        """
        self._slow_now, self._stuck_now = min(SLOW_JOB, within), within
        self.enter(who)
        try:
            yield
        finally:
            self.leave()
            self._slow_now, self._stuck_now = self._slow, self._stuck

    def leave(self) -> None:
        """The last turn is over, and none follows at once."""
        took = time.monotonic() - self._since
        if took > self._slow_now and self._who:
            _warn(self._who, took)
        self._who = ""

    def _look(self) -> None:
        # Each turn is warned about once, and known by when it began.
        warned = 0.0
        every = min(self._slow, self._stuck) / 4
        looked, worked = time.monotonic(), time.process_time()
        while not self._over.wait(every):
            stood = time.monotonic() - looked - every
            if stood > self._stuck / 4 and time.process_time() - worked < stood / 4:
                # The whole process stood still, this thread too: a closed laptop is no slow turn.
                self._since += stood
            looked, worked = time.monotonic(), time.process_time()
            who, since = self._who, self._since
            if not who:
                continue
            takes = time.monotonic() - since
            if takes > self._slow_now and warned != since:
                warned = since
                _log.warning("%s is slow, the run waits for it at:\n%s", who, self._place())
            if takes > self._stuck_now and self._can_break and _SIGNAL is not None:
                # The watched thread may have ended since we looked.
                with contextlib.suppress(ProcessLookupError):
                    signal.pthread_kill(self._watched, _SIGNAL)

    def _place(self) -> str:
        # There is no public way to another thread's stack.
        frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        frame = frames.get(self._watched)
        return "".join(traceback.format_stack(frame)[-3:]) if frame is not None else "(unknown)"

    def _break_off(self, number: int, frame: object) -> None:
        del number, frame
        who, takes = self._who, time.monotonic() - self._since
        if who and takes > self._stuck_now:
            # Counted anew, as the turn may catch the error and hang again.
            self._since = time.monotonic()
            raise StuckTurn(
                f"{who} was in one turn for {takes:.0f} s of wall time: "
                "an actor must not sleep or wait"
            )


def _warn(who: str, took: float) -> None:
    _log.warning("%s took %.1f s of wall time in one turn", who, took)
