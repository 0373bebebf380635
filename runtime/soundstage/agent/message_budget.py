"""How many messages an agent may send in a time: what it sends, others must take in."""

from __future__ import annotations

from typing import Final

from soundstage.errors import TooManyMessages
from soundstage.units import SAMPLE_RATE, Samples

AT_ONCE: Final = 2_000
"""A fifth of what may wait for an actor, so that a few agents at once are harmless too."""

PER_SECOND: Final = 1_000
"""On the long run; an agent that talks with others sends some ten."""


class MessageBudget:
    """Counts what an agent sends; frames are not counted, as there is one a tick.

    Without it, the actor that gets too many letters fails, and with it the run, though the fault
    is the sender's.

    Args:
        name: the agent's.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = AT_ONCE
        self._since: Samples = 0

    def spend(self, now: Samples) -> None:
        """Send one message.

        Args:
            now: the time of the run; on the virtual clock it stands still within a turn.

        Raises:
            TooManyMessages: there were too many; this one is not sent.
        """
        earned = (now - self._since) * PER_SECOND // SAMPLE_RATE
        if earned > 0:
            self._left = min(AT_ONCE, self._left + earned)
            self._since = now
        if self._left <= 0:
            raise TooManyMessages(
                f"{self._name} sends too much: at most {AT_ONCE:,} messages at once and "
                f"{PER_SECOND:,} a second; what comes after is not sent"
            )
        self._left -= 1
