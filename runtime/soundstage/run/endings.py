"""What is waited for in a run: moments, and the ends of its scenario, found in the events alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import Struct

from soundstage.json_text import NotJson, read_json
from soundstage.messages import events
from soundstage.units import Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.config.values import Moment
    from soundstage.messages.events import Event


class Happening(Struct, frozen=True):
    """A moment that has come.

    Attributes:
        place: which of those watched for.
        times: how often it has come, from its `nth` time on, from 1.
        slots: what its phrase has bound, the fields of its tool's result, or the data emitted.
    """

    place: int
    times: int
    slots: Mapping[str, Any]


class MomentMatcher:
    """Counts how often each of some moments has happened.

    A moment that is a time is not found here: it needs no event.

    Args:
        moments: what is watched for.
    """

    def __init__(self, moments: Sequence[Moment]) -> None:
        self._moments = tuple(moments)
        self._counts = [0] * len(self._moments)
        self._arguments: dict[str, Mapping[str, object]] = {}

    def observe(self, event: Event) -> list[Happening]:
        """Take one event; the moments that come with it."""
        if isinstance(event, events.ToolCalled):
            self._arguments[event.call] = _fields_of(event.arguments)
        found: list[Happening] = []
        for place, moment in enumerate(self._moments):
            slots = self._match(moment, event)
            if slots is not None:
                self._counts[place] += 1
                times = self._counts[place] - moment.nth + 1
                if times > 0:
                    found.append(Happening(place, times, slots))
        return found

    def _match(self, moment: Moment, event: Event) -> Mapping[str, Any] | None:
        """What is bound where a moment comes with an event; None where it does not."""
        match event:
            case events.HeardText():
                its = moment.said is not None and moment.agent in {None, event.speaker}
                return moment.said.match(event.text) if its and moment.said else None
            case events.ToolReturned():
                its = moment.tool == event.tool and moment.agent in {None, event.agent}
                if its and moment.takes(self._arguments.get(event.call, {})):
                    return _fields_of(event.output)
                return None
            case events.Noted():
                its = moment.is_emitted and moment.event == event.name
                return event.data if its and moment.agent in {None, event.agent} else None
            case _:
                if moment.is_emitted:
                    return None
                its = moment.event == event.type and moment.agent in {None, event.agent}
                return {} if its else None


def _fields_of(text: str) -> dict[str, object]:
    try:
        value = read_json(text or "{}")
    except NotJson:
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


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
            case events.Left() | events.Fault():
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
