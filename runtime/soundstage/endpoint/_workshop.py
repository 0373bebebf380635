"""Where the slow work of a session is done: elsewhere, and never on the session's own thread."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel import Timer
    from soundstage.units import Samples

T = TypeVar("T")


class Craft(Enum):
    """What kind of work it is; one kind never waits for another."""

    RECOGNISE = auto()
    COMPOSE = auto()
    SYNTHESISE = auto()
    CHAT = auto()


class Workshop(Protocol):
    """Works for any number of sessions that live on one thread.

    Attributes:
        is_instant: whether work takes no time, so that none need be done before it is wanted.
    """

    @property
    def is_instant(self) -> bool: ...

    def submit(
        self,
        craft: Craft,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Timer:
        """Have something done; works of one craft are done in the order of their submission.

        Args:
            craft: which kind of work it is.
            work: what is to be done, elsewhere perhaps.
            done: gets what the work returned, on the sessions' thread.
            failed: gets what the work raised, likewise.

        Returns:
            Once it is cancelled neither `done` nor `failed` is called.
        """
        ...

    def after(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Call something on the sessions' thread when the delay has passed."""
        ...
