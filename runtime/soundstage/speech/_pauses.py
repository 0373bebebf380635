"""Long recordings cut where nobody speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def cut_at_pauses(
    samples: NDArray[np.float32], longest: int, rate: int
) -> Iterator[NDArray[np.float32]]:
    """Pieces of at most `longest` samples, cut at the quietest place of their last third.

    Args:
        samples: a recording.
        longest: samples that a piece may have, at least a second.
        rate: samples a second.
    """
    pause = rate // 5
    while len(samples) > longest:
        searched = samples[longest - longest // 3 : longest]
        blocks = searched[: len(searched) // pause * pause].reshape(-1, pause)
        quietest = int(np.argmin(np.square(blocks, dtype=np.float64).sum(axis=1)))
        cut = longest - longest // 3 + quietest * pause + pause // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples
