"""What was heard of a reply that was cut, where the service does not say."""

from __future__ import annotations

from typing import Final

from soundstage.units import SAMPLE_RATE, Samples

WORDS_PER_SECOND: Final = 2.7
"""A usual pace of speech."""


def words_in(length: Samples) -> int:
    """How many words are said in so much audio."""
    return int(length / SAMPLE_RATE * WORDS_PER_SECOND)


def words_heard(text: str, length: Samples) -> str:
    """The first words of a text, as many as are said in so much audio."""
    return " ".join(text.split()[: words_in(length)])
