"""When a session is asked for a reply, and when it is cut, where its agent decides that itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from soundstage.messages.events import (
    AgentSpeechStarted,
    HeardText,
    Listening,
    ResponseDone,
    ResponseStarted,
)
from soundstage.units import Samples, samples_of_ms
from soundstage_agents._barge_in import BargeInDetector

if TYPE_CHECKING:
    from soundstage.agent import AgentContext
    from soundstage.config.values import TurnDetection
    from soundstage.messages import Frame, TakeFloor
    from soundstage.messages.events import Event

CLOCKS_DIFFER: Final = samples_of_ms(200)
"""How far the end of a turn may be off in the ears of a session far away."""

COMMITS_AFTER: Final = samples_of_ms(1000)
"""How much longer than the silence that ends a turn a session may take to notice that end."""

WRITES_WITHIN: Final = samples_of_ms(700)
"""How long a reply waits for the words of the turn before it to be written down."""

PLAYS_WITHIN: Final = samples_of_ms(2000)
"""How long a reply that is made may take to begin to play."""

_SILENCE: Final = samples_of_ms(500)


class Ask(Struct, frozen=True):
    """Have the session reply.

    Attributes:
        commit: whether what it has heard so far has to be made a turn first.
        labels: who said what, for the session to read; may be empty.
    """

    commit: bool
    labels: str


class Cut(Struct, frozen=True):
    """Another agent speaks, and it is no backchannel: stop the reply."""


class Pass(Struct, frozen=True):
    """The agent has finished with the floor; `to` is the agent that gets it, or empty."""

    to: str


Decision: TypeAlias = Ask | Cut | Pass


class _Turn(Struct):
    item: str
    speaker: str = ""
    text: str | None = None


class _Wish(Struct):
    """A reply that is to be asked for.

    Attributes:
        after: whose turn it answers, which must be in the conversation; empty for any.
        ended: when that one had been played.
        since: when the wish came up, or the turn had been heard.
        heard: whether the turn has been heard.
    """

    after: str
    ended: Samples
    since: Samples
    heard: bool


class TurnTaking:
    """Decides a frame at a time; follows the events that its agent makes.

    Args:
        context: the agent's.
        detection: how its turns are detected, from its table.

    Attributes:
        decides: whether the session leaves its replies to the agent: in a room with a floor,
            where it is told who said what, and where backchannels do not count.
        measures: whether each frame that it hears has to go through `hear`.
    """

    def __init__(self, context: AgentContext, detection: TurnDetection) -> None:
        self._name = context.name
        self._hears = context.hears
        self._floored = bool(context.identity.floor)
        self._labels = context.identity.labels
        self._detects = detection.type != "none"
        self._silence = detection.silence_duration or _SILENCE
        self._answers = detection.create_response is not False and not self._floored
        self._owed = False
        self._barge_in = BargeInDetector(
            detection.backchannel or 0, interrupts=detection.interrupt_response is not False
        )
        self.decides = self._floored or context.identity.labels or self._barge_in.matters
        self.measures = self._barge_in.matters
        self._is_open = False
        self._committed: Samples = -1
        self._untold: list[_Turn] = []
        self._wish: _Wish | None = None
        self._asked = False
        self._to = ""
        self._coming: tuple[str, Samples] | None = None
        self._begun: str = ""

    @property
    def wire(self) -> dict[str, bool]:
        """What of the session's turn detection is switched off."""
        off = {"create_response": False} if self.decides else {}
        return {**off, "interrupt_response": False} if self._barge_in.matters else off

    def take_floor(self, given: TakeFloor, now: Samples) -> None:
        """The agent may speak, once it has heard the agents that it answers."""
        after = given.after if given.after in self._hears else ""
        self._wish = _Wish(after, given.ended, now, heard=not after)
        self._asked, self._to = False, ""

    def give_floor(self, to: str) -> None:
        """The agent's reply gives the floor to another agent."""
        self._to = to

    def owe(self) -> None:
        """A tool has answered while another agent spoke; the reply comes after that."""
        self._owed = True

    def drop(self) -> None:
        """No reply is wanted any more."""
        self._wish, self._asked, self._coming = None, False, None

    @property
    def asks_itself(self) -> bool:
        """Whether it is the end of each turn that has the agent ask for an answer."""
        return self.decides and not self._floored

    def lose_session(self, now: Samples, *, hears_again: bool) -> None:
        """The session is lost, and with it what it was hearing.

        Args:
            now: the time.
            hears_again: whether the next one hears the last turn again.
        """
        self._is_open, self._coming = False, None
        self._barge_in.end()
        self._untold = [turn for turn in self._untold if turn.text is not None]
        if hears_again and not self._floored:
            self._wish = None
        elif hears_again and self._wish is not None:
            self._committed = -1
            self._wish.heard, self._wish.since = False, now

    def hear(self, frame: Frame, *, speaking: bool) -> None:
        """A frame went to the session; `speaking`: while the agent itself is heard."""
        self._barge_in.hear(frame.pts, audible=bool(frame.speakers), speaking=speaking)

    def follow(self, event: Event) -> None:
        """One of the agent's own events."""
        match event:
            case Listening(on=True):
                self._is_open = True
                self._barge_in.begin()
                if not self._floored:
                    self._wish = None
            case Listening(on=False):
                self._end_turn(event)
            case HeardText():
                for turn in self._untold:
                    if turn.item == event.item:
                        turn.speaker, turn.text = event.speaker, event.text
            case ResponseStarted():
                self._owed = False
            case AgentSpeechStarted():
                self._begun, self._coming = event.response, None
            case ResponseDone(status="completed") if event.text and event.response != self._begun:
                self._coming = (event.response, event.pts + PLAYS_WITHIN)
            case _:
                pass

    def note_speaker(self, item: str, speaker: str) -> None:
        """Who was loudest in a turn, before its words are known."""
        for turn in self._untold:
            if turn.item == item and not turn.speaker:
                turn.speaker = speaker

    @property
    def rests(self) -> bool:
        """Whether there is nothing to decide in this tick."""
        return not (
            self.measures
            or self._wish is not None
            or self._coming is not None
            or (self._asked and self._floored)
        )

    def waits(self, *, busy: bool, holds: bool) -> bool:
        """Whether `decide` has nothing to decide as long as nothing else changes; as there."""
        if self.rests:
            return True
        passes_on = holds and self._asked and not busy
        return not (self.measures or self._wish is not None or self._coming or passes_on)

    def decide(self, now: Samples, *, busy: bool, holds: bool) -> Decision | None:
        """What is to be done now, if anything.

        Args:
            now: the time.
            busy: whether a reply is being made or heard, or a tool is at work.
            holds: whether the agent has the floor.
        """
        if busy and self._barge_in.is_meant:
            self._barge_in.end()
            return Cut()
        wish = self._wish
        if wish is not None:
            return self._ask(wish, now)
        if self._coming is not None and now >= self._coming[1]:
            self._coming = None
        if holds and self._asked and not busy and self._coming is None:
            self._asked = False
            return Pass(self._to)
        return None

    def labels(self) -> str:
        """Who has said what since this was last asked, in words for the session."""
        told, self._untold = self._untold, []
        if not self._labels:
            return ""
        return "\n".join(_label(turn) for turn in told if turn.speaker and turn.text != "")

    def asked(self) -> None:
        """A reply has been asked for otherwise: the floor is passed on after it."""
        self._wish, self._asked = None, True

    def _end_turn(self, event: Listening) -> None:
        self._is_open = False
        self._committed = event.at
        self._untold.append(_Turn(event.item))
        backchannel = self._barge_in.is_backchannel
        self._barge_in.end()
        answers = self._answers and not backchannel
        if (self.decides and answers) or (self._owed and (self.decides or not self._answers)):
            self._wish = _Wish("", 0, event.pts, heard=True)

    def _ask(self, wish: _Wish, now: Samples) -> Ask | None:
        commit = False
        if not wish.heard:
            late = now - max(wish.since, wish.ended) >= self._silence + COMMITS_AFTER
            there = not self._is_open and self._committed >= wish.ended - CLOCKS_DIFFER
            if not (there or late or not self._detects):
                return None
            commit = not there
            wish.heard, wish.since = True, now
        unwritten = self._labels and any(turn.text is None for turn in self._untold)
        if unwritten and not commit and now - wish.since < WRITES_WITHIN:
            return None
        self.asked()
        return Ask(commit, self.labels())


def _label(turn: _Turn) -> str:
    name = turn.speaker[:1].upper() + turn.speaker[1:]
    return f"{name} spoke." if turn.text is None else f'{name} said: "{turn.text}"'
