"""The audio of a wire, to and from the one format inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
from msgspec import Struct

from soundstage.audio import LowDelayResampler, codes_of, samples_of, to_float, to_pcm
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soundstage.audio import Law

Encoding: TypeAlias = Literal["pcm16", "mulaw", "alaw"]
"""How a sample is written: 16 bit, little-endian and signed, or G.711 of one byte."""

RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)

_LAWS: Final[dict[str, Law]] = {"mulaw": "mu", "alaw": "a"}


class WireFormat(Struct, frozen=True):
    """What the audio of a wire is; always mono.

    Attributes:
        encoding: how a sample is written.
        rate: samples a second, one of `RATES`.
    """

    encoding: Encoding = "pcm16"
    rate: int = SAMPLE_RATE

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return SAMPLE_BYTES if self.encoding == "pcm16" else 1

    @property
    def bytes_per_second(self) -> int:
        """Bytes of one second."""
        return self.sample_bytes * self.rate


class WireEncoder:
    """24 kHz mono signed 16-bit as the audio of a wire, piece by piece.

    Args:
        form: what comes out.
    """

    def __init__(self, form: WireFormat) -> None:
        self._form = form
        self._resampler = LowDelayResampler(SAMPLE_RATE, form.rate)

    def push(self, pcm: bytes) -> bytes:
        """Take whole samples, any number; returns as long a time of them."""
        samples = self._resampler.push(to_float(pcm))
        law = _LAWS.get(self._form.encoding)
        return to_pcm(samples) if law is None else codes_of(law, samples)


class WireDecoder:
    """The audio of a wire as 24 kHz mono signed 16-bit, piece by piece.

    Args:
        form: what goes in.
    """

    def __init__(self, form: WireFormat) -> None:
        self._form = form
        self._resampler = LowDelayResampler(form.rate, SAMPLE_RATE)
        self._half = b""
        self._is_fresh = True

    def push(self, audio: bytes) -> bytes:
        """Take the next bytes, any number: a sample may be cut in two."""
        self._is_fresh = False
        law = _LAWS.get(self._form.encoding)
        samples: NDArray[np.float32]
        if law is not None:
            samples = samples_of(law, audio)
        else:
            audio = self._half + audio
            whole = len(audio) - len(audio) % SAMPLE_BYTES
            audio, self._half = audio[:whole], audio[whole:]
            samples = to_float(audio)
        return to_pcm(self._resampler.push(samples))

    def flush(self) -> bytes:
        """What is still owed, so that no reply loses its end; nothing where nothing is."""
        if self._is_fresh:
            return b""
        self._is_fresh = True
        self._half = b""
        return to_pcm(self._resampler.flush())

    def reset(self) -> None:
        """Forget what is owed: it is not to be heard."""
        self._is_fresh = True
        self._half = b""
        self._resampler.reset()
