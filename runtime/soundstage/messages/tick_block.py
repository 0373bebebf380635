"""Several ticks in one message, where nothing but sound passes in any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.units import Samples


class HeardBlock(Struct, frozen=True, gc=False):
    """What one listener hears in the ticks of a stretch.

    Attributes:
        frames: a frame a tick, `SILENCE` itself where it hears none; None where it is all silence.
        speakers: of each of them, the agents audible in it; None where it is all silence.
    """

    frames: Sequence[bytes] | None = None
    speakers: Sequence[tuple[str, ...]] | None = None


class TickBlock(Struct, eq=False):
    """So many ticks at once: each actor does in one turn what it would have done in them.

    Before it is told, each actor that takes part is asked by `foresee` for how many ticks it would
    do nothing but pass sound on: no event, no other message, no timer, no job. What all of them
    agree on is told in place of those ticks.

    Attributes:
        pts: the time of the first tick.
        ticks: how many there are; while it is foreseen, each actor lowers it.
        said: agent to its frames as they are foreseen, perhaps more than `ticks`; None for silence.
        heard: listener to its mixes, likewise.
        words: agent to those of the ticks, counted from 0, in which its session tells words of a
            reply that is being made; it is told the stretch up to each of them as a `TickPart`.
    """

    pts: Samples
    ticks: int
    said: dict[str, Sequence[bytes] | None] = field(default_factory=dict)
    heard: dict[str, HeardBlock] = field(default_factory=dict)
    words: dict[str, Sequence[int]] = field(default_factory=dict)

    def until_words(self) -> int:
        """How many of the ticks come before the first in which any words are told."""
        return min([self.ticks, *(ticks[0] for ticks in self.words.values() if ticks)])


class TickPart(Struct, frozen=True, gc=False):
    """The first ticks of a stretch, to an agent whose session tells it words in the last of them.

    The words are events of that time, so that they are told before the stretch is. The agent lets
    these ticks pass for its session; it sends no sound, which goes with the whole stretch.

    Attributes:
        stretch: the stretch, as it was foreseen.
        ticks: so many of it have passed, that of the words included.
    """

    stretch: TickBlock
    ticks: int


class FrameBlock(Struct, frozen=True, gc=False):
    """The frames of a stretch from one source, as one `Frame` a tick would have told them.

    Attributes:
        source: as in `Frame`.
        pts: of the first frame.
        ticks: how many there are.
        frames: the frames; None where all of them are silence.
        epoch: as in `Frame`.
        speakers: of a mix, those audible in each frame; None where all of them are silence.
    """

    source: str
    pts: Samples
    ticks: int
    frames: Sequence[bytes] | None
    epoch: int = 0
    speakers: Sequence[tuple[str, ...]] | None = None


class MixedBlock(Struct, frozen=True, gc=False):
    """The ticks of a stretch, as one `Mixed` a tick would have told them.

    Attributes:
        pts: of the first tick.
        ticks: how many there are.
        said: agent to the frames it sent; an agent that was silent in all of them is missing.
        heard: listener to the mixes it was given, likewise.
    """

    pts: Samples
    ticks: int
    said: Mapping[str, Sequence[bytes]]
    heard: Mapping[str, Sequence[bytes]]
