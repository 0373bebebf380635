"""What an agent is given in a test that does not start it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

from soundstage.agent._given import Given
from soundstage.kernel import Address
from soundstage.messages import Notice
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.agent._settings import AgentSettings
    from soundstage.kernel import Actor
    from soundstage.realtime import Wire

T = TypeVar("T")


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


def _do_at_once(actor: Actor, job: Callable[[], T], then: Callable[[T], None]) -> None:
    del actor
    then(job())


def _no_wire(session: dict[str, Any]) -> Wire:
    raise NotImplementedError(f"a bare agent has no wire for {sorted(session)}")
