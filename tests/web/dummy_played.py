"""A run in a process of its own, as a user starts it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]

QUIET = """
from soundstage import Agent


class Quiet(Agent):
    '''Says nothing, and so needs no engine.'''
"""

QUIET_BOT = """
[agents.bot]
kind = "./quiet.py:Quiet"
[agents.visitor]
kind = "browser"
seats = 2
on_leave = "free"
[[links]]
between = ["bot", "visitor"]
[end]
when = [{ event = "hang_up" }]
max = "2m"
"""


def one_seat(on_leave: str) -> str:
    return QUIET_BOT.replace("seats = 2", "seats = 1").replace('"free"', f'"{on_leave}"')


class Played:
    """A run that prints a link.

    Attributes:
        link: the address that it printed.
    """

    def __init__(self, *arguments: str | Path) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, *map(str, arguments), "--ui", "plain"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""
        self.link = self._find_link()

    def _find_link(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.printed += line
            found = re.search(r"(?:join|watch) at (http://\S+)", line)
            if found:
                return found[1]
        raise AssertionError(f"no link was printed:\n{self.printed}")

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def wait(self, within: float = 30) -> int:
        """The exit code, once the run is over by itself."""
        self.printed += self._process.communicate(timeout=within)[0]
        return self._process.returncode

    def kill(self) -> None:
        """Whatever has become of it, leave no process behind."""
        if self._process.poll() is None:
            self._process.kill()
        assert self._process.stdout is not None
        if not self._process.stdout.closed:
            self._process.communicate()
