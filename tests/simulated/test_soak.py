"""A day of talk in simulated time: what a run holds does not grow with its length."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from soundstage import run_scenario

if TYPE_CHECKING:
    from pathlib import Path

WATCH = '''
import gc
import json
import threading

import psutil

from soundstage import Agent, Begin, handles

HOUR = 3600 * 24_000


class Look:
    pass


class Watch(Agent):
    """Writes down once an hour what the process holds."""

    @handles(Begin)
    def begin(self, _):
        self.after(HOUR, Look())

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
        self.after(HOUR, Look())
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


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_a_day_of_talk_holds_no_more_than_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "watch.py").write_text(WATCH)
    (tmp_path / "day.toml").write_text(SCENE.replace("MINUTES", "1440"))
    run = run_scenario(tmp_path / "day.toml", out=tmp_path / "run", check=False)
    held = [json.loads(line) for line in (tmp_path / "held.jsonl").read_text().splitlines()]
    rss = [each["rss"] for each in held]
    log = (run.folder / "events.jsonl").stat().st_size
    a_minute = slope(rss) / 60
    print(
        f"{len(run.turns)} turns; RSS {rss[0]:.0f} to {rss[-1]:.0f} MB, {a_minute:.4f} MB a minute"
    )
    print(f"log {log / 1e6:.1f} MB, {log / max(len(run.turns), 1):.0f} bytes a turn")
    assert (run.outcome, run.reason) == ("ended", "max")
    assert len(run.turns) > 2000
    assert a_minute < 0.1
    assert len({each["threads"] for each in held}) == 1
    assert max(each["descriptors"] for each in held) <= held[0]["descriptors"] + 1
    assert log / len(run.turns) < 4000
