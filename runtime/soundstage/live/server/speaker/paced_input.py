"""The audio that a client appends, heard no faster than it was spoken."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from soundstage.errors import ClientFault
from soundstage.live.protocol.session_fields import Pcm
from soundstage.realtime import AppendedAudio, read_audio
from soundstage.units import FRAME_SAMPLES, SAMPLE_BYTES, Samples, samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from soundstage.live.protocol.session_fields import AudioFormat
    from soundstage.realtime import Coder

CREDIT: Final[Samples] = samples_of_ms(400)
"""How much audio may be heard at once after a time in which none came."""

BEHIND: Final[Samples] = samples_of_ms(600)
"""From how much waiting audio on it is heard at twice its pace: a network had stood still."""

MOST_WAITING: Final[Samples] = samples_of_seconds(330)
"""How much may wait; a client that sends faster than time passes gets an error from there on."""


class PacedInput:
    """Appended audio as frames that are due.

    The timeline of a session advances with its audio, so audio that comes at once must not
    advance it at once: thinking and speaking take real time.

    Args:
        audio_format: of what comes.
        coder: makes 24 kHz mono signed 16-bit of it.
    """

    def __init__(self, audio_format: AudioFormat, coder: Coder) -> None:
        self._is_pcm = isinstance(audio_format, Pcm)
        self._appended = AppendedAudio(coder)
        self._frames: deque[bytes] = deque()
        self._credit = CREDIT
        self._last: Samples | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether audio waits to be heard."""
        return bool(self._frames)

    def put(self, audio: str) -> None:
        """Append audio in base64.

        Raises:
            ClientFault: it is not base64, half a sample, or more than can wait.
        """
        if self._is_pcm and len(read_audio(audio, "audio")) % SAMPLE_BYTES:
            message = "Invalid 'audio': PCM has two bytes a sample, so its length is even."
            raise ClientFault("invalid_audio", message, param="audio")
        if len(self._frames) * FRAME_SAMPLES > MOST_WAITING:
            message = "The audio comes faster than it is spoken, and too much of it waits."
            raise ClientFault("invalid_audio", message, param="audio")
        self._appended.put(audio)
        self._frames += self._appended.frames()

    def due(self, now: Samples) -> list[bytes]:
        """The frames to be heard now, each given once."""
        passed = 0 if self._last is None else max(0, now - self._last)
        self._last = now
        if len(self._frames) * FRAME_SAMPLES > BEHIND:
            passed *= 2
        self._credit = min(self._credit + passed, max(CREDIT, passed))
        count = min(len(self._frames), self._credit // FRAME_SAMPLES)
        self._credit -= count * FRAME_SAMPLES
        return [self._frames.popleft() for _ in range(count)]
