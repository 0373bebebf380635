"""What follows a run from outside: a display, a window, a loudspeaker, and agents that watch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from soundstage.expectations import LiveJudge
from soundstage.kernel import Actor, Address, handles
from soundstage.messages import Decided, Entry, Levels, Notice
from soundstage.run.addresses import NEEDED
from soundstage.units import WALL

if TYPE_CHECKING:
    from soundstage.kernel import Kernel
    from soundstage.run.addresses import Addresses
    from soundstage.scenario import Scenario

_log = logging.getLogger("soundstage")

MakeWindow: TypeAlias = Callable[[Callable[[str], None]], Actor]

MakeMonitor: TypeAlias = Callable[[Address], Actor]

EVERYTHING: Final = frozenset({Decided, Entry, Levels, Notice})


class Views(Struct, frozen=True):
    """How a run is to be followed.

    Attributes:
        display: makes the actor that shows it.
        window: makes another that shows it, given what tells the reader where to look.
        monitor: makes the actor that plays what is said, given the journal.
    """

    display: Callable[[], Actor] | None = None
    window: MakeWindow | None = None
    monitor: MakeMonitor | None = None


class Subscription(Struct, frozen=True):
    """One that is told what is shown.

    Attributes:
        address: where.
        messages: the types that it is told.
    """

    address: Address
    messages: frozenset[type] = EVERYTHING


class ObserverFeed(Actor):
    """Passes events, levels and notices on to the observers, off the path of all other actors.

    Args:
        subscriptions: in the order in which they are told.
    """

    def __init__(self, subscriptions: Sequence[Subscription]) -> None:
        super().__init__()
        self._subscriptions = tuple(subscriptions)

    @handles(Decided)
    @handles(Entry)
    @handles(Levels)
    @handles(Notice)
    def pass_on(self, message: Decided | Entry | Levels | Notice) -> None:
        """Tell each that takes it."""
        for subscription in self._subscriptions:
            if type(message) in subscription.messages:
                subscription.address.tell(message)


class Observers:
    """The actors that follow a run.

    Args:
        views: which there are to be.
        scenario: its agents may follow the run, too.
        addresses: of the run.
        kernel: where they live.

    Attributes:
        monitor: plays what is said, or None.
    """

    def __init__(
        self, views: Views, scenario: Scenario, addresses: Addresses, kernel: Kernel
    ) -> None:
        self._views = views
        self._kernel = kernel
        self._addresses = addresses
        self._display = kernel.address("run.display") if views.display is not None else None
        self._window = kernel.address("run.window") if views.window is not None else None
        self.monitor = kernel.address("run.monitor") if views.monitor is not None else None
        # A simulated run is over, and judged, before its verdicts could be watched.
        is_watched = views.display is not None and scenario.clock == WALL
        self._judge = kernel.address("run.judge") if is_watched else None
        self._demands = scenario.demands
        self._agents = [
            Subscription(addresses.agents[name], frozenset(messages))
            for name, agent in scenario.agents.items()
            if (messages := [m for m in (Entry, Levels) if agent.agent_class.handler_of(m)])
        ]

    def shows(self, message: type) -> bool:
        """Whether any of them is told messages of a type."""
        return any(message in each.messages for each in self._subscriptions())

    @property
    def groups(self) -> list[list[Address]]:
        """All of them but the agents, in the order in which they are to be stopped."""
        views = (self._judge, self._display, self._window, self.monitor)
        return [[self._addresses.observers], [view for view in views if view is not None]]

    def spawn(self) -> None:
        """Start them. A view that fails is left dead: the run is the same without it."""
        views, spawn = self._views, self._kernel.spawn
        feed = partial(ObserverFeed, self._subscriptions())
        spawn(self._addresses.observers, feed, policy=NEEDED)
        if views.display is not None and self._display is not None:
            spawn(self._display, views.display)
        if self._judge is not None:
            spawn(self._judge, partial(LiveJudge, self._demands, self._addresses.observers))
        if views.window is not None and self._window is not None:
            spawn(self._window, partial(views.window, self.notify("")))
        if views.monitor is not None and self.monitor is not None:
            # Only a run that is listened to has to do with devices.
            from soundstage.devices import MONITOR_LIMITS  # noqa: PLC0415

            make = partial(views.monitor, self._addresses.hub)
            spawn(self.monitor, make, limits=MONITOR_LIMITS)

    def notify(self, agent: str) -> Callable[[str], None]:
        """What shows a line to the person who started the run, as coming from an agent."""
        if self._views.display is None:
            return lambda text: _log.warning("%s", text)
        return lambda text: self._addresses.observers.tell(Notice(agent, text))

    def _subscriptions(self) -> list[Subscription]:
        subscriptions = [Subscription(self._display)] if self._display is not None else []
        if self._window is not None:
            subscriptions.append(Subscription(self._window, frozenset({Entry, Levels})))
        if self._judge is not None:
            subscriptions.append(Subscription(self._judge, frozenset({Entry})))
        return [*subscriptions, *self._agents]
