"""Ids, in the shapes the service uses, from a stream of the run's seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 21
_CALL_LENGTH: Final = 16


class Ids:
    """Makes ids.

    Args:
        stream: where their letters are drawn from.
    """

    def __init__(self, stream: random.Random) -> None:
        self._stream = stream

    def make(self, kind: str) -> str:
        """An id as `kind_…`: `event`, `item`, `resp`, `conv`, `sess`, `call`, `rtc_u0`."""
        length = _CALL_LENGTH if kind == "call" else _LENGTH
        letters = "".join(self._stream.choices(_ALPHABET, k=length))
        return f"{kind}_{letters}"

    def padding(self) -> str:
        """Random letters that hide how long a delta is, as the service adds them."""
        return "".join(self._stream.choices(_ALPHABET, k=self._stream.randrange(4, 15)))
