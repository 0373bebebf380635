"""The end of the process: what is saved at one that no run asked for, and what one waits for."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

end_process: Final[Callable[[int], NoReturn]] = os._exit
"""Python's own `os._exit`, whatever runs."""

EXIT_WAITS: Final = 5.0
"""Seconds that the end of the process waits for what is at work in a library."""

_lock = threading.Lock()
_runs = 0


@contextlib.contextmanager
def exit_seen(save: Callable[[], object], code: int) -> Generator[None]:
    """Notice `os._exit` while the context lasts.

    No handler runs at such an end, and nothing is written: a run whose code calls `os._exit(0)`
    would be over in the middle and look like one that went well. So the call is told with its
    place, what can be saved is saved, and an exit code of 0 becomes another. A process that the
    run has forked ends as it likes.

    Args:
        save: called before the process ends; may fail.
        code: the exit code in place of 0.
    """
    global _runs  # noqa: PLW0603 - `os._exit` is one for the process, and runs may be several
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
        for each in (save, sys.stdout.flush, sys.stderr.flush):
            with contextlib.suppress(Exception):
                each()
        end_process(status or code)

    with _lock:
        _runs += 1
        os._exit = leave
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            if not _runs:
                os._exit = end_process  # type: ignore[assignment]


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
