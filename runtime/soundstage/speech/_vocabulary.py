"""Whisper's tokens and the text that they stand for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Vocabulary:
    """The tokens of an English Whisper model.

    Args:
        path: `vocabulary.txt`, one token a line.
    """

    def __init__(self, path: Path) -> None:
        self._tokens = path.read_text("utf-8").removesuffix("\n").split("\n")
        self.prompt = [
            self._tokens.index("<|startoftranscript|>"),
            self._tokens.index("<|notimestamps|>"),
        ]

    def text(self, numbers: Sequence[int]) -> str:
        """The text of tokens, without the special ones."""
        tokens = (self._tokens[number] for number in numbers)
        spelled = "".join(token for token in tokens if not token.startswith("<|"))
        return bytes(map(_byte_alphabet().__getitem__, spelled)).decode("utf-8", "replace").strip()


@cache
def _byte_alphabet() -> dict[str, int]:
    """Each byte by the printable character that GPT-2 writes for it."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = sorted(set(range(256)) - set(printable))
    alphabet = {chr(byte): byte for byte in printable}
    return alphabet | {chr(256 + place): byte for place, byte in enumerate(others)}
