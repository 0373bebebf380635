"""When a run is over: the `[end]` of a scenario, judged from the events alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.messages import events
from soundstage.run.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.config.values import Moment
    from soundstage.messages.events import Event
    from soundstage.units import Samples


class Due(Struct, frozen=True):
    """The run is to end, for this reason, so long after now."""

    reason: str
    delay: Samples = 0


class Endings:
    """Watches the events for the first condition that holds.

    Args:
        turns: end after so many turns, or None.
        silence: end after so long with nobody audible, replying or waiting for a tool, or None.
        when: moments that end the run.
    """

    def __init__(
        self, *, turns: int | None, silence: Samples | None, when: Sequence[Moment]
    ) -> None:
        self._turns = turns
        self.silence = silence
        self._when = tuple(when)
        self._moments = Moments(when)
        self._audible: set[str] = set()
        self._replying: set[str] = set()
        self._waiting: set[str] = set()
        self.quiet_since: Samples | None = 0

    @property
    def hang_up_is_an_end(self) -> bool:
        """Whether hanging up is a declared end."""
        return any(moment.event == "hang_up" for moment in self._when)

    @property
    def speaking(self) -> frozenset[str]:
        """Who is audible now."""
        return frozenset(self._audible)

    def times(self) -> list[Due]:
        """The ends that are times since the run began."""
        return [
            Due(f"when[{number}]", moment.at)
            for number, moment in enumerate(self._when)
            if moment.at is not None
        ]

    def observe(self, event: Event) -> Due | None:
        """Take one event; the first end that holds with it, if any."""
        self._follow(event)
        happening = self._moments.observe(event)
        if isinstance(event, events.Turn) and self._turns and event.number >= self._turns:
            return Due("turns")
        for moment in happening:
            if moment.times == 1:
                return Due(f"when[{moment.place}]", self._when[moment.place].delay)
        return None

    def _follow(self, event: Event) -> None:
        match event:
            case events.VoiceStarted(track="said"):
                self._audible.add(event.agent)
            case events.VoiceStopped(track="said"):
                self._audible.discard(event.agent)
            case events.ResponseStarted():
                self._replying.add(event.response)
            case events.ResponseDone():
                self._replying.discard(event.response)
            case events.ToolCalled():
                self._waiting.add(event.call)
            case events.ToolReturned() | events.ToolDropped():
                self._waiting.discard(event.call)
            case events.Left():
                self._audible.discard(event.agent)
            case _:
                return
        busy = self._audible or self._replying or self._waiting
        self.quiet_since = None if busy else event.pts
