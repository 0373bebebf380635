"""The libopus that PyAV's wheels carry, called directly.

Through FFmpeg it costs twice as much: its decoder knows no rate but 48 kHz, which has to be halved
then, and PyAV passes each frame to be encoded through a filter graph, as the frames of this codec
have one size. Called directly it encodes 24 kHz as it is, decodes to it, and takes no more than the
coding itself. Where this file of PyAV is not to be found, `pyav_opus` does the same in its way.

Calls keep Python's lock: they take some twenty microseconds, and to get the lock back could take
milliseconds while another thread computes.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_char_p, c_int, c_void_p
from functools import cache
from pathlib import Path
from typing import Final

import av
from av.error import InvalidDataError

from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_BYTES, SAMPLE_RATE

BIT_RATE: Final = 32_000
"""Bits a second: the low end of what is transparent for mono speech."""

_LOWDELAY: Final = 2051
_SET_BITRATE: Final = 4002
_SET_COMPLEXITY: Final = 4010
_SET_CONSTRAINED: Final = 4020
_LONGEST_PACKET: Final = 1275 * 6
_LONGEST_SAMPLES: Final = SAMPLE_RATE * 120 // 1000
"""A packet holds 120 ms at most (RFC 6716, 3.2.5)."""

_FUNCTIONS: Final = {
    "opus_encoder_get_size": (c_int, [c_int]),
    "opus_encoder_init": (c_int, [c_void_p, c_int, c_int, c_int]),
    # What follows the request is variadic: its type is given with each call.
    "opus_encoder_ctl": (c_int, [c_void_p, c_int]),
    "opus_encode": (c_int, [c_void_p, c_char_p, c_int, c_void_p, c_int]),
    "opus_decoder_get_size": (c_int, [c_int]),
    "opus_decoder_init": (c_int, [c_void_p, c_int, c_int]),
    "opus_decode": (c_int, [c_void_p, c_char_p, c_int, c_void_p, c_int, c_int]),
    "opus_strerror": (c_char_p, [c_int]),
}


@cache
def libopus() -> ctypes.PyDLL | None:
    """The library that PyAV carries, or None where it is not found or has not what is needed."""
    package = Path(av.__file__).parent
    # Where auditwheel and delvewheel put it, and delocate.
    places = [*package.parent.glob("av.libs/*opus*"), *package.glob(".dylibs/*opus*")]
    for place in places:
        try:
            library = ctypes.PyDLL(str(place))
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        return library
    return None


class LibopusEncoder:
    """Frames of 24 kHz mono in, packets out.

    `lowdelay` keeps libopus in CELT: against `voip`, which is SILK and CELT together at this
    rate, it takes half the time at either end and four milliseconds off the delay.

    Args:
        library: libopus.
    """

    def __init__(self, library: ctypes.PyDLL) -> None:
        # In memory of our own, so that there is nothing to be given back.
        self._state = (c_char * library.opus_encoder_get_size(1))()
        _check(library, library.opus_encoder_init(self._state, SAMPLE_RATE, 1, _LOWDELAY))
        for request, value in (
            (_SET_BITRATE, BIT_RATE),
            (_SET_COMPLEXITY, 0),
            (_SET_CONSTRAINED, 0),
        ):
            _check(library, library.opus_encoder_ctl(self._state, request, c_int(value)))
        self._library = library
        self._encode = library.opus_encode
        self._packet = (c_char * _LONGEST_PACKET)()

    def encode(self, pcm: bytes) -> bytes:
        """Encode the next frame, `FRAME_BYTES` long.

        Raises:
            ValueError: it has another length.
        """
        # libopus would read beyond its end.
        if len(pcm) != FRAME_BYTES:
            raise ValueError(f"a frame has {FRAME_BYTES} bytes, and this one {len(pcm)}")
        size = self._encode(self._state, pcm, FRAME_SAMPLES, self._packet, _LONGEST_PACKET)
        return ctypes.string_at(self._packet, _check(self._library, size))


class LibopusDecoder:
    """Packets in, 24 kHz mono out.

    Args:
        library: libopus.
    """

    def __init__(self, library: ctypes.PyDLL) -> None:
        self._state = (c_char * library.opus_decoder_get_size(1))()
        _check(library, library.opus_decoder_init(self._state, SAMPLE_RATE, 1))
        self._library = library
        self._decode = library.opus_decode
        self._pcm = (c_char * (_LONGEST_SAMPLES * SAMPLE_BYTES))()

    def decode(self, packet: bytes) -> bytes:
        """The samples of the next packet, s16le.

        Raises:
            av.FFmpegError: it is no Opus packet.
        """
        samples = self._decode(self._state, packet, len(packet), self._pcm, _LONGEST_SAMPLES, 0)
        return ctypes.string_at(self._pcm, _check(self._library, samples) * SAMPLE_BYTES)


def _check(library: ctypes.PyDLL, result: int) -> int:
    if result < 0:
        # The error of PyAV, so that a caller need not know which of the two is at work.
        raise InvalidDataError(result, f"libopus: {library.opus_strerror(result).decode()}")
    return result
