"""One program: its process, whether it is ready, and its end with everything that it started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soundstage.config.values import Pattern
from soundstage.errors import PatternTimeout, ServerFailed
from soundstage.kernel import Stopwatch
from soundstage.servers.dialed_in import HOST, DialedIn
from soundstage.servers.running_server import RunningServer, last_lines
from soundstage.servers.server_program import PYTHON_PLACE, filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.servers.server_program import ServerProgram

LOOKS_EVERY: Final = 0.1
"""Seconds between two looks whether it is ready."""

ASKED_WITHIN: Final = 1.0
"""Seconds that one look may take."""

MOST_SEARCHED: Final = 1_000_000
"""Bytes of the log in which the sign of readiness is looked for at once."""

OVERLAP: Final = 10_000
"""Bytes that are looked through again: the sign may have come in two pieces."""

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENS: Final = "0A"
"""`TCP_LISTEN` of Linux's `net/tcp_states.h`."""

_GUARD: Final = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.read(0, 1)
try:
    os.killpg(int(sys.argv[1]), signal.SIGKILL)
except ProcessLookupError:
    pass
"""
"""Waits until this process is gone, however it ends, and kills the program with all it started."""


class ServerProcess:
    """A program from its start to its end.

    Args:
        program: what is started.
        log: where its output goes; its folder is made.
    """

    def __init__(self, program: ServerProgram, log: Path) -> None:
        self.program = program
        self._log = log
        self._watch = Stopwatch()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._port = program.port
        self._dialed_in: DialedIn | None = None
        self._searched = 0

    @property
    def running(self) -> RunningServer:
        """The program, for those that call it."""
        if self._process is None:
            return RunningServer(self.program.name, self._port)
        return RunningServer(
            self.program.name, self._port, self._process.pid, str(self._log), self._dialed_in
        )

    def start(self) -> None:
        """Start it, unless one that runs already is to be used.

        Raises:
            ServerFailed: it cannot be started, or its port is taken.
        """
        program = self.program
        if program.port and _answers(program.port):
            if program.reuse:
                return
            raise ServerFailed(
                f"the port {program.port} of the server {program.name} is taken already: end what "
                "listens there, or say reuse = true to use it"
            )
        self._port = self._listen() if program.ready.dials_in else program.port or free_port()
        self._watch = Stopwatch()
        self._spawn()

    def wait_ready(self, asked: Callable[[], str]) -> None:
        """Wait until it is ready.

        Args:
            asked: says why everything is to be broken off, or nothing; then it waits no longer.

        Raises:
            ServerFailed: it has ended, or its time is over.
        """
        process, name = self._process, self.program.name
        if process is None:
            return
        while not asked():
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(LOOKS_EVERY)
                raise ServerFailed(
                    f"the server {name} {_how_ended(code)} before it was ready" + self._said()
                )
            if self._is_ready():
                return
            if self._watch.seconds > self.program.timeout:
                raise ServerFailed(
                    f"the server {name} was not ready within {self.program.timeout:g} s "
                    f"({self._wanted()})" + self._said()
                )

    def ask_to_stop(self) -> None:
        """Ask the program, and it alone, to end; what it has started is its own to end."""
        process = self._process
        if process is not None and process.poll() is None:
            # Only the process: a second signal makes some programs kill their whole group.
            process.terminate()

    def stop(self) -> None:
        """Wait for its end, and end by force what is left of its process group."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.program.stop)
            _kill_group(process.pid)
            process.wait()
        self._dismiss_guard()
        if self._dialed_in is not None:
            self._dialed_in.close()

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        if self._process is not None:
            _kill_group(self._process.pid)

    def _listen(self) -> int:
        try:
            self._dialed_in = DialedIn(self.program.port)
        except OSError as error:
            raise ServerFailed(
                f"nothing can listen on the port {self.program.port} for the server "
                f"{self.program.name}: {error}"
            ) from None
        return self._dialed_in.port

    def _spawn(self) -> None:
        program = self.program
        command = [filled(word, self._port) for word in program.command]
        command = [sys.executable if word == PYTHON_PLACE else word for word in command]
        own = {name: filled(value.reveal(), self._port) for name, value in program.env.items()}
        env = {**os.environ, "PORT": str(self._port), "SOUNDSTAGE": "1", **own}
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("wb") as sink:
                self._process = subprocess.Popen(  # noqa: S603 - it is the user's own command
                    command,
                    cwd=program.folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            found = "" if shutil.which(command[0]) else "; there is no such program on PATH"
            raise ServerFailed(
                f"the server {program.name} cannot be started: {error}{found}"
            ) from None
        self._guard = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-I", "-S", "-c", _GUARD, str(self._process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _dismiss_guard(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            # Killed before its pipe is closed: it has nothing more to kill.
            guard.kill()
            guard.wait()
            if guard.stdin is not None:
                guard.stdin.close()

    def _is_ready(self) -> bool:
        ready = self.program.ready
        if self._dialed_in is not None:
            return self._dialed_in.has_come()
        if ready.log:
            return self._has_written(Pattern(ready.log))
        if ready.url:
            return _is_good(filled(ready.url, self._port))
        return _answers(self._port)

    def _has_written(self, pattern: Pattern) -> bool:
        """Look through what has come since the last look, and a little of what was before it."""
        with self._log.open("rb") as source:
            end = source.seek(0, os.SEEK_END)
            while self._searched < end:
                begin = max(0, self._searched - OVERLAP)
                source.seek(begin)
                text = source.read(MOST_SEARCHED).decode("utf-8", "replace")
                self._searched = min(end, begin + MOST_SEARCHED)
                with suppress(PatternTimeout):
                    if pattern.search(text) is not None:
                        return True
        return False

    def _wanted(self) -> str:
        ready = self.program.ready
        if ready.dials_in:
            return f"it has not connected to port {self._port}: does its command have {{port}}?"
        if ready.log:
            return f"its output has no '{ready.log}'"
        if ready.url:
            return f"{filled(ready.url, self._port)} does not answer with 200 to 399"
        return f"nothing listens on port {self._port}: does its command have {{port}}?"

    def _said(self) -> str:
        lines = last_lines(self._log)
        return f"; its last lines:{lines}" if lines else "; it wrote nothing"


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    """Whether anything on this machine listens on a port."""
    listening = _listening()
    if listening is not None:
        return port in listening
    try:
        with socket.create_connection((HOST, port), ASKED_WITHIN):
            return True
    except OSError:
        return False


def _listening() -> set[int] | None:
    """The ports that are listened on, as Linux tells them; None where it does not.

    To connect and to hang up at once would tell it, too, and many servers log that as an error.
    """
    ports: set[int] = set()
    for table in _TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        rows = [line.split() for line in lines]
        ports |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == _LISTENS}
    return ports if _TABLES[0].exists() else None


def _is_good(url: str) -> bool:
    # Only a run with programs asks for a page, and the library takes a tenth of a second to load.
    import httpx  # noqa: PLC0415

    try:
        # A proxy of the environment is for the world outside.
        answer = httpx.get(url, timeout=ASKED_WITHIN, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.is_success or answer.is_redirect


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _how_ended(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
