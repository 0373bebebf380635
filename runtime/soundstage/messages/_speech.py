"""Speech and words, as agents deal in them."""

from __future__ import annotations

from msgspec import Struct

from soundstage.units import Samples


class SpeechStarted(Struct, frozen=True, gc=False):
    """An agent that the receiver hears has begun to speak."""

    speaker: str
    pts: Samples


class SpeechStopped(Struct, frozen=True, gc=False):
    """An agent that the receiver hears has finished speaking."""

    speaker: str
    pts: Samples


class Heard(Struct, frozen=True, gc=False):
    """Words, as the receiver's recogniser understood them.

    Attributes:
        speaker: who was speaking, the loudest where several were.
        text: the words as recognised, with case and punctuation.
        words: the same in lower case without punctuation, one by one.
        pts: when the speech began.
        end: when it ended.
    """

    speaker: str
    text: str
    words: tuple[str, ...]
    pts: Samples
    end: Samples


class Say(Struct, frozen=True, gc=False):
    """Ask an agent to say exactly these words."""

    text: str


class Prompt(Struct, frozen=True, gc=False):
    """Ask an agent to speak, in its own words, as this tells it."""

    text: str
