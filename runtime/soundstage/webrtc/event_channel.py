"""The data channel that carries a session's events."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from soundstage.errors import ConnectionLost, ProtocolError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from aiortc import RTCDataChannel

LABEL: Final = "oai-events"

_MOST_UNREAD: Final = 16 * 1024 * 1024
_MOST_WAITING: Final = 1000


class EventChannel:
    """Sends events in the order they are given, from any thread, and hands on what comes.

    Args:
        loop: the loop that the connection lives on.
        on_open: called once when events can pass.
        on_event: called with each message, in order.
        on_lost: called when the far end does not read what is sent.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        on_open: Callable[[], None],
        on_event: Callable[[str | bytes], None],
        on_lost: Callable[[Exception], None],
    ) -> None:
        self.message_size = 0
        self._loop = loop
        self._on_open = on_open
        self._on_event = on_event
        self._on_lost = on_lost
        self._channel: RTCDataChannel | None = None
        self._opened = False
        self._waiting: deque[bytes] = deque()

    @property
    def is_open(self) -> bool:
        """Whether events pass, or have passed."""
        return self._opened

    @property
    def is_closed(self) -> bool:
        """Whether events have passed and do so no more, whichever side closed it."""
        return self._opened and self._channel is not None and self._channel.readyState != "open"

    def attach(self, channel: RTCDataChannel) -> None:
        """Use this channel, unless there is one already."""
        if self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._on_event)
        # A channel that the far end made is open before anyone can listen for it.
        if channel.readyState == "open":
            self._open()
        else:
            channel.on("open", self._open)

    def send(self, event: bytes) -> None:
        """Send one event as a text message; before the channel opens it waits.

        Raises:
            ProtocolError: it is larger than the far end takes.
        """
        if self.message_size and len(event) > self.message_size:
            raise ProtocolError(
                f"an event of {len(event)} bytes is more than the {self.message_size} that the "
                "far end takes in one message: send less text or fewer tools at once"
            )
        # One queue before and after it opens, so that no event overtakes one that waited.
        self._waiting.append(event)
        with suppress(RuntimeError):  # the loop has closed, and the call with it
            self._loop.call_soon_threadsafe(self._flush)

    def close(self) -> None:
        """Close the channel."""
        if self._channel is not None:
            self._channel.close()

    def _open(self) -> None:
        self._opened = True
        self._on_open()
        self._flush()

    def _flush(self) -> None:
        channel = self._channel
        if channel is None or channel.readyState == "connecting":
            # A channel that never opens must not gather events without end; the watch says why.
            if len(self._waiting) > _MOST_WAITING:
                self._waiting.popleft()
            return
        # A far end that does not read would let the queue of SCTP grow without end.
        while self._waiting and channel.readyState == "open":
            channel.send(self._waiting.popleft().decode())
        if channel.bufferedAmount > _MOST_UNREAD:
            self._on_lost(ConnectionLost("the far end does not read the events it is sent"))
