"""What does not differ between processors: everything but the speech engines.

A machine without the wider instructions is had by telling numpy not to use them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from soundstage import Run

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]

HISS = """
import array
from soundstage import Agent, Begin, handles

class Hiss(Agent):
    @handles(Begin)
    def start(self, begin):
        numbers = self.context.stream("hiss")
        for _ in range(60):
            noise = (int(numbers.gauss(0, 9000)) % 65536 - 32768 for _ in range(480))
            self.send(array.array("h", noise).tobytes())
"""

ROOM = """
[scenario]
seed = 5
[agents.ann]
kind = "./hiss.py:Hiss"
[agents.ben]
kind = "./hiss.py:Hiss"
[agents.cleo]
kind = "./hiss.py:Hiss"
[rooms.hall]
members = ["ann", "ben", "cleo"]
gain = { "ann<-ben" = "-3.7dB", "cleo<-ann" = "5dB" }
[end]
max = "2s"
[record]
tracks = ["said", "heard"]
"""


def wider_instructions() -> str:
    """Those that numpy has code for and this processor knows."""
    inside: Any = np._core._multiarray_umath
    known = [name for name in inside.__cpu_dispatch__ if inside.__cpu_features__.get(name)]
    return " ".join(known)


def test_rooms_gains_limits_recordings_and_the_log_are_the_same_on_a_plainer_processor(
    tmp_path: Path,
) -> None:
    wider = wider_instructions()
    if not wider:
        pytest.skip("this processor has no wider instructions to do without")
    (tmp_path / "hiss.py").write_text(HISS)
    scenario = tmp_path / "room.toml"
    scenario.write_text(ROOM)
    runs = []
    for name, without in (("as it is", ""), ("plainer", wider)):
        command = [*COMMAND, str(scenario), "--clock", "virtual", "--ui", "none"]
        done = subprocess.run(
            [*command, "--out", str(tmp_path / name)],
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
            env={**os.environ, "NPY_DISABLE_CPU_FEATURES": without},
        )
        assert done.returncode == 0, done.stderr
        runs.append(Run.load(tmp_path / name))
    assert runs[0].fingerprint == runs[1].fingerprint
    assert np.abs(runs[0].audio("ann", "heard").astype(int)).max() > 30_000
