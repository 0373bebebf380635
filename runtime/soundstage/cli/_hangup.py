"""Ctrl-C and TERM: noted at once, acted on between turns."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


class HangUp:
    """Keeps the first signal that asked the run to end.

    A handler that raised would break off whatever turn the main thread is in, and with it the
    artefacts; so it only takes a note.

    Attributes:
        asked: `interrupt`, `terminate`, or empty.
    """

    def __init__(self) -> None:
        self.asked = ""

    def install(self) -> None:
        """Take over SIGINT and SIGTERM."""
        signal.signal(signal.SIGINT, self._note)
        signal.signal(signal.SIGTERM, self._note)

    @property
    def exit_code(self) -> int:
        """What a shell expects of a command that was ended this way."""
        return 128 + (signal.SIGTERM if self.asked == "terminate" else signal.SIGINT)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if not self.asked:
            self.asked = "terminate" if number == signal.SIGTERM else "interrupt"
