"""The programs of a run or of a batch: started together, and stopped together."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from soundstage.kernel import saved_at_forced_end
from soundstage.servers.server_process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from soundstage.servers.running_server import RunningServer
    from soundstage.servers.server_program import ServerProgram


class ServerGroup:
    """Starts programs when it is entered, and has stopped them when it is left.

    Args:
        programs: what is started.
        folder: where their output is kept, as `servers/NAME.log`.
        asked: says why everything is to be broken off, or nothing.
        shared: programs that run already, for a whole batch.
    """

    def __init__(
        self,
        programs: Iterable[ServerProgram],
        folder: Path,
        *,
        asked: Callable[[], str] = str,
        shared: Mapping[str, RunningServer] | None = None,
    ) -> None:
        self._shared = dict(shared or {})
        self._asked = asked
        self._processes = [
            ServerProcess(each, folder / "servers" / f"{each.name}.log")
            for each in programs
            if each.name not in self._shared
        ]
        self._stack = ExitStack()

    @property
    def running(self) -> dict[str, RunningServer]:
        """The programs by name, once they are ready."""
        own = {each.program.name: each.running for each in self._processes}
        return self._shared | own

    def __enter__(self) -> Self:
        """Start all at once, and wait for each.

        Raises:
            ServerFailed: one was not ready in time; those that were started have been stopped.
        """
        with ExitStack() as stack:
            if self._processes:
                stack.enter_context(saved_at_forced_end(self._kill))
                stack.callback(self._stop)
            for process in self._processes:
                process.start()
            for process in self._processes:
                process.wait_ready(self._asked)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _stop(self) -> None:
        try:
            for process in self._processes:
                process.ask_to_stop()
        finally:
            for process in self._processes:
                process.stop()

    def _kill(self) -> None:
        for process in self._processes:
            process.kill()
