"""The session's timeline: it advances with the audio that is heard, and with nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.units import FRAME_SAMPLES, Samples, ms_of, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FRAGMENT: Final[Samples] = samples_of_ms(200)
"""What one event of a transcript covers, as Pipecat has measured at the service."""


class Timeline:
    """Where the session is.

    Attributes:
        position: audio heard since the session began.
    """

    def __init__(self) -> None:
        self.position: Samples = 0

    @property
    def ms(self) -> int:
        """The same in milliseconds, as events say it."""
        return ms_of(self.position)

    @property
    def at_boundary(self) -> bool:
        """Whether a fragment of a transcript ends here."""
        return self.position % FRAGMENT == 0

    @property
    def to_boundary(self) -> int:
        """In how many frames the next fragment of a transcript ends."""
        return (FRAGMENT - self.position % FRAGMENT) // FRAME_SAMPLES

    def advance(self, frames: int = 1) -> None:
        """One frame more was heard, or so many."""
        self.position += frames * FRAME_SAMPLES


def fragments_of(
    words: Iterable[str], start: Samples, end: Samples
) -> Iterator[tuple[str, int, int]]:
    """Cut the words of a stretch of speech into fragments.

    Where each word lies is not known: each takes as much of the stretch as it has letters.

    Args:
        words: in order.
        start: where the speech begins.
        end: where it ends.

    Yields:
        The words of each fragment that has any, the space before them included but for the first
        one, and the fragment's start and end in ms, which are multiples of 200.
    """
    told = list(words)
    letters, said, waiting, place = max(1, sum(map(len, told))), 0, "", -1
    for number, word in enumerate(told):
        middle = start + (end - start) * (2 * said + len(word)) // (2 * letters)
        said += len(word)
        at = middle // FRAGMENT
        if waiting and at != place:
            yield (waiting, *_bounds(place))
            waiting = ""
        place = at
        waiting += f" {word}" if number else word
    if waiting:
        yield (waiting, *_bounds(place))


def _bounds(place: int) -> tuple[int, int]:
    return ms_of(place * FRAGMENT), ms_of((place + 1) * FRAGMENT)
