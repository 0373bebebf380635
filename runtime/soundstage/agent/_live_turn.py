"""When somebody whose voice cannot be held back has finished with the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.agent._ear import Ear
from soundstage.messages import Frame

if TYPE_CHECKING:
    from soundstage.agent._given import Given
    from soundstage.agent._speaking_right import SpeakingRight
    from soundstage.units import Samples


class LiveTurn:
    """Listens to a person's own voice, in a room with a floor; elsewhere it does nothing.

    A person speaks when he likes. His turn is over when voice activity says that his words are.

    Args:
        given: the agent's.
        right: whether it has the floor.
    """

    def __init__(self, given: Given, right: SpeakingRight) -> None:
        self._name = given.name
        self._right = right
        self._ear = Ear(given.engines.vad.open()) if given.floor else None

    def is_over(self, pts: Samples, pcm: bytes) -> bool:
        """Whether the agent has the floor, and with this frame of its voice has finished."""
        if self._ear is None:
            return False
        ended = self._ear.hear(Frame(self._name, pts, pcm)) is not None
        return self._right.held and (ended or self._right.is_used(pts, busy=False))
