"""Ctrl-C and TERM: the first asks the run to end, and the second ends the process."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

from soundstage.kernel.process_exit import end_process, save_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Self

_log = logging.getLogger("soundstage.kernel")

_REASONS: Final = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminate"}

_ONE_TIME: Final = "__sysv_signal"
"""The C library's `signal` of System V, whose handlers run once."""

_IGNORED: Final = 1
"""`SIG_IGN`, in C."""


class OneTimeHandler:
    """Python's own handler of a signal, made to run once: the system acts on the next signal.

    Python has no name for such a handler. Where the C library has none, nothing is changed.

    Args:
        number: the signal, which Python handles already.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._signal: Any = (
            getattr(ctypes.CDLL(None), _ONE_TIME, None) if os.name == "posix" else None
        )
        if self._signal is not None:
            self._signal.restype = ctypes.c_void_p
            self._signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
            self._handler = self._signal(number, _IGNORED)
            self.install()

    def install(self) -> None:
        """Let it run once more; from any thread."""
        if self._signal is not None:
            self._signal(self._number, self._handler)


class Interrupts:
    """Notes the first Ctrl-C or TERM, and ends the process at the second, whatever hangs.

    A handler of Python's runs only when the main thread comes to it, and a main thread that waits
    inside a library does not. So a thread of its own is woken by the signal and counts, too. Where
    a thread never gives up Python's lock, as a regular expression can, neither of the two runs: so
    until the first signal has been counted, the system ends the process at the second. With a
    grace it does not: a second signal that comes at once, as from a program that passes it on,
    would leave no time.

    Args:
        numbers: the signals that are taken over.
        grace: seconds that the program has after the second signal, which then raises
            `KeyboardInterrupt`, to leave the context; with none it ends at once.
        asked: called once, in the main thread, at the first signal; must be short.
        is_last: whether the program only exits afterwards: then the system ends the process at
            the next signal, should a thread that Python waits for never end.

    Attributes:
        reason: `interrupt` or `terminate` once there was a signal, else empty.
    """

    def __init__(
        self,
        *,
        numbers: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM),
        grace: float = 0.0,
        asked: Callable[[], object] | None = None,
        is_last: bool = False,
    ) -> None:
        self.reason = ""
        self._numbers = numbers
        self._grace = grace
        self._asked = asked
        self._is_last = is_last
        self._handled = 0
        self._left = threading.Event()
        self._forced = threading.Event()
        self._before: dict[signal.Signals, object] = {}
        self._once: dict[signal.Signals, OneTimeHandler] = {}

    @property
    def exit_code(self) -> int:
        """What a shell expects of a command that was ended this way; 0 without a signal."""
        codes = {reason: 128 + number for number, reason in _REASONS.items()}
        return codes.get(self.reason, 0)

    def __enter__(self) -> Self:
        """Take the signals over; in the main thread only."""
        # Python writes the number of each signal into this socket, whatever its threads do.
        self._wakes, self._woken = socket.socketpair()
        self._woken.setblocking(False)  # noqa: FBT003 - its only argument
        self._fd_before = signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        for number in self._numbers:
            self._before[number] = signal.signal(number, self._handle)
            if not self._grace:
                self._once[number] = OneTimeHandler(number)
        self._thread = threading.Thread(target=self._count, name="interrupts", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        self._left.set()
        # The handlers first: with the thread gone, a second signal would be counted by none.
        for number, handler in self._before.items():
            after = signal.SIG_DFL if self._is_last else handler
            signal.signal(number, after)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._fd_before)
        self._woken.close()
        self._thread.join()
        self._wakes.close()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._handled += 1
        self._note(number)
        if self._handled == 1:
            if self._asked is not None:
                self._asked()
            return
        # An event loop may have taken the thread's wake-up away.
        threading.Thread(target=self._force, name="forced-end", daemon=True).start()
        if self._grace:
            raise KeyboardInterrupt

    def _count(self) -> None:
        counted = 0
        while signals := self._wakes.recv(64):
            for number in signals:
                if number in self._numbers:
                    self._note(number)
                    counted += 1
                    if number in self._once:
                        self._once[signal.Signals(number)].install()
            if counted > 1:
                self._force()

    def _note(self, number: int) -> None:
        self.reason = self.reason or _REASONS.get(signal.Signals(number), "interrupt")

    def _force(self) -> None:
        if self._left.wait(self._grace) or self._forced.is_set():
            return
        self._forced.set()
        save_all()
        end_process(self.exit_code)
