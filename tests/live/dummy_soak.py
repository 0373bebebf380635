"""Two sessions that talk for long, and an agent that writes down what the process holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

WATCH = '''
import gc
import json
import threading

import psutil

from soundstage import Agent, Begin, handles

EVERY = SECONDS * 24_000


class Look:
    pass


class Watch(Agent):
    """Writes down now and then what the process holds."""

    @handles(Begin)
    def begin(self, _):
        self.after(EVERY, Look())

    @handles(Look)
    def look(self, _):
        gc.collect()
        process = psutil.Process()
        held = {
            "rss": process.memory_info().rss / 1e6,
            "threads": threading.active_count(),
            "descriptors": process.num_fds(),
            "objects": len(gc.get_objects()),
        }
        with open("held.jsonl", "a") as file:
            file.write(json.dumps(held) + "\\n")
        self.after(EVERY, Look())
'''

SCENE = """
[scenario]
expect_answers = false
[agents.ann]
voice = "shimmer"
on_drop = "reconnect"
reconnects = 30
opening_prompt = "Greet."
[agents.ann.local]
think = "8s"
rules = [{ heard = "fine", say = "Good. And how is the weather where you are?" }]
otherwise = "How are you today?"
lines = ["Hello, how are you?"]
[agents.ben]
voice = "ash"
on_drop = "reconnect"
reconnects = 30
[agents.ben.local]
think = "8s"
rules = [{ heard = "weather", say = "It is warm, and the sky is blue." }]
otherwise = "I am fine, thank you."
[agents.watch]
kind = "./watch.py:Watch"
[[links]]
between = ["ann", "ben"]
[[links]]
between = ["ann", "watch"]
[record]
tracks = []
mix = false
words = false
[end]
max = "MINUTESm"
"""


def slope(values: list[float]) -> float:
    """By how much each is more than the one before, by least squares."""
    n = len(values)
    mean = sum(values) / n
    along = sum((at - (n - 1) / 2) * (value - mean) for at, value in enumerate(values))
    return along / sum((at - (n - 1) / 2) ** 2 for at in range(n))


class Held(NamedTuple):
    """What the process held, each time that it was looked at.

    Attributes:
        rss: megabytes.
        slope: megabytes a minute.
    """

    rss: list[float]
    threads: set[int]
    descriptors: list[int]
    slope: float


def write_soak(folder: Path, *, minutes: int, every: int) -> Path:
    """The scenario, in this folder, which must be the working directory of the run.

    Args:
        folder: where it is written.
        minutes: how long they talk.
        every: seconds after which the process is looked at.
    """
    (folder / "watch.py").write_text(WATCH.replace("SECONDS", str(every)))
    file = folder / "soak.toml"
    file.write_text(SCENE.replace("MINUTES", str(minutes)))
    return file


def read_held(folder: Path, *, every: int) -> Held:
    """What the agent has written down; the first look is left out, as things are still loaded."""
    held = [json.loads(line) for line in (folder / "held.jsonl").read_text().splitlines()][1:]
    rss = [each["rss"] for each in held]
    return Held(
        rss,
        {each["threads"] for each in held},
        [each["descriptors"] for each in held],
        slope(rss) * 60 / every,
    )
