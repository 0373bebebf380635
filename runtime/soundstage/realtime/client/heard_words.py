"""What was heard of a reply that was cut, where the service does not say."""

from __future__ import annotations

from typing import Final

from soundstage.units import SAMPLE_RATE, Samples, samples_of_ms

WORDS_PER_SECOND: Final = 2.7
"""A usual pace of speech."""


FIRST_WORD: Final[Samples] = samples_of_ms(160)
"""From when on turn detection notices speech: what it heard is answered, as a first word."""


def words_in(length: Samples) -> int:
    """How many words are said in so much audio."""
    return max(int(length / SAMPLE_RATE * WORDS_PER_SECOND), int(length >= FIRST_WORD))


def words_heard(text: str, length: Samples) -> str:
    """The first words of a text, as many as are said in so much audio."""
    return " ".join(text.split()[: words_in(length)])
