"""The ends of a scenario, found in the events of a run alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.messages import events
from soundstage.moments import MomentMatcher
from soundstage.units import Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.config.values import Moment
    from soundstage.messages.events import Event
    from soundstage.moments import Happening


BEGINS_WITHIN: Final[Samples] = samples_of_ms(2000)
"""How long a reply that is made may take to begin to play, once its agent has nothing else to say.

In a room with a floor it may never begin: the floor is given no more.
"""

CREATED_WITHIN: Final[Samples] = samples_of_ms(10_000)
"""How long a session may take to begin with a reply that it has been asked for."""


class Due(Struct, frozen=True):
    """The run is to end, for this reason, so long after now."""

    reason: str
    delay: Samples = 0


class Endings:
    """Watches the events for the first condition that holds.

    Args:
        turns: end after so many turns, or None.
        silence: end after so long in which no agent is audible, replies or waits for a tool.
        when: moments that end the run.
    """

    def __init__(
        self, *, turns: int | None, silence: Samples | None, when: Sequence[Moment]
    ) -> None:
        self._turns = turns
        self.silence = silence
        self._when = tuple(when)
        self._moments = MomentMatcher(when)
        self._replies = 0
        self._audible: set[str] = set()
        self._replying: set[str] = set()
        self._waiting: set[str] = set()
        self.quiet_since: Samples | None = 0

    @property
    def hang_up_is_an_end(self) -> bool:
        """Whether hanging up is a declared end."""
        return any(moment.event == "hang_up" for moment in self._when)

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
        happenings = self._moments.observe(event)
        # Where a turn ends that was found in sound is a matter of its pauses: no run ends by that.
        if isinstance(event, events.Turn) and event.response:
            self._replies += 1
            if self._turns and self._replies >= self._turns:
                return Due("turns")
        return self._first_of(happenings)

    @property
    def next_silence(self) -> Samples | None:
        """When `pass_time` may have an end to tell if no voice is heard until then, or None."""
        return self._moments.next_silence

    def pass_time(self, now: Samples) -> Due | None:
        """Let time pass; the first end that a silence has brought, if any."""
        return self._first_of(self._moments.pass_time(now))

    def _first_of(self, happenings: Iterable[Happening]) -> Due | None:
        for happening in happenings:
            if happening.times == 1:
                moment = self._when[happening.place]
                return Due(f"when[{happening.place}]", moment.delay)
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
            case events.Dropped():
                # Its agent is silent, but the conversation is not over.
                self._waiting.add(_gap_of(event.agent))
            case events.Reconnected() | events.Fault():
                self._waiting.discard(_gap_of(event.agent))
            case events.Left():
                self._audible.discard(event.agent)
                self._waiting.discard(_gap_of(event.agent))
            case _:
                return
        busy = self._audible or self._replying or self._waiting
        self.quiet_since = None if busy else event.pts


def _gap_of(agent: str) -> str:
    """What is waited for while an agent has no session; no id of a call has a space."""
    return f"session of {agent}"


class SpeechInProgress:
    """Follows the replies of all agents from their making to the turn that they become.

    A run that ends waits for what is being said, or is about to be.
    """

    def __init__(self) -> None:
        self._audible: set[str] = set()
        self._making: dict[str, str] = {}
        self._made: dict[str, str] = {}
        self._playing: dict[str, str] = {}
        self._replies: set[str] = set()
        self._asked: dict[str, Samples] = {}
        self._changed: dict[str, Samples] = {}

    @property
    def is_audible(self) -> bool:
        """Whether any agent is audible now."""
        return bool(self._audible)

    @property
    def is_untold(self) -> bool:
        """Whether a reply is being played whose turn is not in the log yet."""
        return bool(self._playing)

    def has_words(self, now: Samples) -> bool:
        """Whether a reply is being made or played, or is about to be."""
        asked = any(now - since < CREATED_WITHIN for since in self._asked.values())
        soon = any(now - self._changed[agent] < BEGINS_WITHIN for agent in self._made.values())
        return bool(asked or self._making or self._playing or soon)

    def expect(self, agent: str, now: Samples) -> None:
        """An agent has asked its session for a reply."""
        self._asked[agent] = now

    def observe(self, event: Event) -> None:
        """Take one event of the log."""
        self._changed[event.agent] = event.pts
        match event:
            case events.VoiceStarted(track="said"):
                self._audible.add(event.agent)
            case events.VoiceStopped(track="said"):
                self._audible.discard(event.agent)
            case events.ResponseStarted():
                self._asked.pop(event.agent, None)
                self._making[event.response] = event.agent
                self._replies.add(event.response)
            case events.ResponseDone():
                self._made_reply(event)
            case events.AgentSpeechStarted():
                self._made.pop(event.response, None)
                self._playing[event.response] = event.agent
            case events.Turn():
                self._forget(event.response)
            case events.AgentSpeechStopped():
                # The turn of a reply that was cut comes later; a recording makes none.
                if not event.cut or event.response not in self._replies:
                    self._playing.pop(event.response, None)
            case events.Left() | events.Fault() | events.Dropped():
                self._forget_agent(event.agent)
            case _:
                pass

    def _made_reply(self, done: events.ResponseDone) -> None:
        agent = self._making.pop(done.response, done.agent)
        is_to_come = done.text and done.status in {"completed", "incomplete"}
        if is_to_come and done.response not in self._playing:
            self._made[done.response] = agent

    def _forget(self, response: str) -> None:
        # A server may lose the end of a response: one that was played to its end is over.
        for known in (self._making, self._made, self._playing):
            known.pop(response, None)

    def _forget_agent(self, agent: str) -> None:
        self._audible.discard(agent)
        self._asked.pop(agent, None)
        for known in (self._making, self._made, self._playing):
            for response in [each for each, its in known.items() if its == agent]:
                del known[response]
