"""A live run in which time or an agent stood still is not passed, and says how much was lost."""

from __future__ import annotations

import json
import re
import signal
import threading
from typing import TYPE_CHECKING

import psutil
import pytest
from dummy_command import ALICE_BOB, begin

from soundstage.kernel.threaded_kernel import STALLED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows stops no process"),
]

STUCK = """
from soundstage import Agent, Begin, handles


class Stuck(Agent):
    @handles(Begin)
    def begin(self, _):
        while True:
            pass
"""


def test_a_process_that_was_stopped_makes_its_run_invalid(tmp_path: Path) -> None:
    running = begin(ALICE_BOB, "--ui", "json", "--out", tmp_path / "run")
    try:
        assert running.stdout is not None
        while '"voice_started"' not in running.stdout.readline():
            assert running.poll() is None
        process = psutil.Process(running.pid)
        process.suspend()
        threading.Event().wait(STALLED + 1)
        process.resume()
        _, err = running.communicate(timeout=60)
    finally:
        running.kill()
        running.communicate()
    assert running.returncode == 3, err
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert (result["outcome"], result["cause"]["owner"]) == ("invalid", "infrastructure")
    assert result["reason"] == "clock"
    said = result["cause"]["message"]
    told = re.search(r"stood still for (\d+\.\d) s, in which (\d+) frames", said)
    assert told is not None
    assert float(told[1]) >= STALLED
    assert int(told[2]) >= STALLED * 50


def test_an_agent_whose_turn_never_ends_fails_the_run_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(STUCK)
    scene = tmp_path / "scene.toml"
    # The other agent alone brings about the declared end.
    scene.write_text(
        '[agents.ann]\nkind = "./stuck.py:Stuck"\n[agents.ben]\nkind = "scripted"\n'
        'lines = ["Hello."]\n[[links]]\nbetween = ["ann", "ben"]\n[end]\nturns = 1\nmax = "60s"\n'
    )
    running = begin(scene, "--ui", "none", "--out", tmp_path / "run")
    try:
        _, err = running.communicate(timeout=90)
    finally:
        running.kill()
        running.communicate()
    assert running.returncode == 1, err
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert (result["outcome"], result["reason"]) == ("failed", "fault:ann")
    assert "a turn of ann did not end; it is at stuck.py:" in result["cause"]["message"]
