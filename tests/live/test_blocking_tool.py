"""Tools that block for ten seconds while audio goes on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from soundstage.messages import events
from soundstage.results import Run
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

BLOCKS = """
import time

def wait() -> str:
    "Waits."
    time.sleep(10)
    return "done"

async def hog() -> str:
    "Blocks the loop of all tools, as no coroutine should."
    time.sleep(10)
    return "done too"
"""
SCENARIO = """
[agents.bot]
voice = "shimmer"
tools = ["wait", "hog"]
[agents.bot.local]
rules = [
  { heard = "wait", call = [{ tool = "wait" }, { tool = "hog" }] },
  { tool = "wait", say = "Now it is done." },
]
otherwise = "Still waiting."
[agents.caller]
kind = "scripted"
voice = "ash"
lines = ["Please wait."]
[agents.singer]
kind = "scripted"
voice = "echo"
lines = ["One two three four five six seven eight nine ten."]
[tools.wait]
python = "./blocks.py:wait"
timeout = "15s"
[tools.hog]
python = "./blocks.py:hog"
timeout = "15s"
[[links]]
between = ["bot", "caller"]
[[links]]
from = "singer"
to = "caller"
[end]
turns = 3
max = "40s"
"""


def test_no_frame_is_dropped_while_tools_block_their_thread_and_their_loop(tmp_path: Path) -> None:
    (tmp_path / "blocks.py").write_text(BLOCKS)
    (tmp_path / "call.toml").write_text(SCENARIO)
    command = "from soundstage.cli import run_scenario; run_scenario()"
    arguments = [tmp_path / "call.toml", "--ui", "none", "--out", tmp_path / "run"]
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    run = Run.load(tmp_path / "run")
    calls = run.tool_calls()
    assert [(call.result, call.error) for call in calls] == [("done", ""), ("done too", "")]
    assert all(call.latency is not None and call.latency >= 10 for call in calls)
    [started] = run.events(events.RunStarted)
    assert started.clock == "wall"
    for port in run.events(events.Audio):
        # None on a machine that has nothing else to do; were the tools in the way, five hundred.
        assert port.dropped <= 10, port
        # A frame for every 20 ms of the agent's life, the ten seconds included.
        assert port.sent * FRAME_SAMPLES / SAMPLE_RATE >= 12
