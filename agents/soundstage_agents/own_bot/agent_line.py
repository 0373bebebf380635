"""What stands between a bot's call, on the network's thread, and the agent that it is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.bots import PlayoutClock, WireFormat

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.bots import BotCall, Playout
    from soundstage.units import Samples


class BotNoted(Struct, frozen=True):
    """The bot has told something that is no audio."""

    name: str
    data: dict[str, Any]


class BotPressed(Struct, frozen=True):
    """The bot has pressed keys."""

    keys: str


class BotDoubted(Struct, frozen=True):
    """Something of the bot is hardly meant so."""

    message: str


class AgentLine:
    """Takes what a call tells; audio goes to the playout clock, the rest to the agent.

    Args:
        tell: gives the agent a message; from any thread.
        jitter: how long the first audio of a speech waits for more.
    """

    def __init__(self, tell: Callable[[object], object], jitter: Samples) -> None:
        self._tell = tell
        self._jitter = jitter
        self._clock = PlayoutClock(WireFormat(), jitter)
        self.playout: Playout = self._clock

    def take_call(self, call: BotCall) -> None:
        """The call is made, and its audio is known; before anything comes."""
        self._clock = PlayoutClock(call.heard, self._jitter)
        self.playout = getattr(call, "playout", self._clock)

    def form(self, form: WireFormat) -> None:
        """Take what comes from here on for audio of this format."""
        self._clock.change(form)

    def audio(self, audio: bytes) -> None:
        """Play this."""
        self._clock.add(audio)

    def mark(self, name: str) -> bool:
        """Wait for this mark."""
        return self._clock.mark(name)

    def clear(self) -> list[str]:
        """Play nothing more of what waits."""
        return self._clock.clear()

    def keys(self, keys: str) -> None:
        """Have the agent press keys."""
        self._tell(BotPressed(keys))

    def note(self, name: str, data: dict[str, Any]) -> None:
        """Have the agent log it."""
        self._tell(BotNoted(name, data))

    def warn(self, message: str) -> None:
        """Have the agent warn of it."""
        self._tell(BotDoubted(message))
