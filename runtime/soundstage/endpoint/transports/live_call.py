"""A Live call over WebRTC, and its sidebands, which get the sound of both sides as well."""

from __future__ import annotations

import base64
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from soundstage.endpoint.transports.webrtc_call import Call, Sideband
from soundstage.kernel import AsyncClock
from soundstage.live import ChannelGate, encode, server_events
from soundstage.units import FRAME_MS, ms_of, samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint.endpoint_session import EndpointSession
    from soundstage.realtime import Ids
    from soundstage.units import Samples
    from soundstage.webrtc import Reach

REPLAYED: Final[Samples] = samples_of_seconds(3)
"""How far back a new sideband is told events again, under their own ids."""

_MOST_REPLAYED: Final = 500
_LAST_WORDS: Final = samples_of_ms(200)
_FRAMES_OF_EVENT: Final = 100 // FRAME_MS


class LiveCall(Call):
    """One call of a Live session.

    Args:
        ident: its id, which is the session's.
        make_session: makes its session, given what sends an event to the client.
        on_end: called once, when the call has ended by itself.
        session: the configuration, for what the data channel may carry.
        ids: for events of its own.

    Raises:
        ClientFault: the session's configuration is wrong.
    """

    def __init__(
        self,
        ident: str,
        make_session: Callable[[Callable[[bytes], None]], EndpointSession],
        on_end: Callable[[Call], None],
        session: dict[str, Any],
        ids: Ids,
    ) -> None:
        super().__init__(ident, make_session, on_end)
        self._gate = ChannelGate(session, ids)
        self._clock = AsyncClock()
        self._recent: deque[tuple[Samples, bytes]] = deque(maxlen=_MOST_REPLAYED)
        self._heard: list[bytes] = []
        self._said: list[bytes] = []
        self._is_started = False
        self._for_channel: list[bytes] = []

    @property
    def recent(self) -> list[bytes]:
        """What was told in the last seconds."""
        since = self._clock.now() - REPLAYED
        return [event for told, event in self._recent if told >= since]

    async def answer(self, offer: str, channel_id: int | None, reach: Reach = "loopback") -> str:
        """The SDP answer to an offer; with it the session starts.

        Raises:
            ConnectError: the offer cannot be answered, or the call was closed meanwhile.
        """
        described = await super().answer(offer, channel_id, reach)
        # A sideband may be there before any media: it can be told, and ask for, everything.
        self._start()
        return described

    async def close(self) -> None:
        """End the call as one that was hung up: its client and sidebands are told."""
        if not self._ended:
            self.session.end("close_requested")
            # So that the last event arrives.
            await self._clock.sleep(_LAST_WORDS)
        await super().close()

    def take_sideband(self, text: str | bytes) -> bytes | None:
        """One event of a sideband; what refuses it, if it may not pass."""
        refusal = self._gate.refusal(text, sideband=True)
        if refusal is None:
            self.session.take_message(text)
        if self.session.closed and self._pace is None:
            # There is no media yet, whose pace would see that it is over.
            self._lose(None)
        return refusal

    def _take_event(self, text: str | bytes) -> None:
        refusal = self._gate.refusal(text, sideband=False)
        if refusal is None:
            super()._take_event(text)
        elif self._link is not None:
            self._link.send(refusal)

    def _start(self) -> None:
        if not self._is_started and not self._ended:
            self._is_started = True
            self.session.open()

    def _open(self) -> None:
        self._start()
        opening, waiting = self._gate.opening(), self._for_channel
        self._for_channel = []
        if self._link is not None and self._has_channel:
            for event in (*((opening,) if opening is not None else ()), *waiting):
                self._link.send(event)

    def _exchange_frames(self, pts: int) -> None:
        if self._link is None:
            return
        heard, before = self._link.take(), self.session.position
        self.session.on_frame(heard)
        said = self.session.on_tick(pts)
        self._link.play(said)
        if not self._sidebands:
            self._heard.clear()
            self._said.clear()
            return
        self._heard.append(heard)
        # While the session rests its timeline stands still, and so does the assistant's track.
        if self.session.position > before:
            self._said.append(said)
        self._reflect()

    def _reflect(self) -> None:
        """Tell the sidebands what was heard and said, where a tenth of a second of it is there."""
        if len(self._heard) == _FRAMES_OF_EVENT:
            self._tell(server_events.InputAudioReflected(audio=_base64(self._heard)))
            self._heard.clear()
        if len(self._said) == _FRAMES_OF_EVENT:
            end_ms = ms_of(self.session.position)
            start_ms = end_ms - _FRAMES_OF_EVENT * FRAME_MS
            self._tell(
                server_events.OutputAudioDelta(
                    delta=_base64(self._said), start_ms=start_ms, end_ms=end_ms
                )
            )
            self._said.clear()

    def _tell(self, event: server_events.ServerEvent) -> None:
        for sideband in self._sidebands:
            sideband.send(encode(event))

    def _send(self, event: bytes) -> None:
        self._recent.append((self._clock.now(), event))
        for sideband in self._sidebands:
            sideband.send(event)
        if not self._has_channel or not self._gate.passes(event):
            return
        if self._pace is None:
            self._for_channel.append(event)
        elif self._link is not None:
            self._link.send(event)

    def _lose(self, error: Exception | None) -> None:
        if error is not None and not self._ended:
            self.session.end("connection_lost")
        super()._lose(error)


class LiveSideband(Sideband):
    """One WebSocket on a Live call: it is told first what the last seconds have brought."""

    _call: LiveCall

    def begin(self) -> None:
        """The call has taken it."""
        for event in self._call.recent:
            self.send(event)

    async def _take(self, text: str | bytes) -> None:
        refusal = self._call.take_sideband(text)
        if refusal is not None:
            self.send(refusal)


def _base64(frames: list[bytes]) -> str:
    return base64.b64encode(b"".join(frames)).decode()
