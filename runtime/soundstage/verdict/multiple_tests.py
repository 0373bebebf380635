"""Several tests at once: one claim, "none of them", that errs no more often than a single one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def holm(probabilities: Sequence[float]) -> list[float]:
    """Each probability as it counts beside the others, in their order (Holm, 1979).

    A test is significant at a level if its adjusted probability is at most that level.
    """
    order = sorted(range(len(probabilities)), key=lambda at: probabilities[at])
    adjusted = [0.0] * len(order)
    least = 0.0
    for rank, at in enumerate(order):
        least = max(least, min(1.0, (len(order) - rank) * probabilities[at]))
        adjusted[at] = least
    return adjusted
