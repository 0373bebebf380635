"""A session and the call that carries it; when that drops, another call for the same session."""

from __future__ import annotations

import asyncio
import random
import weakref
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol

from soundstage.audio import is_audible
from soundstage.client.call_parts import CallParts, begin_call
from soundstage.errors import CallRefused, ConnectionLost, ConnectTimeout, InfrastructureError
from soundstage.realtime import (
    QUIET,
    ClientSession,
    Ids,
    InputLine,
    LostEnd,
    OddField,
    SessionExpired,
    SessionRefused,
    UnannouncedAudio,
    is_final,
    read_server,
    wait_before,
)
from soundstage.units import FRAME_SAMPLES, SILENCE, Samples, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from soundstage.realtime import Notification, ServerEvent, Unknown
    from soundstage.webrtc import PlacedCall

CONFIRMED_WITHIN: Final[Samples] = samples_of_seconds(10)
"""How long `session.updated` may take after the channel has opened."""


class Owner(Protocol):
    """What a connection tells its owner."""

    def received(
        self, event: ServerEvent | Unknown, notifications: list[Notification], *, ready: bool
    ) -> None:
        """An event has come; `ready` says whether the session was configured before it."""
        ...

    def noticed(self, notifications: list[Notification]) -> None:
        """The session tells something that no event says."""
        ...

    def dropped(self, error: Exception) -> None:
        """The call has gone, for good or for a while."""
        ...

    def resumed(self, error: Exception, gap: Samples) -> None:
        """There is another call, so long after this error."""
        ...

    def ended(self, error: Exception) -> None:
        """There is no call any more."""
        ...


class Parts(CallParts, frozen=True, kw_only=True):
    """What a connection is made of; each part can be the program's own.

    Attributes:
        reconnects: whether a call that drops is followed by another one.
        reconnect_within: how long it may take until there is one.
    """

    reconnects: bool
    reconnect_within: Samples


class Connection:
    """Keeps one session up.

    Args:
        parts: what it is made of.
        body: the session's configuration, with its model.
        owner: is told what happens; not kept alive, so that a client which is dropped can end.

    Attributes:
        session: the conversation, over all calls.
        call_id: of the present call, or empty.
        is_up: whether its configuration has been confirmed, and the call has not dropped.
    """

    def __init__(self, parts: Parts, body: dict[str, Any], owner: Owner) -> None:
        self._parts = parts
        self._body = body
        self._owner = weakref.ref(owner)
        self._call: PlacedCall | None = None
        self._ready: asyncio.Future[None] | None = None
        self._again: asyncio.Task[None] | None = None
        self._line = InputLine(remembers=parts.reconnects)
        self._ticks = 0
        self.session = ClientSession(body, ids=Ids(random.SystemRandom()))
        self.call_id = ""
        self.is_up = False

    async def connect(self) -> None:
        """Place a call, and wait until the session has confirmed its configuration.

        Raises:
            InfrastructureError: it could not be done; nothing is left of the call.
        """
        self._ready = asyncio.get_running_loop().create_future()
        self._call = self._make_call()
        await begin_call(self._call, self._ready)
        self.is_up = True
        self._parts.logger.info("connected to %s", self._parts.provider.name)

    async def close(self) -> None:
        """Hang up, and wait until nothing is left."""
        self.is_up = False
        if self._again is not None:
            self._again.cancel()
            await asyncio.wait([self._again])
        if self._call is not None:
            self._call.end()
            await self._call.wait_ended()

    def flush(self) -> None:
        """Send what the session has to say; while there is no call, it waits."""
        for event in self.session.outgoing():
            if self._call is not None:
                self._call.send(event)

    def exchange(self, pcm: bytes) -> bytes | None:
        """Send the frame of this tick, or keep it until there is a call again.

        Returns:
            The far end's, silence where that must not be heard; None where there is no call.
        """
        self._ticks += 1
        pts = self._ticks * FRAME_SAMPLES
        self._line.put(pts, pcm, silent=not is_audible(pcm, QUIET))
        if self._call is None or not self.is_up:
            return None
        self._call.play(self._line.next() or SILENCE)
        heard = self._call.take()
        told = self.session.hear_frame(audible=is_audible(heard, QUIET))
        for notification in told:
            if isinstance(notification, UnannouncedAudio | LostEnd):
                name = self._parts.provider.name
                self._parts.logger.warning("%s: %s", name, notification.message)
        if told:
            if (owner := self._owner()) is not None:
                owner.noticed(told)
            self.flush()
        return heard if self.session.gate_open else SILENCE

    def _make_call(self) -> PlacedCall:
        return self._parts.call(
            {**self._body, **self.session.changes.present},
            on_open=self._opened,
            on_event=self._receive,
            on_lost=self._lost,
        )

    def _opened(self, call_id: str) -> None:
        self.call_id = call_id
        loop, ready = asyncio.get_running_loop(), self._ready
        late = loop.call_later(seconds_of(CONFIRMED_WITHIN), self._not_confirmed)
        if ready is not None:
            ready.add_done_callback(lambda _: late.cancel())

    def _not_confirmed(self) -> None:
        seconds = seconds_of(CONFIRMED_WITHIN)
        self._lost(ConnectTimeout(f"no session.updated came within {seconds:g} s"))

    def _receive(self, text: str | bytes) -> None:
        decoded = read_server(text)
        was_ready = self.session.ready
        notifications = self.session.take(decoded)
        owner = self._owner()
        if owner is not None:
            owner.received(decoded.event, notifications, ready=was_ready)
        self.flush()
        for notification in notifications:
            match notification:
                case SessionRefused():
                    self._lost(CallRefused(notification.message, code=notification.code))
                case SessionExpired():
                    self._lost(ConnectionLost("the session has reached its longest duration"))
                case OddField(event, field):
                    self._parts.logger.warning("an odd %s in the server's %s", field, event)
                case LostEnd():
                    self._parts.logger.warning(
                        "%s: %s", self._parts.provider.name, notification.message
                    )
                case _:
                    pass
        if self.session.ready and self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def _lost(self, error: Exception) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(error)
        owner = self._owner()
        if not self.is_up or self._call is None or owner is None:
            return
        self.is_up = False
        self._parts.logger.warning("the call to %s dropped: %s", self._parts.provider.name, error)
        self._call.end()
        owner.dropped(error)
        if self._parts.reconnects:
            # At once, so that what the program asks for meanwhile waits for the new call.
            self._line.lose(self.session.resume().hear_from_ms)
            self._again = asyncio.get_running_loop().create_task(self._reconnect(error))
        else:
            owner.ended(error)

    async def _reconnect(self, why: Exception) -> None:
        error, clock = why, self._parts.clock
        began = clock.now()
        for attempt in count():
            wait = wait_before(attempt)
            if is_final(error) or clock.now() + wait - began > self._parts.reconnect_within:
                break
            await clock.sleep(wait)
            try:
                await self.connect()
            except InfrastructureError as failed:
                error = failed
                self.session.start_again()
            else:
                self._go_on()
                if (owner := self._owner()) is not None:
                    owner.resumed(why, clock.now() - began)
                return
        if (owner := self._owner()) is not None:
            owner.ended(error)

    def _go_on(self) -> None:
        self._line.open()
        self._line.resume()
        self.session.catch_up(self._line.voice_ms)
        self.flush()
