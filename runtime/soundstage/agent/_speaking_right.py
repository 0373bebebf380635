"""Whether an agent may speak: in a room with a floor, only while it has that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.units import samples_of_ms

if TYPE_CHECKING:
    from soundstage.messages import TakeFloor
    from soundstage.units import Samples

PAUSE: Final = samples_of_ms(200)
"""How long an agent that has the floor is silent before it has finished."""

APART: Final = samples_of_ms(600)
"""How long it is quiet between two speakers, or sessions would take them for one: they wait for
500 ms of silence unless told otherwise."""


class SpeakingRight:
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
        """Whether it may speak, and the words before it are over for everybody."""
        return self.may_speak and now >= self._since

    def take(self, given: TakeFloor, patience: Samples | None) -> None:
        """It has the floor.

        Args:
            given: after whom.
            patience: when it passes the floor on if it has said nothing by then; None to wait
                until it does.
        """
        self.held = True
        self._since = given.ended + APART if given.after else 0
        self._last_word = None if patience is None else patience - PAUSE

    def drop(self) -> None:
        """It has the floor no longer."""
        self.held = False

    def is_used(self, now: Samples, *, busy: bool) -> bool:
        """Whether it has the floor, and has finished with it; to be asked every tick."""
        if busy:
            self._last_word = now
        return self.held and self._last_word is not None and now - self._last_word >= PAUSE
