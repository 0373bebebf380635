"""Ids, in the shapes the service uses, from a stream of the run's seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTER_OF: Final = bytes(ord(_LETTERS[byte % len(_LETTERS)]) for byte in range(256))
_LENGTH: Final = 21
_CALL_LENGTH: Final = 16
_PADDED: Final = 16


class Ids:
    """Makes ids.

    Args:
        stream: where their letters are drawn from.
    """

    def __init__(self, stream: random.Random) -> None:
        self._stream = stream

    def make(self, kind: str) -> str:
        """An id as `kind_…`, with 21 letters, of a `call` 16.

        Args:
            kind: `event`, `item`, `resp`, `conv`, `sess` or `call`; `rtc_u0` and `sess_u0` of a
                call over WebRTC and its session, which share their letters.
        """
        return f"{kind}_{self._draw(_CALL_LENGTH if kind == 'call' else _LENGTH)}"

    def playback_event(self) -> str:
        """The id of an `output_audio_buffer` event, which has 16 hexadecimal digits."""
        return f"event_{self._stream.getrandbits(64):016x}"

    def padding(self, delta: str) -> str:
        """Random letters that hide how long a delta is: with it, they are 16, or a multiple."""
        return self._draw(_PADDED - len(delta) % _PADDED)

    def _draw(self, length: int) -> str:
        # A tenth of the time of `choices`: every event has an id, and every delta padding.
        bits = self._stream.getrandbits(8 * length)
        return bits.to_bytes(length, "little").translate(_LETTER_OF).decode()
