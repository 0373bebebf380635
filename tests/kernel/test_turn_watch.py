from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

PROGRAM = """
import time
from soundstage.kernel import Actor, SimulatedKernel, TurnWatch, handles

class Works(Actor):
    @handles(str)
    def work(self, _):
        print("at work", flush=True)
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
        print("done", flush=True)

with SimulatedKernel(TurnWatch(slow=2, stuck=3)) as kernel:
    kernel.spawn("alice", Works).tell("work")
    kernel.settle()
"""


@pytest.mark.realtime
@pytest.mark.skipif(os.name != "posix", reason="this system cannot stop a process")
def test_a_process_that_was_stopped_for_long_has_no_stuck_turn() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(signal.SIGSTOP)
        threading.Event().wait(5)
        process.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=50)

    assert (process.returncode, out) == (0, "done\n"), err
