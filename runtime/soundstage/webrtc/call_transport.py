"""A call as the actor that owns its session sees it: what happens is posted, nothing waits."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from soundstage.errors import PortalClosed
from soundstage.messages import TransportEvent, TransportLost, TransportOpened

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.kernel import Portal


class PlacedCall(Protocol):
    """A call to a Realtime endpoint, on an event loop; see `WebRtcCall`."""

    @property
    def concealed(self) -> int:
        """Frames made up because none had come."""
        ...

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        ...

    @property
    def late(self) -> int:
        """Packets that came too late to be played."""
        ...

    def begin(self) -> None:
        """Begin to call."""
        ...

    def send(self, event: bytes) -> None:
        """Send one event, as JSON."""
        ...

    def play(self, pcm: bytes) -> None:
        """Let the endpoint hear the frame of this tick."""
        ...

    def take(self) -> bytes:
        """The endpoint's frame for this tick."""
        ...

    def end(self) -> None:
        """Hang up."""
        ...

    async def wait_ended(self) -> None:
        """Hang up, and wait until nothing is left behind."""
        ...


class EndsOnce:
    """A call that ends once: hung up, or lost, which is then told; on an event loop.

    Args:
        on_lost: called at most once, when the call cannot be placed or has gone; not after `end`.
    """

    def __init__(self, on_lost: Callable[[Exception], None]) -> None:
        self._on_lost = on_lost
        self._over = False
        self._ending: asyncio.Task[None] | None = None

    def end(self) -> None:
        """Hang up; harmless when it has been done, at any step of connecting too."""
        self._over = True
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())

    async def wait_ended(self) -> None:
        """Hang up, and wait until nothing is left behind."""
        self.end()
        if self._ending is not None:
            await asyncio.shield(self._ending)

    def _lost(self, error: Exception) -> None:
        if not self._over:
            self._over = True
            self._on_lost(error)
        self.end()

    async def _end(self) -> None:
        """Leave nothing behind."""
        raise NotImplementedError


class MakeCall(Protocol):
    """Makes a call, given whom it tells what happens."""

    def __call__(
        self,
        *,
        on_open: Callable[[str], None],
        on_event: Callable[[str | bytes], None],
        on_lost: Callable[[Exception], None],
    ) -> PlacedCall:
        """A call that has not begun."""
        ...


class CallTransport:
    """A call to a Realtime endpoint, as the actor that owns the session sees it.

    Every method returns at once and may be called from the actor's thread; what happens is
    posted: `TransportOpened` once, then a `TransportEvent` for each event, and at most one
    `TransportLost`.

    Args:
        portal: the loop that the call lives on.
        make: makes the call.
    """

    def __init__(self, portal: Portal, make: MakeCall) -> None:
        self._portal = portal
        self._post: Callable[[object], None] = _nobody
        self._call = make(
            on_open=lambda call_id: self._post(TransportOpened(call_id)),
            on_event=lambda text: self._post(TransportEvent(text)),
            on_lost=lambda error: self._post(TransportLost(error)),
        )
        # The call's own methods, not one more step: they are called for each frame.
        self.send = self._call.send
        self.play = self._call.play
        self.take = self._call.take
        self.wait_closed = self._call.wait_ended

    @property
    def concealed(self) -> int:
        """Frames made up because none had come."""
        return self._call.concealed

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        return self._call.dropped

    @property
    def late(self) -> int:
        """Packets that came too late to be played."""
        return self._call.late

    def open(self, post: Callable[[object], None]) -> None:
        """Begin to call; `post` gets what comes, on the portal's thread."""
        self._post = post
        # On the loop: a call may only be touched from the thread that its loop runs in.
        self._on_loop(self._call.begin)

    def close(self) -> None:
        """Hang up; harmless when it has been done, at any step of connecting too."""
        self._on_loop(self._call.end)

    def _on_loop(self, function: Callable[[], None]) -> None:
        with suppress(PortalClosed):  # the call went with it
            self._portal.call(function)


def _nobody(_: object) -> None:
    """Takes what comes before anyone has asked for it."""
