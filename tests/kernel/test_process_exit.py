from __future__ import annotations

import os
import subprocess
import sys

import pytest

from soundstage.kernel import saved_at_forced_end

PROGRAM = """
import os
from soundstage.kernel import saved_at_forced_end

with saved_at_forced_end(lambda: print("saved")):
    {body}
"""


def run(body: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(body=body)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(("status", "code"), [(0, 3), (9, 9)])
def test_an_end_of_the_process_saves_first_and_is_never_a_success(status: int, code: int) -> None:
    ended = run(f"os._exit({status})")

    assert ended.returncode == code
    assert ended.stdout == "saved\n"
    assert f"os._exit({status}) was called at <string>:6" in ended.stderr


def test_what_cannot_be_saved_holds_nothing_up() -> None:
    ended = run("saved_at_forced_end(lambda: 1 / 0).__enter__(); os._exit(0)")

    assert (ended.returncode, ended.stdout) == (3, "saved\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_ends_as_it_likes() -> None:
    ended = run("pid = os.fork() or os._exit(0); print(os.waitpid(pid, 0)[1])")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "0\n", "")


def test_outside_a_run_nothing_is_changed() -> None:
    before = os._exit
    with saved_at_forced_end(int):
        with saved_at_forced_end(int):
            pass
        assert os._exit is not before
    assert os._exit is before


def test_the_end_waits_for_what_is_at_work_in_a_library() -> None:
    program = """
import threading
from soundstage.kernel import JobKind, ThreadExecutor

begun, end = threading.Event(), threading.Event()

def work():
    begun.set()
    end.wait(1)  # as a library that has let Python's lock go
    print("done", flush=True)

executor = ThreadExecutor()
executor.submit(JobKind.RECOGNISE, work, owner="a", tell=id, result=id, error=id)
begun.wait()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
