"""An agent of one's own, as the guide has it, under the strictest settings of a type checker."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MODULE = """
from collections import Counter as Tally
from typing import reveal_type

from soundstage import Agent, AsyncAgent, Duration, Effect, EffectSettings, Heard, Line, handles


class Counter(Agent):
    class Settings(Agent.Settings):
        every: int = 10

    def started(self) -> None:
        super().started()
        self.tally: Tally[str] = Tally()

    @handles(Heard)
    def count(self, heard: Heard) -> None:
        reveal_type(self.settings.every)
        reveal_type(self.settings.voice)
        reveal_type(self.context.stream("luck").random())
        self.emit("counted", **self.tally)


class Patient(Counter):
    class Settings(Counter.Settings):
        wait: Duration = Duration("1s")

    @handles(Heard)
    def count(self, heard: Heard) -> None:
        reveal_type(self.settings.wait)
        reveal_type(self.settings.every)


class Echo(AsyncAgent):
    class Settings(AsyncAgent.Settings):
        gain: float = 1.0

    async def run(self, line: Line) -> None:
        reveal_type(self.settings.gain)
        async for frame in line:
            line.write(frame.pcm)


class Louder(Effect):
    class Settings(EffectSettings):
        factor: float = 2.0

    def double(self) -> None:
        reveal_type(self.settings.factor)


def asked(counter: Counter) -> None:
    reveal_type(counter.settings)
    counter.settings.evry
"""

REVEALED = [
    "int",
    "str | None",
    "float",
    "soundstage.config.values.duration.Duration",
    "int",
    "float",
    "float",
    "guest.Counter.Settings",
]


def checked(folder: Path, text: str) -> list[str]:
    """What mypy says of a module that a user of the package might write."""
    (folder / "guest.py").write_text(text)
    # What mypy knows of numpy and pydantic it keeps from one run to the next.
    cache = ROOT / ".mypy_cache" / "guest"
    strictly = ["--strict", "--no-error-summary", "--cache-dir", str(cache)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *strictly, "guest.py"],
        cwd=folder,
        env={"MYPYPATH": f"{ROOT / 'runtime'}", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.mark.timeout(300)
def test_the_settings_of_an_agent_of_ones_own_are_typed_with_no_type_parameter(
    tmp_path: Path,
) -> None:
    lines = checked(tmp_path, MODULE)
    revealed = [found[1] for line in lines if (found := re.search(r'type is "(.+)"', line))]
    assert revealed == REVEALED
    [wrong] = [line for line in lines if "error" in line]
    assert '"Settings" has no attribute "evry"' in wrong
