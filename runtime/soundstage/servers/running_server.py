"""A program that is ready, as those see it that call it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from soundstage.kernel import AsyncClock
from soundstage.servers.dialed_in import DialedIn
from soundstage.units import samples_of_ms, samples_of_seconds

LINES: Final = 12
"""Lines of its output that a fault shows."""

MOST_READ: Final = 8192
"""Bytes of its output that are read for them."""

_ENDS_WITHIN: Final = samples_of_seconds(0.5)
"""How long a process may take to end after its sockets have closed."""

_LOOKS_EVERY: Final = samples_of_ms(20)


class RunningServer(Struct, frozen=True):
    """A program that is ready.

    Attributes:
        name: its name.
        port: the port that it listens on.
        pid: its process; 0 where one is used that ran before.
        log: where its output goes; None where nothing of it is kept.
        dialed_in: its connection, where it is one that dials in.
    """

    name: str
    port: int
    pid: int = 0
    log: str | None = None
    dialed_in: DialedIn | None = None

    def has_ended(self) -> bool:
        """Whether its process has ended; False where that is not known."""
        if not self.pid:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return _is_zombie(self.pid)

    async def ends_soon(self) -> bool:
        """Whether its process has ended, or ends in a moment; False where that is not known."""
        clock = AsyncClock()
        # A process that dies closes its sockets first.
        while self.pid and not self.has_ended() and clock.now() < _ENDS_WITHIN:
            await clock.sleep(_LOOKS_EVERY)
        return self.has_ended()

    def last_lines(self) -> str:
        """What it wrote last, to be shown in a fault; empty where it wrote nothing."""
        return "" if self.log is None else last_lines(Path(self.log))


def last_lines(log: Path) -> str:
    """The last lines of a log, on lines of their own; empty where there are none."""
    try:
        with log.open("rb") as source:
            source.seek(max(0, log.stat().st_size - MOST_READ))
            text = source.read(MOST_READ).decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()][-LINES:]
    return "".join(f"\n  {line}" for line in lines)


def _is_zombie(pid: int) -> bool:
    # A process that has ended is there until its parent has asked how.
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]
