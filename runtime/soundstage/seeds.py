"""Named random streams, all derived from the one seed of a run.

A stream depends on the seed and its own name alone, so drawing from one never moves another.
"""

from __future__ import annotations

import hashlib
import random


class Seeds:
    """The source of every random stream of a run.

    Args:
        seed: the run's seed, any integer ≥ 0.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def stream(self, *name: str) -> random.Random:
        """A stream of its own for this name, the same in every run with this seed."""
        text = "\0".join((str(self.seed), *name))
        digest = hashlib.sha256(text.encode()).digest()
        return random.Random(int.from_bytes(digest[:16], "big"))  # noqa: S311 - not for secrets
