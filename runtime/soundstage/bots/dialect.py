"""What is said on a WebSocket to a bot: messages and their meaning, with no socket."""

from __future__ import annotations

from typing import Protocol

from soundstage.bots.bot_call import BotLine, BotTarget
from soundstage.bots.wire_audio import WireFormat


class Dialect(Protocol):
    """The messages of one transport over a WebSocket.

    What a bot tells goes to the `BotLine` that the dialect is made with.

    Attributes:
        heard: the format of the bot's audio.
    """

    heard: WireFormat

    def opening(self) -> list[str | bytes]:
        """What is sent first."""
        ...

    def audio(self, pcm: bytes) -> list[str | bytes]:
        """What is sent for a frame of 20 ms of 24 kHz mono."""
        ...

    def receive(self, message: str | bytes) -> list[str | bytes]:
        """Take a message of the bot; returns what is sent at once because of it.

        Raises:
            BotFailed: the bot must not send that.
        """
        ...

    def played(self, mark: str, /) -> list[str | bytes]:
        """What is sent when a mark has been reached."""
        ...

    def press(self, keys: str, /) -> list[str | bytes] | None:
        """What is sent for keys that are pressed; None where there are no such messages."""
        ...

    def closing(self) -> list[str | bytes]:
        """What is sent last, before the socket closes."""
        ...


class MakeDialect(Protocol):
    """Makes a dialect: its class."""

    def __call__(self, target: BotTarget, line: BotLine) -> Dialect:
        """Make it for one call."""
        ...
