"""G.711, the telephone's audio: 8 kHz, one byte a sample, to and from the one format inside."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from soundstage.audio.pcm import FULL_SCALE, to_float, to_pcm
from soundstage.audio.resampler import Resampler
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

Law: TypeAlias = Literal["mu", "a"]
"""Which curve: µ-law of America and Japan, A-law of the rest of the world."""

TELEPHONE_RATE: Final = 8000
"""Samples a second."""

WIDEBAND_RATE: Final = 16_000
"""Samples a second of telephones that sound better, in PCM."""

WIDEBAND: Final = f"audio/pcm;rate={WIDEBAND_RATE}"
"""The name of that format, as coders know it."""

_LAWS: Final[dict[str, Law]] = {"audio/pcmu": "mu", "audio/pcma": "a"}
_BIAS: Final = 132
_LOUDEST: Final = 8158
_EVEN_BITS: Final = 0x55
_SIGN: Final = 0x80


class G711Decoder:
    """Telephone audio as 24 kHz mono signed 16-bit, piece by piece.

    Args:
        law: its curve.
    """

    def __init__(self, law: Law) -> None:
        self._samples = _decoded(law)
        self._resampler = Resampler(TELEPHONE_RATE, SAMPLE_RATE)

    def push(self, audio: bytes) -> bytes:
        """Take the next bytes, any number; what is ready of them comes in bursts."""
        codes = np.frombuffer(audio, np.uint8)
        return to_pcm(self._resampler.push(to_float(self._samples[codes].tobytes())))

    def flush(self) -> bytes:
        """What is still owed; the next `push` begins a new stream."""
        return to_pcm(self._resampler.flush())


class G711Encoder:
    """24 kHz mono signed 16-bit as telephone audio, piece by piece.

    Args:
        law: its curve.
    """

    def __init__(self, law: Law) -> None:
        self._codes = _encoded(law)
        self._resampler = Resampler(SAMPLE_RATE, TELEPHONE_RATE)

    def push(self, audio: bytes) -> bytes:
        """Take the next whole samples, any number; what is ready of them comes in bursts."""
        return self._encode(self._resampler.push(to_float(audio)))

    def flush(self) -> bytes:
        """What is still owed; the next `push` begins a new stream."""
        return self._encode(self._resampler.flush())

    def _encode(self, samples: NDArray[np.float32]) -> bytes:
        codes: NDArray[np.uint8] = self._codes[np.frombuffer(to_pcm(samples), "<u2")]
        return codes.tobytes()


def samples_of(law: Law, codes: bytes) -> NDArray[np.float32]:
    """Telephone audio as samples of the same rate, -1 to 1."""
    return to_float(_decoded(law)[np.frombuffer(codes, np.uint8)].tobytes())


def codes_of(law: Law, samples: NDArray[np.float32]) -> bytes:
    """Samples of -1 to 1 as telephone audio of the same rate."""
    codes: NDArray[np.uint8] = _encoded(law)[np.frombuffer(to_pcm(samples), "<u2")]
    return codes.tobytes()


class WidebandCoder:
    """PCM at another rate, piece by piece; what is ready comes in bursts.

    Args:
        source: samples a second that go in.
        target: samples a second that come out.
    """

    def __init__(self, source: int, target: int) -> None:
        self._resampler = Resampler(source, target)

    def push(self, audio: bytes) -> bytes:
        """Take the next whole samples, any number."""
        return to_pcm(self._resampler.push(to_float(audio)))

    def flush(self) -> bytes:
        """What is still owed; the next `push` begins a new stream."""
        return to_pcm(self._resampler.flush())


class TelephoneCoders:
    """Makes coders for `audio/pcmu`, `audio/pcma`, and `audio/pcm;rate=16000`."""

    def decoder(self, kind: str) -> G711Decoder | WidebandCoder:
        """From a format to 24 kHz mono signed 16-bit."""
        if kind == WIDEBAND:
            return WidebandCoder(WIDEBAND_RATE, SAMPLE_RATE)
        return G711Decoder(_LAWS[kind])

    def encoder(self, kind: str) -> G711Encoder | WidebandCoder:
        """From 24 kHz mono signed 16-bit to a format."""
        if kind == WIDEBAND:
            return WidebandCoder(SAMPLE_RATE, WIDEBAND_RATE)
        return G711Encoder(_LAWS[kind])


def _decoded_mu() -> NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS << ((code & 0x70) >> 4)) - _BIAS
    return np.where(code & _SIGN, -magnitude, magnitude).astype("<i2")


def _decoded_a() -> NDArray[np.int16]:
    code = np.arange(256) ^ _EVEN_BITS
    segment = (code & 0x70) >> 4
    step = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, step, (step + 0x100) << np.maximum(segment - 1, 0))
    return np.where(code & _SIGN, magnitude, -magnitude).astype("<i2")


def _encoded_mu() -> NDArray[np.uint8]:
    sample = _all_samples() >> 2
    magnitude = np.minimum(np.abs(sample), _LOUDEST) + _BIAS // 4
    exponent = np.frexp(magnitude.astype(float))[1] - 6
    mantissa = (magnitude >> (exponent + 1)) & 0x0F
    code: NDArray[np.int64] = ~(np.where(sample < 0, _SIGN, 0) | exponent << 4 | mantissa)
    return code.astype(np.uint8)


def _encoded_a() -> NDArray[np.uint8]:
    sample = _all_samples() >> 3
    magnitude = np.where(sample < 0, ~sample, sample)
    segment = np.maximum(np.frexp(magnitude.astype(float))[1] - 5, 0)
    mantissa = (magnitude >> np.maximum(segment, 1)) & 0x0F
    code: NDArray[np.int64] = np.where(sample < 0, 0, _SIGN) | segment << 4 | mantissa
    code ^= _EVEN_BITS
    return code.astype(np.uint8)


def _all_samples() -> NDArray[np.int64]:
    """Every 16-bit sample, at the place of its bits read as an unsigned number."""
    unsigned = np.arange(2 * FULL_SCALE)
    return np.where(unsigned < FULL_SCALE, unsigned, unsigned - 2 * FULL_SCALE)


@cache
def _decoded(law: Law) -> NDArray[np.int16]:
    """The sample of each code."""
    return _decoded_mu() if law == "mu" else _decoded_a()


@cache
def _encoded(law: Law) -> NDArray[np.uint8]:
    """The code of each sample, at the place of its bits read as an unsigned number."""
    return _encoded_mu() if law == "mu" else _encoded_a()
