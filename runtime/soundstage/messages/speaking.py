"""Speech, words, and the right to speak."""

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
        speaker: the agent that was speaking, the loudest where several were.
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
    """Ask an agent to say exactly these words.

    Attributes:
        text: the words.
        overlap: whether it says them without the floor, over an agent that is speaking.
    """

    text: str
    overlap: bool = False


class Prompt(Struct, frozen=True, gc=False):
    """Ask an agent to speak, in its own words, as this tells it.

    Attributes:
        text: what it is told.
        overlap: whether it speaks without the floor, over an agent that is speaking.
    """

    text: str
    overlap: bool = False


class Play(Struct, frozen=True, gc=False):
    """Ask an agent to play a recording.

    Attributes:
        title: what it is, for the transcript.
        pcm: 24 kHz mono signed 16-bit little-endian samples, any number of them.
        overlap: whether it plays it without the floor, over an agent that is speaking.
    """

    title: str
    pcm: bytes
    overlap: bool = False


class PressKeys(Struct, frozen=True, gc=False):
    """Ask an agent to press keys of its telephone: their tones are heard on its line.

    Attributes:
        keys: of `0` to `9`, `*`, `#` and `A` to `D`.
    """

    keys: str


class KeyHeard(Struct, frozen=True, gc=False):
    """A key of a telephone that the receiver has heard.

    Attributes:
        speaker: the agent that pressed it.
        key: which.
        pts: when its tone began, within 10 ms.
    """

    speaker: str
    key: str
    pts: Samples


class StopSpeaking(Struct, frozen=True, gc=False):
    """Ask an agent to stop speaking at once: what was not played is not heard.

    Attributes:
        by: what asks, for the log.
    """

    by: str


class TakeFloor(Struct, frozen=True, gc=False):
    """The receiver may speak now; once it has spoken it logs `FloorPassed`.

    Attributes:
        room: the room whose floor it is.
        after: the agent that spoke before, and that it answers; empty where no agent did.
        ended: when that agent's last frame had been played, in samples of the run.
    """

    room: str
    after: str = ""
    ended: Samples = 0


class LoseFloor(Struct, frozen=True, gc=False):
    """The receiver may speak no longer: it stops, and logs `FloorPassed`.

    Attributes:
        by: what takes it, `max_turn` or `late`.
    """

    by: str
