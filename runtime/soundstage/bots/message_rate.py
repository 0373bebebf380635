"""How many messages a bot may send: what comes faster is no conversation, and starves its run."""

from __future__ import annotations

from typing import Final

from soundstage.errors import BotFailed
from soundstage.kernel import AsyncClock
from soundstage.units import SAMPLE_RATE, Samples

AT_ONCE: Final = 20_000
"""Six minutes of speech in pieces of 20 ms, which a bot may send as fast as it likes."""

PER_SECOND: Final = 2_000
"""On the long run; speech in pieces of 10 ms is a hundred."""


class MessageRate:
    """Counts the messages of a bot, of whatever kind; on the loop's thread."""

    def __init__(self) -> None:
        self._clock = AsyncClock()
        self._left = AT_ONCE
        self._since: Samples = 0

    def take(self) -> None:
        """One more has come.

        Raises:
            BotFailed: there were too many.
        """
        if self._left <= 0:
            now = self._clock.now()
            earned = (now - self._since) * PER_SECOND // SAMPLE_RATE
            self._left, self._since = min(AT_ONCE, earned), now
        if self._left <= 0:
            raise BotFailed(
                f"it sends too many messages: at most {AT_ONCE:,} at once, and {PER_SECOND:,} a "
                "second after that"
            )
        self._left -= 1
