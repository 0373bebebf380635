"""The traits of a caller as numbers, and what they make of its lines and of what it hears."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from soundstage.config.values import Duration, DurationRange, Ratio, Table
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_seconds

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

FILLERS: Final = ("um", "er", "you know", "well")
BACKCHANNELS: Final = ("Mm-hm.", "Right.", "I see.", "Okay.")
ASKS_AGAIN: Final = "Sorry, could you say that again?"
LOOKS_UP: Final = "One moment, I have to look that up."
STILL_THERE: Final = "Hello? Are you still there?"
SMALL_TALK: Final = (
    "I hope you do not mind that I say so.",
    "It has been a long day, as you can imagine.",
    "My sister had the same thing last year.",
    "But that is another story.",
    "The weather does not help either.",
    "I was going to call yesterday.",
    "That is how it is these days.",
    "I told my neighbour about it as well.",
)

_NONE: Final = Ratio("0%")
_ALL: Final = Ratio("100%")
_MOST_ASIDES: Final = 2
"""How often one turn is asked for again: a caller that never hears would never go on."""

_LISTENS: Final[Samples] = samples_of_seconds(3)
"""Speech of another agent after which a backchannel may come, and again after as much more."""

_BREAKS_IN: Final = (1.0, 3.0)
"""Seconds of another agent's turn after which it is interrupted, uniform."""

_LOOKS: Final = (2.0, 6.0)
"""Seconds of silence in which it looks up what it does not remember, uniform."""

_SPELL: Final[Samples] = samples_of_seconds(0.4)
"""A silence that is shorter than this does not end another agent's turn."""

_GAP: Final = re.compile(r"(?<=[a-z,]) (?=[a-z])")
"""Where a filler can stand: between two words in small letters, so that no name or number is torn
apart."""


class Traits(Table):
    """The `traits` of an agent that plays a caller.

    Each number may be a range, of which the seed draws one value for the run; `pause` is drawn anew
    for each line. What a trait decides later is drawn from a random stream of its own, so that one
    trait changes nothing that another one draws.

    Attributes:
        pause: how long those it hears must have been quiet before a line; in place of `wait`.
        patience: how long it waits for an answer before it asks whether the other is still there;
            after as long again it hangs up. Without it, its next line comes after 8 s.
        hesitation: the share of the gaps between its words in which it says a filler.
        talkativeness: how many sentences of small talk follow each line, on average; 0 to 8.
        interrupts: the share of other agents' turns in which it says its next line at once.
        backchannels: how probable a "mm-hm" is after each 3 s in which it listens.
        asks_again: the share of other agents' turns that it asks to hear again, at most twice in a
            row.
        memory: the share of its lines after the first that it remembers; before any other one it
            says that it has to look it up, and is silent for 2 to 6 s.
        speed: the pace of its speech; 1.0 is the voice's own; 0.5 to 2.
    """

    pause: DurationRange | None = None
    patience: Duration | None = None
    hesitation: Ratio = _NONE
    talkativeness: Annotated[float, Field(ge=0, le=8)] = 0.0
    interrupts: Ratio = _NONE
    backchannels: Ratio = _NONE
    asks_again: Ratio = _NONE
    memory: Ratio = _ALL
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0


class Temper:
    """What one caller's traits decide, in the order in which things happen to it.

    Args:
        traits: its own.
        stream: a random stream of its own, by purpose.
    """

    def __init__(self, traits: Traits, stream: Callable[[str], random.Random]) -> None:
        self.traits = traits
        self._stream = stream
        self._asked = 0

    def pause(self) -> Samples | None:
        """How long it must be quiet before the next line; None where `wait` says so."""
        pause = self.traits.pause
        return None if pause is None else pause.draw(self._stream("traits.pause"))

    def spoken(self, line: str) -> str:
        """A line as it says it: with fillers, and with small talk behind it."""
        return " ".join([self._hesitant(line), *self._small_talk()])

    def asks_again(self) -> bool:
        """Whether it asks to hear a turn again, instead of its next line."""
        share = self.traits.asks_again
        wanted = bool(share) and self._stream("traits.asks_again").random() < share
        self._asked = self._asked + 1 if wanted and self._asked < _MOST_ASIDES else 0
        return self._asked > 0

    def looks_up(self) -> Samples | None:
        """How long it looks for its next line; None where it remembers it."""
        share = self.traits.memory
        if share >= 1:
            return None
        stream = self._stream("traits.memory")
        # Both are drawn for each line: a worse memory forgets the same lines, and more.
        known, after = stream.random() < share, stream.uniform(*_LOOKS)
        return None if known else samples_of_seconds(after)

    def breaks_in(self) -> Samples | None:
        """How long after the beginning of a turn it interrupts; None where it does not."""
        if not self.traits.interrupts:
            return None
        stream = self._stream("traits.interrupts")
        # Both are drawn for each turn: a higher share interrupts the same turns, and more.
        wanted, after = stream.random() < self.traits.interrupts, stream.uniform(*_BREAKS_IN)
        return samples_of_seconds(after) if wanted else None

    def backchannel(self) -> str:
        """What it says while it listens; empty where it only listens."""
        if not self.traits.backchannels:
            return ""
        stream = self._stream("traits.backchannels")
        wanted, word = stream.random() < self.traits.backchannels, stream.choice(BACKCHANNELS)
        return word if wanted else ""

    def _hesitant(self, line: str) -> str:
        share = self.traits.hesitation
        if not share:
            return line
        stream = self._stream("traits.hesitation")

        def fill(_: re.Match[str]) -> str:
            wanted, filler = stream.random() < share, stream.choice(FILLERS)
            return f", {filler}, " if wanted else " "

        return re.sub(",+", ",", _GAP.sub(fill, line))

    def _small_talk(self) -> list[str]:
        level = self.traits.talkativeness
        if not level:
            return []
        stream = self._stream("traits.talkativeness")
        count = int(level) + (stream.random() < level % 1)
        return stream.sample(SMALL_TALK, min(count, len(SMALL_TALK)))


class Listener:
    """The turns of others, as one who interrupts or says "mm-hm" follows them.

    Args:
        temper: decides what is done in them.
    """

    def __init__(self, temper: Temper) -> None:
        self._temper = temper
        self._begun: Samples | None = None
        self._until: Samples = 0
        self._breaks_in: Samples | None = None
        self._listened: Samples = 0
        self._word = ""

    def heard(self, pts: Samples) -> None:
        """Another agent was audible in the frame at `pts`."""
        if self._begun is None or pts - self._until > _SPELL:
            self._begun, self._listened = pts, 0
            self._breaks_in = self._temper.breaks_in()
        self._until = pts + FRAME_SAMPLES
        self._listened += FRAME_SAMPLES
        if self._listened >= _LISTENS:
            self._listened = 0
            self._word = self._temper.backchannel()

    def interrupts(self, now: Samples) -> bool:
        """Whether the turn that is heard is to be interrupted now; true once for a turn."""
        if self._begun is None or self._breaks_in is None:
            return False
        if now - self._until > _SPELL:
            self._breaks_in = None
            return False
        if now - self._begun < self._breaks_in:
            return False
        self._breaks_in = None
        return True

    def take_backchannel(self, now: Samples) -> str:
        """What is to be said while the other goes on; empty where nothing is."""
        word, self._word = self._word, ""
        return word if now - self._until <= _SPELL else ""
