"""The second Ctrl-C ends the process within a second, whatever hangs in it."""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
import threading

import pytest

from soundstage.kernel import Interrupts, Stopwatch

pytestmark = pytest.mark.realtime

PROMISED = 1.0

PROGRAM = """
import sys, threading, time
from soundstage.kernel import Interrupts, saved_at_forced_end

def computes():
    while True:
        pass

def waits():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

def waits_in_a_library():
    import ctypes
    mutex, library = ctypes.create_string_buffer(64), ctypes.CDLL(None)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)  # no signal brings the main thread back to Python

def computes_in_a_library():
    import re
    threading.Thread(target=re.match, args=("(a+)+$", "a" * 60 + "b"), daemon=True).start()
    while True:
        time.sleep(60)

def waits_for_a_thread():
    threading.Thread(target=waits).start()

def swallows():
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass

def hangs_in_its_last_save():
    global save
    save = waits
    waits()

def save():
    open(sys.argv[2], "w").write("saved")

with saved_at_forced_end(lambda: save()), Interrupts(grace=float(sys.argv[3]), is_last=True):
    with saved_at_forced_end(print):  # forgotten when it is left
        pass
    print("ready", flush=True)
    globals()[sys.argv[1]]()
print("over", flush=True)
"""


def begin(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


def ended_by(running: subprocess.Popen[str], *signals: signal.Signals, wait: float = 0) -> float:
    """Signal in this order; returns the seconds between the last signal and the end."""
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    try:
        threading.Event().wait(wait)
        *first, last = signals
        for number in first:
            running.send_signal(number)
            threading.Event().wait(0.3)
            assert running.poll() is None
        watch = Stopwatch()
        running.send_signal(last)
        running.wait(20)
        return watch.seconds
    finally:
        running.kill()
        running.stdout.close()


@pytest.mark.parametrize(
    ("hangs", "grace"),
    [
        ("computes", 0),
        ("waits", 0),
        ("swallows", 0),
        ("waits_in_a_library", 0),
        ("waits_in_a_library", 0.5),
        ("swallows", 0.5),
    ],
)
def test_the_second_signal_ends_the_process_and_saves_what_can_be_saved(tmp_path, hangs, grace):
    file = tmp_path / "saved"
    running = begin(hangs, file, grace)
    took = ended_by(running, signal.SIGINT, signal.SIGINT)
    assert took < PROMISED
    assert running.returncode == 130
    assert file.read_text() == "saved"


@pytest.mark.parametrize("hangs", ["computes", "waits"])
def test_a_program_that_is_given_time_can_end_by_itself(tmp_path, hangs):
    file = tmp_path / "saved"
    assert ended_by(begin(hangs, file, 0.5), signal.SIGINT, signal.SIGINT) < PROMISED
    assert not file.exists()


def test_a_save_that_hangs_does_not_hold_up_the_end(tmp_path):
    running = begin("hangs_in_its_last_save", tmp_path / "saved", 0)
    assert ended_by(running, signal.SIGINT, signal.SIGINT) < PROMISED
    assert running.returncode == 130


def test_a_thread_that_python_waits_for_does_not_hold_up_the_end(tmp_path):
    running = begin("waits_for_a_thread", tmp_path / "saved", 0)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    assert running.stdout.readline() == "over\n"
    watch = Stopwatch()
    running.send_signal(signal.SIGINT)
    running.wait(20)
    running.stdout.close()
    assert watch.seconds < PROMISED
    assert running.returncode == -signal.SIGINT


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no way")
def test_a_thread_that_never_gives_up_pythons_lock_does_not_hold_up_the_end(tmp_path):
    running = begin("computes_in_a_library", tmp_path / "saved", 0)
    # It cannot say when it has the lock, as no other thread runs from then on.
    assert ended_by(running, signal.SIGINT, signal.SIGINT, wait=1) < PROMISED
    assert running.returncode == -signal.SIGINT


@pytest.mark.parametrize(("first", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_says_what_the_process_exits_with(tmp_path, first, code):
    running = begin("computes", tmp_path / "saved", 0)
    assert ended_by(running, first, signal.SIGINT) < PROMISED
    assert running.returncode == code


def test_one_signal_is_noted_and_the_handlers_are_given_back():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    threads = threading.active_count()
    told: list[str] = []
    with Interrupts(asked=lambda: told.append("asked")) as interrupts:
        assert (interrupts.reason, interrupts.exit_code) == ("", 0)
        signal.raise_signal(signal.SIGTERM)
        assert (interrupts.reason, interrupts.exit_code) == ("terminate", 143)
    assert told == ["asked"]
    assert {number: signal.getsignal(number) for number in before} == before
    assert threading.active_count() == threads


def test_the_second_signal_raises_where_the_program_is_given_time_to_leave():
    with Interrupts(grace=5) as interrupts:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert interrupts.reason == "interrupt"
