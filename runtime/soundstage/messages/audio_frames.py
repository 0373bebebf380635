"""Sound on its way from one actor to another."""

from __future__ import annotations

from msgspec import Struct

from soundstage.units import Samples


class Frame(Struct, frozen=True, gc=False):
    """Twenty milliseconds of sound.

    Attributes:
        source: the agent that said it, or the listener's name for a mix.
        pts: samples since the run began, at the frame's first sample.
        pcm: `FRAME_BYTES` of 24 kHz mono signed 16-bit little-endian samples.
        epoch: how often the source had been interrupted when it sent this; a receiver discards
            frames of an epoch older than the newest it has seen from that source.
        speakers: of a mix, the agents audible in it, loudest first; at most eight.
        voices: those of them that speak, as voice activity has it where several are audible.
    """

    source: str
    pts: Samples
    pcm: bytes
    epoch: int = 0
    speakers: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()


class EndOfSpeech(Struct, frozen=True, gc=False):
    """The source has nothing more to say for now; keeps its place behind its frames."""

    source: str
    pts: Samples
    epoch: int = 0


class Interrupt(Struct, frozen=True, gc=False):
    """Stop what `source` is saying: urgent, overtakes the frames it makes stale.

    Attributes:
        source: the agent that is cut short.
        pts: when; samples that left its port before this were heard.
        epoch: the first epoch that is still valid.
        by: what interrupts, an agent's name or `cue`.
    """

    source: str
    pts: Samples
    epoch: int
    by: str = ""


class Mute(Struct, frozen=True, gc=False):
    """Silence an agent for all listeners: urgent.

    Attributes:
        agent: the agent that is muted.
        until: the time at which it is heard again; None for good; a time past unmutes.
    """

    agent: str
    until: Samples | None = None


class Levels(Struct, frozen=True, gc=False):
    """How loud each agent was since the last such message, for eyes only.

    Attributes:
        pts: the end of the stretch measured.
        peaks: agent to peak sample value, 0 to 32768.
    """

    pts: Samples
    peaks: dict[str, int]


class Mixed(Struct, frozen=True, gc=False):
    """Everything that was said and heard in one tick, for the recorder.

    Attributes:
        pts: of the tick.
        said: agent to the frame it sent; an agent that sent none is missing.
        heard: listener to the mix it was given.
    """

    pts: Samples
    said: dict[str, bytes]
    heard: dict[str, bytes]
