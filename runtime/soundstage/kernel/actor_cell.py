"""An actor's place in the kernel: it outlives the actor, and looks after it."""

from __future__ import annotations

import logging
import sys
import traceback
from collections import Counter
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from msgspec import Struct

from soundstage.errors import KernelError, RunBrokenOff, is_interrupt
from soundstage.kernel.actor_options import Policy
from soundstage.kernel.mailbox import Start
from soundstage.messages import (
    Faulted,
    Kill,
    Ready,
    Stop,
    Stopped,
    cause_of,
    traceback_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.kernel.actor_options import Phase, Timer
    from soundstage.kernel.executor import Executor
    from soundstage.kernel.mailbox import Mailbox
    from soundstage.kernel.portal import Portal
    from soundstage.messages import TickBlock
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.kernel")


class Address:
    """Where an actor is reached, whichever incarnation of it lives. Telling never raises.

    It may be told before its actor is spawned: what it is told waits until then, within the
    bounds of every mailbox.

    Attributes:
        name: the actor's name.
    """

    name: str

    def __init__(self, mailbox: Mailbox, name: str) -> None:
        self._put = mailbox.put
        self.name = name

    def __repr__(self) -> str:
        return f"Address({self.name!r})"

    def tell(self, message: object) -> None:
        """Send a message, from any thread; one to the dead is dropped and counted."""
        self._put(message)


class Incarnation(Protocol):
    """What a cell asks of the actor that lives in it.

    Attributes:
        auto_ready: whether it is ready once it has started.
        foresees: the phases in which it is asked by `foresee`.
        ready_handlers: what handles messages of the types that have come before; empty where
            `on_receive` has to see each message.
    """

    auto_ready: ClassVar[bool]
    foresees: ClassVar[tuple[Phase, ...]]
    ready_handlers: Mapping[type, Callable[[Any], None]]

    def place(self, cell: Cell) -> None:
        """Learn where it lives."""

    def started(self) -> None:
        """Begin."""

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        """Say for how many ticks it only passes sound on."""

    def on_receive(self, message: Any) -> Any:
        """Handle a message."""

    def stopping(self) -> None:
        """Let what is under way end, and finish."""

    def laid_down(self) -> None:
        """Release what it holds: it gets no further message."""


class CellHost(Protocol):
    """What a cell, and the actor in it, ask of their kernel; see `Kernel`."""

    @property
    def now(self) -> Samples:
        """Samples since the kernel began."""
        ...

    @property
    def portal(self) -> Portal:
        """The one asyncio thread."""
        ...

    @property
    def executor(self) -> Executor:
        """Does slow work outside the actors."""
        ...

    def changed(self) -> None:
        """An actor has become ready, or has ended."""

    def later(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Do something when the delay has passed."""
        ...

    def after(self, cell: Cell, delay: Samples, message: object) -> Timer:
        """Tell the present incarnation of a cell a message when the delay has passed."""
        ...

    def pace(self, cell: Cell, phase: Phase) -> None:
        """Tell a cell every tick from now on, in its phase."""

    def take_part(self, cell: Cell, phases: tuple[Phase, ...]) -> None:
        """Ask a cell in these phases before several ticks are told at once."""

    def unpace(self, cell: Cell) -> None:
        """Tell a cell no more ticks."""

    def break_off(self, broken: RunBrokenOff) -> None:
        """Make `run` raise this."""


class State(Enum):
    """Where an actor is in its life."""

    RESERVED = "reserved"
    NEW = "new"
    LIVE = "live"
    DOWN = "down"
    ENDING = "ending"
    ENDED = "ended"


class _Bound(Struct, frozen=True):
    """A message for one incarnation only."""

    incarnation: int
    message: Any


# One look-up in a set tells the few messages of the kernel from the many of the actors.
_CONTROL = frozenset({_Bound, Start, Stop, Kill})
"""What a cell deals with itself."""


class Cell:
    """One actor's mailbox, policy and present incarnation.

    Pykka cannot restart an actor: a new one has a new reference. So addresses lead to the cell,
    which stays, and the cell makes actors. The host decides when `turn` is called; everything
    else is the same on both hosts.

    Attributes:
        drops: counts what came too late, as `lost` or `stale`; the mailbox counts the rest, as it
            is told from other threads.
        order: when it was spawned, against the other cells of its kernel.
        name: the actor's.
    """

    def __init__(self, kernel: CellHost, name: str, mailbox: Mailbox) -> None:
        self.kernel = kernel
        self.name = name
        self.address = Address(mailbox, name)
        self.mailbox = mailbox
        self.drops: Counter[str] = Counter()
        self.order = 0
        self.state = State.RESERVED
        self.is_ready = False
        self.error: BaseException | None = None
        self.incarnation = 0
        self.restarts = 0
        self._make: Callable[[], Incarnation] | None = None
        self._policy = Policy()
        self._watcher: Address | None = None
        self._actor: Incarnation | None = None
        # Kept here, so that nearly every message goes straight to the method that handles it.
        self._handlers: Mapping[type, Callable[[Any], None]] = {}

    def employ(
        self, make: Callable[[], Incarnation], policy: Policy, watcher: Address | None, order: int
    ) -> None:
        """Learn which actor lives here, and how it is looked after."""
        self._make = make
        self._policy = policy
        self._watcher = watcher
        self.order = order
        self.state = State.NEW

    def put(self, message: object) -> None:
        """Queue a message, from any thread."""
        self.mailbox.put(message)

    def teller(self) -> Callable[[object], None]:
        """What queues messages for the present incarnation only, however late it is called."""
        # An actor that was restarted must not be told what its predecessor asked for.
        incarnation = self.incarnation
        return lambda message: self.put(_Bound(incarnation, message))

    def bound(self, message: object) -> object:
        """The message as it is queued for the present incarnation only."""
        return _Bound(self.incarnation, message)

    def begin(self) -> None:
        """Queue the actor's start."""
        self.put(Start(self.incarnation))

    def turn(self, message: Any) -> None:
        """Handle one message; a failure is looked after here, and never leaves."""
        try:
            handler = self._handlers.get(type(message))
            if handler is None:
                self._handle(message)
            else:
                handler(message)
            # The sender only sets a mark: it must not fail for what the receiver is too slow for.
            if self.mailbox.overflowed and self.state is State.LIVE:
                self.mailbox.overflowed = False
                raise KernelError(f"too many letters wait for {self.address.name}")  # noqa: TRY301
        except BaseException as error:  # noqa: BLE001 - Pykka would stop every actor
            self.fail(error)
            if is_interrupt(error):
                self._break_off(error)

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        """Ask the actor for how many ticks it only passes sound on; see `Actor.foresee`."""
        actor = self._actor
        if actor is None or self.state is not State.LIVE:
            stretch.ticks = 0
            return
        try:
            actor.foresee(stretch, phase)
        except BaseException as error:  # noqa: BLE001 - as in a turn
            stretch.ticks = 0
            self.fail(error)
            if is_interrupt(error):
                self._break_off(error)

    # What the actor says of itself.

    def ready(self) -> None:
        """The actor can do its work."""
        if self.is_ready:
            return
        self.is_ready = True
        self._tell_watcher(Ready(self.address.name))
        self.kernel.changed()

    def finish(self, by: str = "") -> None:
        """The actor is done."""
        if self.state is State.LIVE:
            self._end()
            self._tell_watcher(Stopped(self.address.name, by))

    def _handle(self, message: Any) -> None:
        kind: type[Any] = type(message)
        if kind in _CONTROL:
            if kind is Start:
                self._incarnate(message.incarnation)
                return
            if kind is not _Bound:
                self._asked_to_end(message)
                return
            if message.incarnation != self.incarnation or self.state is not State.LIVE:
                self.drops["stale"] += 1
                return
            message = message.message
        actor = self._actor
        if actor is None:
            self.drops["lost"] += 1
            return
        actor.on_receive(message)

    def _incarnate(self, incarnation: int) -> None:
        make = self._make
        if incarnation != self.incarnation or self.state is State.ENDED or make is None:
            return
        actor = make()
        # Before `started`, in which the actor may already use its address and its clock.
        actor.place(self)
        self._actor = actor
        self._handlers = actor.ready_handlers
        self.state = State.LIVE
        if actor.foresees:
            self.kernel.take_part(self, actor.foresees)
        actor.started()
        if actor.auto_ready:
            self.ready()

    def _asked_to_end(self, message: Stop | Kill) -> None:
        if self.state is State.LIVE and self._actor is not None and type(message) is Stop:
            self._actor.stopping()
        elif self.state not in {State.ENDING, State.ENDED}:
            self._end()
            self._tell_watcher(Stopped(self.address.name))

    def _end(self) -> None:
        self.state = State.ENDING
        # First of all, so that every letter is counted that comes while the actor ends.
        self.mailbox.close()
        try:
            self._lay_down()
        finally:
            # Only now: a stop that waits for the end waits for what the actor releases, too.
            self.state = State.ENDED
            self.kernel.changed()

    def _lay_down(self) -> None:
        self.kernel.unpace(self)
        actor, self._actor = self._actor, None
        self._handlers = {}
        if actor is None:
            return
        try:
            actor.laid_down()
        except BaseException as error:  # noqa: BLE001 - the end goes on; the fault is told
            self._report(error, "leave")
            if is_interrupt(error):
                self._break_off(error)
            self._break_off_if_unwatched(error)

    def fail(self, error: BaseException) -> None:
        """The actor has failed: look after it as its policy says."""
        if self.state is State.ENDED:
            # It was given up while it was still at work.
            return
        self.error = error
        # From here on, timers and jobs of this incarnation are stale.
        self.incarnation += 1
        self.is_ready = False
        # An actor that breaks the kernel's rules would break them again. `sys.exit` in code of the
        # user is a fault like any other: the program is not the actor's to end.
        ends_run = isinstance(error, KernelError) or is_interrupt(error)
        action = "end" if ends_run else str(self._policy.on_fault)
        if action == "restart" and self.restarts >= self._policy.restarts:
            action = "leave"
        self._report(error, action)
        if action == "restart":
            self.state = State.DOWN
            # What waits was meant for an actor with another state; it may even be the cause.
            self.mailbox.clear()
            self._lay_down()
            # Twice as long each time: a device or server that is away needs time to come back.
            wait = self._policy.backoff << self.restarts
            self.restarts += 1
            self.kernel.later(wait, partial(self.put, Start(self.incarnation)))
        else:
            self._break_off_if_unwatched(error)
            self._end()

    def give_up(self, error: BaseException) -> None:
        """Its turn does not end: from another thread, tell so, and go on without the actor.

        What the actor holds is not released, for it is still at work.
        """
        if self.state not in {State.LIVE, State.ENDING}:
            return
        self.error = error
        self.incarnation += 1
        self.mailbox.close()
        self.kernel.unpace(self)
        self.state = State.ENDED
        self._report(error, "leave")
        self._break_off_if_unwatched(error)
        self.kernel.changed()

    def _break_off_if_unwatched(self, error: BaseException) -> None:
        # No actor is told of this fault, so no actor can end the run because of it.
        if self._watcher is None and self._policy.on_fault == "end":
            self._break_off(error)

    def _break_off(self, error: BaseException) -> None:
        self.kernel.break_off(RunBrokenOff(self.address.name, error, traceback_text(error)))

    def _report(self, error: BaseException, action: str) -> None:
        name = self.address.name
        _log.error("%s failed: %r (%s)", name, error, action, exc_info=error)
        found = Faulted(name, cause_of(error, name), traceback_text(error), action, self.restarts)
        self._tell_watcher(found)

    def _tell_watcher(self, message: object) -> None:
        if self._watcher is not None:
            self._watcher.tell(message)


def dump_tracebacks() -> None:
    """Log what every thread is doing: for actors that do not end."""
    # There is no public way to another thread's stack.
    frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    for number, frame in frames.items():
        _log.warning("thread %d:\n%s", number, "".join(traceback.format_stack(frame)))
