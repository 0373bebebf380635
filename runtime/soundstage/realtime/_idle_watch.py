"""How long nobody has said anything since the assistant last did."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundstage.units import Samples


class IdleWatch:
    """The clock of `idle_timeout_ms`.

    It runs from the end of what the assistant said; any speech resets it, and it rings once
    until the assistant has spoken again.
    """

    def __init__(self) -> None:
        self._armed = False
        self._since: tuple[Samples, Samples] | None = None

    def check(
        self, now: Samples, position: Samples, *, replying: bool, speaking: bool
    ) -> tuple[Samples, Samples]:
        """How long it has been silent.

        Args:
            now: the time.
            position: how much of the caller's audio has been heard.
            replying: whether a response is being made or heard.
            speaking: whether the caller speaks.

        Returns:
            The length of the silence, 0 while there is none, and the position it began at.
        """
        self._armed |= replying
        if replying or speaking or not self._armed:
            self._since = None
            return 0, position
        self._since = self._since or (now, position)
        began, at = self._since
        return now - began, at

    def rung(self) -> None:
        """It has been acted upon."""
        self._armed = False
        self._since = None
