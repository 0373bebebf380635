"""Whether an agent may speak: in a room with a floor, only while the floor is granted to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.agent.utterance_detector import Utterance, UtteranceDetector
from soundstage.messages import Frame
from soundstage.units import samples_of_ms

if TYPE_CHECKING:
    from soundstage.agent.context import AgentContext
    from soundstage.messages import TakeFloor
    from soundstage.units import Samples

PAUSE: Final = samples_of_ms(200)
"""How long an agent that has the floor is silent before it has finished."""

APART: Final = samples_of_ms(600)
"""How long it is quiet between two speakers. With less, sessions would take them for one: they
wait for 500 ms of silence unless told otherwise."""


class FloorGrant:
    """Follows the floor as one agent sees it.

    Args:
        room: the room whose floor it takes; empty where it may speak at any time.

    Attributes:
        held: whether it has the floor.
    """

    def __init__(self, room: str) -> None:
        self.room = room
        self.held = False
        self._since: Samples = 0
        self._last_word: Samples | None = None

    @property
    def may_speak(self) -> bool:
        """Whether it may speak now."""
        return self.held or not self.room

    def may_begin(self, now: Samples) -> bool:
        """Whether it may speak, and the words before it are over for every listener."""
        return self.may_speak and now >= self._since

    def take(self, granted: TakeFloor, patience: Samples | None) -> None:
        """It has the floor.

        Args:
            granted: after which speaker.
            patience: when it passes the floor on if it has said nothing by then; None to wait
                until it does.
        """
        self.held = True
        self._since = granted.ended + APART if granted.after else 0
        self._last_word = None if patience is None else patience - PAUSE

    def drop(self) -> None:
        """It has the floor no longer."""
        self.held = False

    def is_used(self, now: Samples, *, busy: bool) -> bool:
        """Whether it has the floor, and has finished with it; to be asked every tick."""
        if busy:
            self._last_word = now
        return self.held and self._last_word is not None and now - self._last_word >= PAUSE


class LiveTurnDetector:
    """Finds the end of a person's turn, in a room with a floor; elsewhere it does nothing.

    A person speaks at any time: the voice cannot be held back. So the turn is over when voice
    activity says that the words are.

    Args:
        context: the agent's.
        floor: whether the agent has the floor.
    """

    def __init__(self, context: AgentContext, floor: FloorGrant) -> None:
        self._name = context.name
        self._floor = floor
        self._detector = UtteranceDetector(context.engines.vad.open()) if floor.room else None

    def is_over(self, pts: Samples, pcm: bytes) -> bool:
        """Whether the agent has the floor, and with this frame of its voice has finished."""
        if self._detector is None:
            return False
        ended = isinstance(self._detector.hear(Frame(self._name, pts, pcm)), Utterance)
        return self._floor.held and (ended or self._floor.is_used(pts, busy=False))
