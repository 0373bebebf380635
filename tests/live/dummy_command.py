"""The command `run-scenario`, in this process or in one of its own, and what it leaves behind."""

from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import psutil

from soundstage.cli import run_scenario

ROOT = Path(__file__).parents[2]
ALICE_BOB = ROOT / "scenarios" / "alice_bob.toml"
PROGRAM = "from soundstage.cli import run_scenario; run_scenario()"


class Done(NamedTuple):
    """How a command came out."""

    code: object
    out: str
    err: str


def begin(
    *arguments: str | Path, env: Mapping[str, str] | None = None, program: str = PROGRAM
) -> subprocess.Popen[str]:
    """The command as a process."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=None if env is None else dict(env),
    )


class Tripwire(StringIO):
    """Takes what is printed; does something once a text stands in it."""

    def __init__(self, text: str = "", do: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._text = text
        self._do = do

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._text and self._text in text:
            self._text = ""
            self._do()
        return written


def play_here(*arguments: str | Path, out: StringIO | None = None) -> Done:
    """The command in this process, its main thread, as a shell would call it."""
    out, err = out or StringIO(), StringIO()
    before = sys.argv, sys.stdout, sys.stderr
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    sys.argv, sys.stdout, sys.stderr = ["run-scenario", *map(str, arguments)], out, err
    try:
        run_scenario()
    except SystemExit as ended:
        return Done(ended.code or 0, out.getvalue(), err.getvalue())
    finally:
        sys.argv, sys.stdout, sys.stderr = before
        for number, handler in handlers.items():
            signal.signal(number, handler)
    raise AssertionError("the command returned without an exit code")


@contextmanager
def nothing_left() -> Iterator[None]:
    """See that no thread, task, loop, socket or file is left that was not there before."""
    threads, files = set(threading.enumerate()), _files()
    yield
    gc.collect()
    assert set(threading.enumerate()) - threads == set()
    assert [each for each in gc.get_objects() if _is_alive(each)] == []
    assert _files() - files == set()


def _files() -> set[str]:
    """Sockets and files, by what they are: the number of a closed one may be used again."""
    process = psutil.Process()
    opened = {f"file {each.path}" for each in process.open_files()}
    return opened | {f"socket {each.laddr}" for each in process.net_connections("all")}


def _is_alive(thing: object) -> bool:
    if isinstance(thing, asyncio.Task):
        return not thing.done()
    return isinstance(thing, asyncio.AbstractEventLoop) and not thing.is_closed()
