"""Audio formats on the wire, and who converts those that are not the one used inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from soundstage.realtime.protocol.session_fields import AudioFormat

PCM: Final = "audio/pcm"
"""24 kHz mono signed 16-bit, on the wire as inside."""


class Coder(Protocol):
    """Converts one stream of audio, piece by piece."""

    def push(self, audio: bytes) -> bytes:
        """Take the next piece; what is ready of it."""
        ...

    def flush(self) -> bytes:
        """What is still owed; the next piece begins a new stream."""
        ...


class Coders(Protocol):
    """Makes coders for `audio/pcmu` and `audio/pcma`."""

    def decoder(self, kind: str) -> Coder:
        """From a format to 24 kHz mono signed 16-bit."""
        ...

    def encoder(self, kind: str) -> Coder:
        """From 24 kHz mono signed 16-bit to a format."""
        ...


class Coding:
    """Makes the coder of any format that a session offers.

    Args:
        coders: for the formats of the telephone; without it there is PCM only.
    """

    def __init__(self, coders: Coders | None = None) -> None:
        self._coders = coders

    def offers(self, kind: str) -> bool:
        """Whether audio of this format can be heard and sent."""
        return kind == PCM or self._coders is not None

    def decoder(self, kind: str) -> Coder:
        """From a format that is offered to PCM."""
        # Without coders other formats are refused at the session's update, so none comes this far.
        return Unchanged() if kind == PCM or self._coders is None else self._coders.decoder(kind)

    def encoder(self, kind: str) -> Coder:
        """From PCM to a format that is offered."""
        return Unchanged() if kind == PCM or self._coders is None else self._coders.encoder(kind)


class Unchanged:
    """The coder of PCM."""

    def push(self, audio: bytes) -> bytes:
        """The audio itself."""
        return audio

    def flush(self) -> bytes:
        """Nothing is owed."""
        return b""


def kind_of(audio_format: AudioFormat) -> str:
    """The name of a format, as in `audio/pcm`."""
    return str(audio_format.__struct_config__.tag)
