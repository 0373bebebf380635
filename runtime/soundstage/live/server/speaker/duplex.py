"""When a full-duplex speaker stops for another one, and when it says "mm-hm"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.live.server.speaker.ears import Range
from soundstage.units import Samples, samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    import random

    from soundstage.live.server.speaker.ears import Stretch

BACKCHANNELS: Final = ("Yeah.", "Right.", "I see.", "Okay.")
"""What is said to a speaker who goes on; no recogniser here understands "mm-hm" of a voice here."""


LONGEST_NOD: Final[Samples] = samples_of_ms(700)
"""Words of agreement take no longer: "I see." of the slowest voice here takes 670 ms."""


class Duplex(Struct, frozen=True):
    """How a speaker behaves while another one speaks; what is a range is drawn anew each time.

    Attributes:
        turn_end: the silence after which the other one has finished.
        barge_in: how much speech over its own makes it stop; what is shorter is a backchannel.
        backchannel: how much of the other one's speech it hears before it says "mm-hm"; None for
            never.
    """

    turn_end: Range = (samples_of_ms(450), samples_of_ms(700))
    barge_in: Range = (samples_of_ms(800), samples_of_ms(1200))
    backchannel: Range | None = (samples_of_seconds(3), samples_of_seconds(7))


class DuplexDecisions:
    """Draws what a speaker does next, from a stream of its own for each kind of decision.

    Args:
        duplex: how it behaves.
        barge_ins: for when it stops.
        backchannels: for when it says "mm-hm", and what.
    """

    def __init__(
        self, duplex: Duplex, barge_ins: random.Random, backchannels: random.Random
    ) -> None:
        self._duplex = duplex
        self._barge_ins = barge_ins
        self._backchannels = backchannels
        self._stops_after = barge_ins.randint(*duplex.barge_in)
        self._nods_after = self._draw_nod(0)

    def yields_to(self, stretch: Stretch) -> bool:
        """Whether it stops now for the other one."""
        return stretch.overlap >= self._stops_after

    def patience(self, stretch: Stretch) -> Samples:
        """How much more speech over its own it hears before it stops."""
        return self._stops_after - stretch.overlap

    def is_backchannel(self, stretch: Stretch) -> bool:
        """Whether a stretch that has ended was no more than an "mm-hm".

        One that is longer than any of these and only began under the last words of this speaker is
        none: the other one has heard them end, and wants an answer.
        """
        if stretch.cuts or not stretch.overlap or stretch.speech >= self._stops_after:
            return False
        return stretch.speech <= LONGEST_NOD or stretch.overlap * 2 > stretch.speech

    def stopped(self, stretch: Stretch) -> None:
        """It has stopped for the other one; the next time it may have more patience."""
        stretch.cuts = True
        self._stops_after = self._barge_ins.randint(*self._duplex.barge_in)

    def began(self) -> None:
        """The other one begins to speak."""
        self._nods_after = self._draw_nod(0)

    def until_nod(self, stretch: Stretch) -> Samples | None:
        """How much more speech it hears before it says "mm-hm"; None for any amount."""
        return None if self._nods_after is None else self._nods_after - stretch.speech

    def nod(self, stretch: Stretch) -> str:
        """What it says while the other one speaks; empty for nothing."""
        if self._nods_after is None or stretch.speech < self._nods_after:
            return ""
        self._nods_after = self._draw_nod(stretch.speech)
        # What lay over its last words says nothing of these: each "mm-hm" of a long stretch would
        # bring the next one nearer to being broken off.
        stretch.overlap = 0
        return self._backchannels.choice(BACKCHANNELS)

    def _draw_nod(self, after: Samples) -> Samples | None:
        if self._duplex.backchannel is None:
            return None
        return after + self._backchannels.randint(*self._duplex.backchannel)
