"""What an agent is given in a test that does not start it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

from soundstage.agent._given import Given
from soundstage.kernel import Actor, Address
from soundstage.messages import Notice
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.agent._settings import AgentSettings
    from soundstage.kernel import Timer
    from soundstage.realtime import SessionTransport
    from soundstage.units import Samples

T = TypeVar("T")
A = TypeVar("A", bound=Actor)


class Collector(Address):
    """An address that keeps what it is told."""

    def __init__(self, name: str, sent: list[object]) -> None:
        self.name = name
        self._sent = sent

    def tell(self, message: object) -> None:
        """Keep the message."""
        self._sent.append(message)


class BareGiven(Given, frozen=True, kw_only=True):
    """As `Given`, with every message that was sent kept in `sent`."""

    sent: list[object]

    def tell_self(self, actor: Actor, message: object) -> None:
        """Keep what the agent asks of itself."""
        del actor
        self.sent.append(message)


def placed(agent: A, given: BareGiven) -> A:
    """The agent, in a place outside any kernel."""
    place: Any = BareCell(given.sent)
    agent.place(place)
    return agent


def bare_given(settings: AgentSettings) -> BareGiven:
    """Addresses that collect, no engines that load, no wire."""
    sent: list[object] = []
    return BareGiven(
        name="bare",
        settings=settings,
        mixer=Collector("mixer", sent),
        journal=Collector("journal", sent),
        hears=(),
        engines=Engines(),
        voice=settings.voice or "alloy",
        stream=random.Random,
        work=_do_at_once,
        open_wire=_no_wire,
        notify=lambda text: sent.append(Notice("bare", text)),
        sent=sent,
    )


class BareCell:
    """A place outside any kernel: its time stands still, and its timers are kept as sent."""

    def __init__(self, sent: list[object]) -> None:
        self.address = Collector("bare", sent)
        self.kernel = self
        self.now: Samples = 0
        self._sent = sent

    def after(self, cell: BareCell, delay: Samples, message: object) -> Timer:
        """Keep the message at once."""
        del cell, delay
        self._sent.append(message)
        return _Kept()

    def finish(self) -> None:
        """Nothing runs that could end."""


class _Kept:
    def cancel(self) -> None:
        """It is kept all the same."""


def _do_at_once(actor: Actor, job: Callable[[], T], then: Callable[[T], None]) -> None:
    del actor
    then(job())


def _no_wire(session: dict[str, Any]) -> SessionTransport:
    raise NotImplementedError(f"a bare agent has no wire for {sorted(session)}")
