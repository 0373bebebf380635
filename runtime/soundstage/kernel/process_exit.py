"""The end of the process: what is saved at one that no run asked for, and what one waits for."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Final, NoReturn

from soundstage.messages.outcome import EXIT_INVALID

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_log = logging.getLogger("soundstage.kernel")

end_process: Final[Callable[[int], NoReturn]] = os._exit
"""Python's own `os._exit`, whatever runs."""

SAVES_WITHIN: Final = 0.4
"""Seconds that is spent on what can still be saved, before the process ends by force."""

EXIT_WAITS: Final = 5.0
"""Seconds that the end of the process waits for what is at work in a library."""

_lock = threading.Lock()
_saves: list[Callable[[], object]] = []


@contextlib.contextmanager
def saved_at_forced_end(save: Callable[[], object]) -> Generator[None]:
    """Have this called, while the context lasts, if the process is ended by force.

    That is at the second signal, or because code of the run has called `os._exit`. No handler runs
    at such a call, and nothing is written: a run would be over in the middle and look like one that
    went well. So the place of the call is told, and an exit code of 0 becomes that of a run that
    could not be judged. A process that the run has forked ends as it likes.

    It is called on a thread of its own and may fail; it has 0.4 s together with all the others.
    """
    owner = os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() != owner:
            end_process(status)
        caller = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        with contextlib.suppress(Exception):
            # What passes on the log may be a thread, and no thread gets its turn any more.
            sys.stderr.write(
                f"os._exit({status!r}) was called at {caller.f_code.co_filename}:"
                f"{caller.f_lineno}, in the middle of a run: the run has no result\n"
            )
        save_all()
        end_process(status or EXIT_INVALID)

    with _lock:
        _saves.append(save)
        os._exit = leave
    try:
        yield
    finally:
        with _lock:
            _saves.remove(save)
            if not _saves:
                os._exit = end_process  # type: ignore[assignment]


def save_all() -> None:
    """Save what can be saved, before the process ends by force; it takes no longer than 0.4 s."""
    with contextlib.suppress(RuntimeError):  # no thread starts while Python shuts down
        saver = threading.Thread(target=_save, name="last-saves", daemon=True)
        saver.start()
        saver.join(SAVES_WITHIN)


def _save() -> None:
    # The last one first, as with every context that is left.
    for save in (*reversed(_saves), sys.stdout.flush, sys.stderr.flush):
        try:
            save()
        except Exception as error:  # noqa: BLE001 - the others are still to be saved
            _log.warning("%r failed while the process was ended: %r", save, error)


class AtWork:
    """The threads that are inside an engine's library, of all executors.

    At the end of the process Python kills a daemon thread as soon as it comes back from a library,
    and where the library's own frames do not bear that, the system ends the process as crashed. So
    the end waits for what is at work, though not for what hangs.
    """

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Condition()
        atexit.register(self.wait)

    def begin(self, thread: threading.Thread) -> None:
        """A thread begins a job."""
        with self._changed:
            self._threads.add(thread)

    def end(self, thread: threading.Thread) -> None:
        """It has done it; harmless where it had begun none."""
        with self._changed:
            self._threads.discard(thread)
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until none is at work, or it takes too long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._threads, EXIT_WAITS)


at_work: Final = AtWork()
"""Of this process."""
