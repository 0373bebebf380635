"""Ctrl-C in a program that runs a scenario: the run is hung up, and leaves whole artefacts."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType


@contextmanager
def interrupts_noted() -> Generator[Callable[[], str]]:
    """Take a note of the first Ctrl-C instead of raising in the middle of a turn.

    The second one raises. Nothing is changed where somebody else has taken over Ctrl-C, or beside
    the main thread, which alone is told of it.

    Yields:
        What says why a run is to be hung up, or nothing.
    """
    noted: list[str] = []

    def note(number: int, frame: FrameType | None) -> None:
        if noted:
            signal.default_int_handler(number, frame)
        noted.append("interrupt")

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield str
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: noted[0] if noted else ""
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
