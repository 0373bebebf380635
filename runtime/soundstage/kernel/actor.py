"""The base of every actor, on either host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import pykka

from soundstage.errors import BlockedActor, KernelError
from soundstage.messages import Kill, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from soundstage.kernel.actor_cell import Address, Cell
    from soundstage.kernel.actor_options import Phase, Timer
    from soundstage.kernel.executor import JobKind
    from soundstage.kernel.portal import Portal, PortalTask
    from soundstage.messages import TickBlock
    from soundstage.units import Samples

T = TypeVar("T")
Handler = TypeVar("Handler", bound="Callable[..., None]")

_MARK = "__handles__"
_KERNELS = frozenset({Stop, Kill})


def handles(message: type) -> Callable[[Handler], Handler]:
    """Mark the method that answers messages of this type; may be given several times.

    Raises:
        TypeError: it was given no class: the method would never be called.
    """
    if not isinstance(cast("object", message), type):
        raise TypeError(
            f"@handles takes the class of a message, as in @handles(Begin): {message!r}"
        )

    def mark(method: Handler) -> Handler:
        setattr(method, _MARK, (*getattr(method, _MARK, ()), message))
        return method

    return mark


class Actor(pykka.Actor):
    """Handles one message at a time, and never waits for another actor.

    A subclass marks its handlers with `@handles(Message)`; a subclass of that one may handle the
    same message in another way. An actor learns of the outside by messages, and asks for things
    by telling the addresses of others.

    Attributes:
        auto_ready: whether it is ready once `started` has returned; else it calls `ready` itself.
        foresees: the phases in which it is asked by `foresee`.
        ready_handlers: what handles messages of the types that have come before; empty where the
            class overrides `on_receive`.
    """

    auto_ready: ClassVar[bool] = True
    foresees: ClassVar[tuple[Phase, ...]] = ()
    _handlers: ClassVar[dict[type, str]] = {}
    _cell: Cell

    def __init__(self) -> None:
        super().__init__()
        # Looked up once for each type of message: a run has hundreds of thousands of messages.
        self._ready_handlers: dict[type, Callable[[Any], None]] = {}
        # A class that looks at each message itself has them all go through `on_receive`.
        sees_all = type(self).on_receive is not Actor.on_receive
        self.ready_handlers: Mapping[type, Callable[[Any], None]] = (
            {} if sees_all else self._ready_handlers
        )

    def __init_subclass__(cls) -> None:
        """Collect the handlers of the class and its bases."""
        super().__init_subclass__()
        # By name, so that a subclass that overrides the method need not mark it again.
        handlers = dict(cls._handlers)
        for name, member in vars(cls).items():
            for message in getattr(member, _MARK, ()):
                handlers[message] = name
        cls._handlers = handlers

    @classmethod
    def handler_of(cls, message: type) -> Any:
        """The function that handles messages of this type, or None."""
        name = cls._handlers.get(message)
        return None if name is None else getattr(cls, name)

    @property
    def name(self) -> str:
        """What the kernel knows it as."""
        return self._cell.address.name

    @property
    def address(self) -> Address:
        """Where others reach it, after a restart too."""
        return self._cell.address

    @property
    def now(self) -> Samples:
        """Samples since the kernel began."""
        return self._cell.kernel.now

    @property
    def portal(self) -> Portal:
        """The asyncio thread.

        Raises:
            KernelError: on the virtual clock, which has none.
        """
        return self._cell.kernel.portal

    # What an actor asks of the kernel.

    def ready(self) -> None:
        """I can do my work."""
        self._cell.ready()

    def finish(self, by: str = "") -> None:
        """I am done; no further message reaches me.

        Args:
            by: who ended it, where that is the far end of my call; empty for myself.
        """
        self._cell.finish(by)

    def pace(self, phase: Phase) -> None:
        """Be told `Tick` every 20 ms, in this phase's turn."""
        self._cell.kernel.pace(self._cell, phase)

    def after(self, delay: Samples, message: object) -> Timer:
        """Be told this message when the delay has passed, unless I have been restarted by then."""
        return self._cell.kernel.after(self._cell, delay, message)

    def run_async(
        self,
        coroutine: Coroutine[Any, Any, T],
        *,
        result: Callable[[T], object],
        error: Callable[[Exception], object],
        portal: Portal | None = None,
    ) -> PortalTask[T]:
        """Run a coroutine on a portal, the kernel's or another; I am told what came of it."""
        place = portal or self.portal
        return place.start(coroutine, self._cell.teller(), result=result, error=error)

    def submit(
        self,
        kind: JobKind,
        job: Callable[[], T],
        *,
        result: Callable[[T], object],
        error: Callable[[Exception], object],
        within: Samples | None = None,
    ) -> Timer:
        """Have slow work done outside the actor; I am told what came of it.

        See `Executor.submit`. An incarnation is told nothing of what another one submitted.
        """
        return self._cell.kernel.executor.submit(
            kind,
            job,
            owner=self.name,
            tell=self._cell.teller(),
            result=result,
            error=error,
            within=within,
        )

    # Hooks.

    def started(self) -> None:
        """Before the first message, in the actor's own context."""

    def stopping(self) -> None:
        """Asked to stop, and everything before that is done; calls `finish`, now or later."""
        self.finish()

    def settle(self) -> None:
        """Before `closed`, whether stopped, killed or failed: tell what is still to be told."""

    def closed(self) -> None:
        """Always last, whether stopped, killed or failed: release what is held."""

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        """Lower `stretch.ticks` to those in which I would only pass sound on; this changes nothing.

        Asked on the virtual clock, in each phase of `foresees`, before several ticks are told at
        once. As long as any actor is paced that has no such phase, each tick is told by itself.
        """

    def laid_down(self) -> None:
        """End for good: Pykka's mark is set, then what the actor holds is told and released."""
        self.actor_stopped.set()
        try:
            self.settle()
        finally:
            self.closed()

    def place(self, cell: Cell) -> None:
        """Called by the kernel, once, before anything else.

        Raises:
            TypeError: the actor's class has an `__init__` of its own that does not call this one's.
        """
        if "_ready_handlers" not in vars(self):
            raise TypeError(f"{type(self).__name__}.__init__ must call super().__init__")
        self._cell = cell

    # Pykka's side.

    def on_receive(self, message: Any) -> Any:
        """Hand the message to the method that handles its type."""
        handler = self._ready_handlers.get(type(message))
        if handler is None:
            handler = self._handler_for(type(message))
        handler(message)

    def _handler_for(self, kind: type[Any]) -> Callable[[Any], None]:
        name = self._handlers.get(kind)
        if name is None:
            # A message that is not understood is a mistake of the sender: to ignore it hides it.
            raise KernelError(f"{self.name} has no handler for {kind.__name__}")
        handler: Callable[[Any], None] = self.handler_for(kind, getattr(self, name))
        # These two are the kernel's, when they are told and not sent with `after`.
        if kind not in _KERNELS:
            self._ready_handlers[kind] = handler
        return handler

    def handler_for(self, kind: type[Any], handler: Callable[[Any], None]) -> Callable[[Any], None]:
        """What handles messages of a type; a base may put work of its own before the handler."""
        del kind
        return handler

    # Pykka would give each actor a queue without bounds; the kernel's mailbox takes its place.

    @staticmethod
    def _create_actor_inbox() -> Any:
        return _Unset()

    @staticmethod
    def _create_future() -> pykka.Future[Any]:
        # A future is what `ask` waits for. Two actors that ask each other wait for ever.
        raise BlockedActor(
            "an actor tells and never asks: a request is a message, and so is a reply"
        )

    def _start_actor_loop(self) -> None:
        raise KernelError("actors are spawned by a kernel")


class _Unset:
    """The inbox of an actor that no kernel has spawned; the kernel gives it a real one."""

    def empty(self) -> bool:
        return True
