"""The messages of `pipecat-websocket`: frames of Pipecat in protobuf.

Source: `frames/frames.proto` and `serializers/protobuf.py` of pipecat-ai 1.14.0. The schema has no
version; RTVI, which goes through it, has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.bots.pipecat.rtvi import Rtvi
from soundstage.bots.protobuf_fields import (
    FieldValue,
    bytes_field,
    fields_of,
    message_of,
    number_field,
    number_of,
    read_fields,
    text_field,
    text_of,
)
from soundstage.bots.wire_audio import RATES, WireEncoder, WireFormat
from soundstage.errors import BotFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.bots.bot_call import BotLine, BotTarget

TEXT: Final = 1
AUDIO: Final = 2
TRANSCRIPTION: Final = 3
MESSAGE: Final = 4
INTERRUPTION: Final = 5
"""The fields of `Frame`, of which a message has one."""

SENT: Final = WireFormat("pcm16", 16_000)
"""What Pipecat's own clients send; a bot resamples what is not its own rate."""

SPOKEN: Final = WireFormat("pcm16", 24_000)
"""What a bot sends until a frame of it says otherwise: Pipecat's default."""


class FrameDialect:
    """Audio frames both ways, RTVI in message frames, and interruptions.

    Args:
        target: not used: the protocol has no place for parameters.
        line: gets what the bot tells.
    """

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        del target
        self.heard: WireFormat = SPOKEN
        self._line = line
        self._rtvi = Rtvi(line)
        self._encoder = WireEncoder(SENT)
        self._takes: dict[int, Callable[[dict[int, FieldValue]], None]] = {
            TEXT: self._take_text,
            AUDIO: self._take_audio,
            TRANSCRIPTION: self._take_transcription,
            MESSAGE: self._take_message,
            INTERRUPTION: self._take_interruption,
        }

    def opening(self) -> list[str | bytes]:
        """`client-ready`."""
        return [self._message(self._rtvi.ready())]

    def audio(self, pcm: bytes) -> list[str | bytes]:
        """An audio frame for every 20 ms, silence too."""
        body = (
            bytes_field(3, self._encoder.push(pcm))
            + number_field(4, SENT.rate)
            + number_field(5, 1)
        )
        return [bytes_field(AUDIO, body)]

    def receive(self, message: str | bytes) -> list[str | bytes]:
        """A frame.

        Raises:
            BotFailed: it is none, or its audio cannot be played.
            BotUnreachable: the bot speaks another version of RTVI.
        """
        if isinstance(message, str):
            raise BotFailed("it sent a text, where Pipecat's clients take protobuf frames")
        for number, value in read_fields(message):
            # A frame that is not known is of a later version, and no part of a call.
            if (take := self._takes.get(number)) is not None:
                take(fields_of(message_of(value)))
        return []

    def played(self, _mark: str, /) -> list[str | bytes]:
        """There are no marks."""
        return []

    def press(self, keys: str, /) -> list[str | bytes] | None:
        """A `dtmf` of RTVI."""
        told = self._rtvi.press(keys)
        return [self._message(told)] if told else None

    def closing(self) -> list[str | bytes]:
        """`disconnect-bot`."""
        return [self._message(self._rtvi.leaving())]

    def _message(self, text: str) -> bytes:
        return bytes_field(MESSAGE, text_field(1, text))

    def _take_audio(self, frame: dict[int, FieldValue]) -> None:
        rate, channels = number_of(frame.get(4)), number_of(frame.get(5)) or 1
        if rate not in RATES:
            raise BotFailed(f"it sent audio of {rate} Hz: known are {', '.join(map(str, RATES))}")
        if channels != 1:
            raise BotFailed(
                f"it sent audio of {channels} channels, and a call has 1: set audio_out_channels=1"
            )
        audio = message_of(frame.get(3))
        if len(audio) % SPOKEN.sample_bytes:
            raise BotFailed(f"it sent an audio frame of {len(audio)} bytes: half of a sample")
        self._line.form(WireFormat("pcm16", rate))
        self._line.audio(audio)

    def _take_text(self, frame: dict[int, FieldValue]) -> None:
        self._line.note("bot_text", {"text": text_of(frame.get(3))})

    def _take_transcription(self, frame: dict[int, FieldValue]) -> None:
        user = text_of(frame.get(4))
        self._line.note("user_transcription", {"text": text_of(frame.get(3)), "user_id": user})

    def _take_message(self, frame: dict[int, FieldValue]) -> None:
        self._rtvi.receive(text_of(frame.get(1)))

    def _take_interruption(self, frame: dict[int, FieldValue]) -> None:
        del frame
        self._line.clear()
