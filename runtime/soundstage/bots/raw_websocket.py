"""The transport `websocket`: audio and nothing else, in binary messages or as base64 in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from soundstage.bots.audio_doubts import doubt_about
from soundstage.bots.dialect_call import DialectCall
from soundstage.bots.wire_audio import WireEncoder
from soundstage.json_text import NotJson, read_json_as
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES

if TYPE_CHECKING:
    from soundstage.bots.bot_call import BotLine, BotTarget
    from soundstage.bots.dialect import MakeDialect
    from soundstage.bots.wire_audio import WireFormat

_LONGEST = 2000
"""Letters of a text that are recorded."""


class RawDialect:
    """Binary messages are audio, both ways; texts are the bot's own affair.

    A text that is a JSON object with `"type": "clear"` empties what waits to be played, as every
    server needs that can be interrupted. Any other text is recorded or ignored.

    Args:
        target: the format, the length of a piece, and what is done with texts.
        line: gets what the bot tells.
    """

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        self.heard: WireFormat = target.form
        self._line = line
        self._encoder = WireEncoder(target.form)
        self._frames = max(1, target.frame // FRAME_SAMPLES)
        self._records = target.text == "record"
        self._parameters = target.parameters
        self._piece: list[bytes] = []
        self._is_doubted = False

    def opening(self) -> list[str | bytes]:
        """The parameters as one JSON object, where there are any."""
        return [msgspec.json.encode(self._parameters).decode()] if self._parameters else []

    def audio(self, pcm: bytes) -> list[str | bytes]:
        """A binary message for every so many frames."""
        self._piece.append(pcm.ljust(FRAME_BYTES, b"\0"))
        if len(self._piece) < self._frames:
            return []
        audio = self._encoder.push(b"".join(self._piece))
        self._piece.clear()
        return [audio] if audio else []

    def receive(self, message: str | bytes) -> list[str | bytes]:
        """Audio, or a text."""
        if isinstance(message, bytes):
            self._look_at(message)
            self._line.audio(message)
            return []
        try:
            told = read_json_as(message, dict[str, Any])
        except NotJson:
            told = {"text": message[:_LONGEST]}
        if told.get("type") == "clear":
            self._line.clear()
        elif self._records:
            self._line.note("bot_message", told)
        return []

    def _look_at(self, audio: bytes) -> None:
        """Warn once of audio that is hardly what the scenario says of it."""
        if not self._is_doubted and (doubt := doubt_about(audio, self.heard)):
            self._is_doubted = True
            self._line.warn(f"the bot's audio {doubt}")

    def played(self, _mark: str) -> list[str | bytes]:
        """There are no marks."""
        return []

    def press(self, _keys: str) -> list[str | bytes] | None:
        """There are no messages for keys: they are heard as tones."""
        return None

    def closing(self) -> list[str | bytes]:
        """Nothing: the close of the socket says it."""
        return []


class RawWebSocketCall(DialectCall):
    """A call over a WebSocket that carries audio."""

    keys_used: ClassVar[frozenset[str]] = frozenset(
        {"url", "parameters", "encoding", "rate", "frame", "text", "jitter"}
    )
    plays_on: ClassVar[bool] = True
    notes: ClassVar[frozenset[str]] = frozenset({"bot_message"})
    dialect_class: ClassVar[MakeDialect] = RawDialect
