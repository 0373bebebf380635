"""What stands around an agent in a test that does not start it; public in `soundstage.testing`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

from soundstage.agent.context import AgentContext, AgentIdentity, AgentPorts, AgentServices
from soundstage.errors import KernelError
from soundstage.kernel import Actor, Address, Executor
from soundstage.messages import Notice
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soundstage.agent.agent_settings import AgentSettings
    from soundstage.kernel import JobKind, Phase, Portal, Timer
    from soundstage.realtime import SessionTransport
    from soundstage.tools import ReadyTool
    from soundstage.units import Samples

T = TypeVar("T")
M = TypeVar("M")
A = TypeVar("A", bound=Actor)


class Collector(Address):
    """An address that keeps what it is told.

    Args:
        name: its name.
        sent: where the messages go; several collectors may share one list.

    Attributes:
        sent: the messages, in order.
    """

    def __init__(self, name: str, sent: list[object] | None = None) -> None:
        self.name = name
        self.sent: list[object] = [] if sent is None else sent

    def tell(self, message: object) -> None:
        """Keep the message."""
        self.sent.append(message)


def bare_context(
    settings: AgentSettings,
    sent: list[object],
    *,
    name: str = "bare",
    hears: tuple[str, ...] = (),
    floor: str = "",
    folder: Path | None = None,
    tools: dict[str, ReadyTool] | None = None,
) -> AgentContext:
    """Addresses that collect into `sent`, no engines that load, no wire; slow work at once."""
    voice = settings.voice or "alloy"
    return AgentContext(
        identity=AgentIdentity(name=name, settings=settings, hears=hears, voice=voice, floor=floor),
        ports=AgentPorts(
            mixer=Collector("mixer", sent),
            journal=Collector("journal", sent),
            open_wire=_no_wire,
            notify=lambda text: sent.append(Notice(name, text)),
        ),
        services=AgentServices(
            engines=Engines(),
            stream=random.Random,
            tools=tools or {},
            folder=folder,
        ),
    )


def placed(agent: A, sent: list[object], name: str = "bare") -> A:
    """The agent, in a place outside any kernel; what it tells itself goes into `sent`."""
    place: Any = BareCell(sent, name, agent.on_receive)
    agent.place(place)
    return agent


class BareCell:
    """A place outside any kernel: its time stands still, and its timers are kept as sent.

    Its jobs are done at once, and the agent is told within the call what came of them.

    Attributes:
        readies: how often the agent has said that it is ready.
    """

    def __init__(self, sent: list[object], name: str, tell: Callable[[object], object]) -> None:
        self.address = Collector(name, sent)
        self.kernel = self
        self.now: Samples = 0
        self.executor = AtOnceExecutor()
        self.readies = 0
        self._tell = tell

    def after(self, cell: BareCell, delay: Samples, message: object) -> Timer:
        """Keep the message at once."""
        del cell, delay
        self.address.tell(message)
        return _Kept()

    @property
    def portal(self) -> Portal:
        """There is none.

        Raises:
            KernelError: always.
        """
        raise KernelError("a bare agent has no asyncio thread")

    def pace(self, cell: BareCell, phase: Phase) -> None:
        """No tick comes; a test calls `speak_frame` itself."""

    def teller(self) -> Callable[[object], object]:
        """What takes a message for the agent: here it comes at once."""
        return self._tell

    def ready(self) -> None:
        """Count it."""
        self.readies += 1

    def finish(self, by: str = "") -> None:
        """Nothing runs that could end."""


class _Kept:
    def cancel(self) -> None:
        """It is kept all the same."""


class AtOnceExecutor(Executor):
    """Does every job within the call that submits it."""

    is_instant = True

    def submit(
        self,
        kind: JobKind,
        job: Callable[[], T],
        *,
        owner: str,
        tell: Callable[[M], None],
        result: Callable[[T], M],
        error: Callable[[Exception], M],
        within: Samples | None = None,
    ) -> Timer:
        """Do it, and tell the owner."""
        del kind, owner, within
        try:
            message = result(job())
        except Exception as failure:  # noqa: BLE001 - as every executor does
            message = error(failure)
        tell(message)
        return _Kept()


def _no_wire(session: dict[str, Any]) -> SessionTransport:
    raise NotImplementedError(f"a bare agent has no wire for {sorted(session)}")
