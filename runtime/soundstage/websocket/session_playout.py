"""What stands between a session and its WebSocket, so that it sees what a WebRTC call brings.

Over WebRTC the server plays a session's replies and tells of it in `output_audio_buffer` events,
and the audio takes a way of its own. Over a WebSocket it is a part of the events. Here it is taken
out of them and played, and the client's own `output_audio_buffer` events are told in their place.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from msgspec import Struct

from soundstage.audio import TelephoneCoders
from soundstage.realtime import Coding, client_events, encode, read_server, server_events
from soundstage.units import SILENCE
from soundstage.websocket.audio_pieces import AudioPieces
from soundstage.websocket.playout import Effects, Playout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.realtime import Coder

MOST_AT_ONCE: Final = 16
"""Responses whose audio is decoded at the same time; those of a conversation come one by one."""

_PCM: Final = "audio/pcm"
_LAWS: Final = ("audio/pcmu", "audio/pcma")


class Passed(Struct):
    """What goes on, either way.

    Attributes:
        told: events for the session's owner.
        sent: events for the server.
    """

    told: list[str | bytes] = []
    sent: list[bytes] = []


class SessionPlayout:
    """Follows one Realtime session's events, both ways, and plays its replies.

    Args:
        session: the configuration that it begins with.
        names_model: whether the first `session.update` names the model.

    Attributes:
        path: of the WebSocket, below `/v1`.
        names_model: whether its URL does.
        is_ready: whether the server has taken the configuration; it must hear nothing before.
        unreadable: pieces of audio that were no base64.
    """

    path: Final = ("realtime",)

    def __init__(self, session: Mapping[str, Any], *, names_model: bool = False) -> None:
        self.names_model = not names_model
        self.is_ready = False
        self.unreadable = 0
        self._model = session.get("model") if names_model else None
        self._interrupts = True
        self._coding = Coding(TelephoneCoders())
        self._kinds = {"input": _PCM, "output": _PCM}
        self._encoder = self._coding.encoder(_PCM)
        self._decoders: dict[str, Coder] = {}
        self._follow_settings(session)
        self._playout = Playout()
        self._latest = ""
        self._at = ("", 0)
        self._pieces = AudioPieces()

    @property
    def concealed(self) -> int:
        """Frames of silence in the midst of a reply, because none had come."""
        return self._playout.concealed

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        return self._playout.dropped

    def opening(self) -> list[bytes]:
        """Nothing: the server's first event says that the session has begun."""
        return []

    def parting(self) -> list[bytes] | None:
        """Nothing: a session ends with its WebSocket."""
        return None

    def receive(self, text: str | bytes) -> Passed:
        """An event of the server; never raises."""
        event = read_server(text).event
        match event:
            case server_events.OutputAudioDelta():
                return _passed(self._audio(event))
            # It plays nothing itself, whatever it says.
            case (
                server_events.OutputAudioBufferStarted()
                | server_events.OutputAudioBufferStopped()
                | server_events.OutputAudioBufferCleared()
            ):
                return Passed()
            case _:
                effects = self._follow(event)
                passed = _passed(effects)
                passed.told.insert(0, text)
                return passed

    def send(self, event: bytes) -> Passed:
        """An event of the session's owner, on its way to the server."""
        body: dict[str, Any] = msgspec.json.decode(event)
        match body.get("type"):
            # A server over a WebSocket has no such buffer, and refuses the event.
            case "output_audio_buffer.clear":
                return _passed(self._playout.cut())
            # Where it names none, it is the one that is being made, and its buffer plays on.
            case "response.cancel" if body.get("response_id"):
                passed = _passed(self._playout.refuse(body["response_id"]))
                passed.sent.insert(0, event)
                return passed
            case "session.update":
                session = body["session"]
                self._follow_settings(session)
                if self._model is not None:
                    session = {**session, "model": self._model}
                    self._model = None
                    return Passed(sent=[msgspec.json.encode({**body, "session": session})])
            case _:
                pass
        return Passed(sent=[event])

    def play(self, pcm: bytes) -> bytes | None:
        """The frame that the server is to hear; the event that is due, if one is."""
        if not self.is_ready:
            return None
        audio = self._pieces.push(pcm, self._encoder)
        return None if audio is None else encode(client_events.InputAudioBufferAppend(audio=audio))

    def take(self) -> tuple[bytes, Passed]:
        """The frame of this tick, and what there is to tell of it."""
        if self._playout.is_idle:
            return SILENCE, Passed()
        frame, effects = self._playout.take()
        return frame, _passed(effects)

    def _follow(self, event: object) -> Effects:
        match event:
            case server_events.SessionUpdated():
                self._follow_settings(event.session)
                self.is_ready = True
            case server_events.ResponseCreated():
                self._latest = event.response.id
            case server_events.OutputAudioDone():
                response = event.response_id or self._latest
                self._flush(response)
                self._playout.complete(response)
            case server_events.ResponseDone():
                return self._done(event)
            case server_events.SpeechStarted() if self._interrupts:
                return self._playout.cut()
            case _:
                pass
        return Effects()

    def _done(self, event: server_events.ResponseDone) -> Effects:
        response = event.response
        self._flush(response.id)
        # What the server cut, because the user spoke; one that its client cancels plays on until
        # that client clears it, as over WebRTC.
        if response.status == "cancelled" and response.reason == "turn_detected":
            return self._playout.cut(response.id)
        self._playout.made(response.id)
        return Effects()

    def _audio(self, event: server_events.OutputAudioDelta) -> Effects:
        response = event.response_id or self._latest
        try:
            audio = base64.b64decode(event.delta, validate=True)
        except (binascii.Error, ValueError):
            self.unreadable += 1
            return Effects()
        if response not in self._decoders:
            self._decoders[response] = self._coding.decoder(self._kinds["output"])
            if len(self._decoders) > MOST_AT_ONCE:
                del self._decoders[next(iter(self._decoders))]
        pcm = self._decoders[response].push(audio)
        self._at = (event.item_id, event.content_index)
        return self._playout.add(response, *self._at, pcm)

    def _flush(self, response: str) -> None:
        """Take what the decoder of a response still owes."""
        decoder = self._decoders.pop(response, None)
        rest = b"" if decoder is None else decoder.flush()
        if rest:
            self._playout.add(response, *self._at, rest)

    def _follow_settings(self, session: object) -> None:
        """Take note of what a session says of turns and of audio, as far as it says anything."""
        audio = _table(_table(session).get("audio"))
        sides = {side: _table(audio.get(side)) for side in self._kinds}
        detection = _table(sides["input"].get("turn_detection"))
        self._interrupts = detection.get("interrupt_response", self._interrupts) is not False
        for side, settings in sides.items():
            kind = _table(settings.get("format")).get("type")
            if kind in (_PCM, *_LAWS) and kind != self._kinds[side]:
                self._kinds[side] = kind
                if side == "input":
                    self._encoder = self._coding.encoder(kind)


def _passed(effects: Effects) -> Passed:
    return Passed([encode(each) for each in effects.told], [encode(each) for each in effects.sent])


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
