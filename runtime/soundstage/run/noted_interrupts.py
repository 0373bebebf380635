"""Ctrl-C in a program that runs a scenario: the run is hung up, and leaves whole artefacts."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from soundstage.kernel import Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

GRACE: Final = 0.5
"""Seconds that the program has after the second Ctrl-C until its process is ended."""


@contextmanager
def interrupts_noted() -> Generator[Callable[[], str]]:
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
