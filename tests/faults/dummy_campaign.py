"""Plays cases of the fault campaign in a process of its own, and looks at what they leave."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import wave
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, Self

from soundstage.results import History, RunFolder, read_expectations, read_result
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dummy_fault_table import Case

HERE = Path(__file__).parent
WORKER = HERE / "dummy_fault_worker.py"
ENTRY_POINTS = "[soundstage.synthesizers]\nat-fault = dummy_fault_engines:SynthesizerAtFault\n"


class Campaign:
    """Plays cases, each to its end; a process that died is replaced.

    Args:
        folder: for the runs.

    Attributes:
        played_before: whether the process that played the last case had played others before, on
            the same clock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._played: list[str] = []
        self.played_before = False
        self._lines: Queue[str] = Queue()
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        install_engine(self._folder / "packages")
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def play(self, case: Case) -> dict[str, Any]:
        """What the worker tells of a case; see `_play`."""
        try:
            return self._play(case)
        finally:
            # A signal may arrive when the run is over: it must not meet the next case.
            if case.surface in {"process", "clock"}:
                self._end()

    def _play(self, case: Case) -> dict[str, Any]:
        """What the worker tells of a case; `killed` or `endless` where there is nothing."""
        folder = self._folder / f"{case.surface}-{case.fault}-{case.clock}-{case.seed}"
        process = self._worker()
        self.played_before = self._played.count(case.clock) > 1
        self._played.append(case.clock)
        given = {"case": list(case), "folder": str(folder)}
        assert process.stdin is not None
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        if case.surface in {"process", "clock"}:
            self._harm(case, folder, process)
        try:
            line = self._lines.get(timeout=case.expected.within)
        except Empty:
            self._end()
            return {"outcome": "endless", "owner": "", "folder": folder}
        if not line:
            code = process.wait(10)
            self._end()
            return {"outcome": "killed", "owner": "", "exit_code": code, "folder": folder}
        return {**json.loads(line), "folder": folder}

    def _harm(self, case: Case, folder: Path, process: subprocess.Popen[str]) -> None:
        """Do to the process what the case says, once its run has begun to be recorded."""
        log = folder / "run" / "events.jsonl"
        within = threading.Event()
        for _ in range(6000):
            if log.is_file() and log.stat().st_size > 200 + 100 * case.seed:
                break
            within.wait(0.005)
        match case.surface, case.fault:
            case "process", "raise":
                process.send_signal(signal.SIGINT)
            case "process", "flood":
                for _ in range(2):
                    process.send_signal(signal.SIGINT)
                    within.wait(0.05)
            case "process", "die":
                process.kill()
            case "clock", "hang":
                process.send_signal(signal.SIGSTOP)
                within.wait(7)
                process.send_signal(signal.SIGCONT)

    def _worker(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-u", str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=self._environment(),
            )
            self._lines = Queue()
            self._reader = threading.Thread(
                target=_read, args=(self._process, self._lines), name="campaign", daemon=True
            )
            self._reader.start()
        return self._process

    def _environment(self) -> Mapping[str, str]:
        paths = (
            self._folder / "packages",
            HERE,
            HERE.parent / "endpoint" / "replies",
        )
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}

    def _end(self) -> None:
        process, self._process = self._process, None
        self._played = []
        if process is None:
            return
        process.kill()
        process.wait(10)
        if self._reader is not None:
            self._reader.join(10)
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def install_engine(packages: Path) -> None:
    """Make a folder in which, once it is on the path, the engine `at-fault` is installed."""
    info = packages / "at_fault-1.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: at-fault\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)


def _read(process: subprocess.Popen[str], lines: Queue[str]) -> None:
    assert process.stdout is not None
    with suppress(ValueError):
        for line in process.stdout:
            if line.startswith("{"):
                lines.put(line)
    lines.put("")


def faults_of_artefacts(path: Path, *, whole: bool) -> list[str]:
    """What is wrong with what a run left: a log that does not parse, sound that is not there.

    Args:
        path: the folder of the case.
        whole: whether nothing kept the run from writing all that belongs to it.
    """
    if not (path / "run").is_dir():
        return ["there is no run folder"]
    folder = RunFolder.find(path / "run")
    history = History.read(folder.events)
    # In real time, what hangs may do so in the middle of a frame or two, and the end comes later.
    most = FRAME_SAMPLES if history.started.clock == VIRTUAL else 5 * FRAME_SAMPLES
    wrong: list[str] = []
    if whole:
        read_result(folder, history)
        read_expectations(folder)
        if history.ended is None:
            wrong.append("the log has no end")
        wrong += [
            f"no {each.name}" for each in (folder.transcript, folder.report) if not each.is_file()
        ]
    for sound in folder.sounds.glob("*.wav"):
        if not whole and sound.stat().st_size < 44:
            continue
        with wave.open(str(sound)) as opened:
            if opened.getframerate() != SAMPLE_RATE:
                wrong.append(f"{sound.name} has another rate")
            length = opened.getnframes()
        if whole and abs(length - history.end) > most:
            wrong.append(f"{sound.name} has {length} samples of {history.end}")
    return wrong
