"""What stands between a Live session and its WebSocket, so that it sees what a call brings.

Over WebRTC a session begins with the request that makes it, and its audio takes a way of its own.
Over a WebSocket the client's first event begins it, and both ways of the audio are events. A Live
server sends its track as it is spoken, silence included: here it is played behind a short lead.
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from soundstage.audio import WIDEBAND, WIDEBAND_RATE, FrameCutter, TelephoneCoders, is_audible
from soundstage.live import client_events, encode, read_server, server_events
from soundstage.realtime import QUIET, Coding
from soundstage.units import FRAME_MS, FRAMES_PER_SECOND, SILENCE
from soundstage.websocket.audio_pieces import AudioPieces
from soundstage.websocket.session_playout import Passed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.realtime import Coder

LEAD: Final = 160 // FRAME_MS
"""Frames that wait before the first is played, and again after a gap: pieces come every 80 or
100 ms, and some of them late."""

LEAD_WITHIN: Final = 200 // FRAME_MS
"""Ticks after which fewer are played, too: a server may send its speech without the silences."""

BEHIND: Final = 400 // FRAME_MS
"""From how many waiting frames on silence is left out: a network had stood still."""

MOST_WAITING: Final = 10 * FRAMES_PER_SECOND
"""Frames that may wait; a server that sends faster than it speaks loses the oldest."""

_PCM: Final = "audio/pcm"


class LivePlayout:
    """Follows one Live session's events, both ways, and plays its track.

    Args:
        session: the configuration that it begins with.

    Attributes:
        path: of the WebSocket, below `/v1`.
        names_model: whether its URL does; a Live session's never does.
        is_ready: whether the session has started; nothing is heard before.
        concealed: frames of silence in the midst of speech, because none had come.
        dropped: audible frames thrown away because too many waited.
        unreadable: pieces of audio that were no base64.
    """

    path: Final = ("live", "sessions")
    names_model: Final = False

    def __init__(self, session: Mapping[str, Any]) -> None:
        self.is_ready = False
        self.concealed = self.dropped = self.unreadable = 0
        self._session = dict(session)
        self._is_closing = False
        coding, kind = Coding(TelephoneCoders()), _kind_of(session)
        self._encoder: Coder = coding.encoder(kind)
        self._decoder: Coder = coding.decoder(kind)
        self._cutter = FrameCutter()
        self._frames: deque[bytes] = deque()
        self._leads = True
        self._ticks = 0
        self._speaks = False
        self._pieces = AudioPieces()

    def opening(self) -> list[bytes]:
        """The events that begin the session."""
        return [encode(client_events.SessionStart(session=self._session))]

    def parting(self) -> list[bytes] | None:
        """The events that end the session, which the server then closes; None if none can."""
        if not self.is_ready:
            return None
        return [] if self._is_closing else [encode(client_events.SessionClose())]

    def receive(self, text: str | bytes) -> Passed:
        """An event of the server; never raises."""
        event = read_server(text).event
        if isinstance(event, server_events.OutputAudioDelta):
            self._take_audio(event.delta)
            return Passed()
        if isinstance(event, server_events.SessionStarted):
            self.is_ready = True
        return Passed(told=[text])

    def send(self, event: bytes) -> Passed:
        """An event of the session's owner, on its way to the server."""
        body: dict[str, Any] = msgspec.json.decode(event)
        self._is_closing = self._is_closing or body.get("type") == "session.close"
        return Passed(sent=[event])

    def play(self, pcm: bytes) -> bytes | None:
        """The frame that the server is to hear; the event that is due, if one is."""
        if not self.is_ready or self._is_closing:
            return None
        audio = self._pieces.push(pcm, self._encoder)
        return None if audio is None else encode(client_events.InputAudioAppend(audio=audio))

    def take(self) -> tuple[bytes, Passed]:
        """The frame of this tick; there is never anything to tell of it."""
        if self._leads:
            self._ticks += bool(self._frames)
            self._leads = len(self._frames) < LEAD and self._ticks < LEAD_WITHIN
        elif not self._frames:
            self._leads, self._ticks = True, 0
        if self._leads:
            self.concealed += self._speaks
            return SILENCE, Passed()
        frame = self._frames.popleft()
        while len(self._frames) > BEHIND and not is_audible(frame, QUIET):
            frame = self._frames.popleft()
        self._speaks = is_audible(frame, QUIET)
        return frame, Passed()

    def _take_audio(self, delta: str) -> None:
        try:
            audio = base64.b64decode(delta, validate=True)
        except (binascii.Error, ValueError):
            self.unreadable += 1
            return
        self._frames.extend(self._cutter.push(self._decoder.push(audio)))
        while len(self._frames) > MOST_WAITING:
            self.dropped += is_audible(self._frames.popleft(), QUIET)


def _kind_of(session: Mapping[str, Any]) -> str:
    """The format of both ways, as coders know it; one that is unknown is the server's to refuse."""
    audio_format = _table(_table(session.get("audio")).get("format"))
    kind = audio_format.get("type")
    if kind == _PCM and audio_format.get("rate") == WIDEBAND_RATE:
        return WIDEBAND
    return kind if kind in ("audio/pcmu", "audio/pcma") else _PCM


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
