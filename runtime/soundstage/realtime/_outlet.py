"""Where the audio of responses goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from soundstage.realtime._output_items import OutputMessage
    from soundstage.realtime._response_settings import ResponseSettings
    from soundstage.units import Samples


class Outlet(Protocol):
    """Takes the audio of responses and lets the client have it, at its own pace."""

    def busy(self, now: Samples) -> bool:
        """Whether anything is still to be heard, as far as the server can know."""
        ...

    def open(self, response: str, message: OutputMessage, settings: ResponseSettings) -> None:
        """Expect audio of a response."""
        ...

    def append(self, response: str, pcm: bytes, now: Samples) -> None:
        """Add audio of a response; ignored when it has been cut."""
        ...

    def close(self, response: str) -> None:
        """All audio of a response is there."""
        ...

    def holds(self, response: str) -> bool:
        """Whether a response must not be told to be done yet, because of its audio."""
        ...

    def end(self, response: str) -> None:
        """A response is over, perhaps before all of its audio was there."""
        ...

    def interrupt(self) -> None:
        """The caller speaks: play nothing more that belongs to the conversation."""
        ...

    def clear(self) -> None:
        """Play nothing more of anything.

        Raises:
            ClientFault: it is the client that plays.
        """
        ...

    def tick(self, now: Samples) -> bytes:
        """Twenty milliseconds have passed; the frame to play, `SILENCE` itself where none is."""
        ...
