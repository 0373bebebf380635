"""The lines that sound takes: what each does to it, and who is at its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from soundstage.audio import FULL, Limiter, is_audible
from soundstage.units import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from soundstage.audio.effects import Chain, EffectFailed
    from soundstage.units import Samples


_FAINTEST: Final = 4
"""Magnitude of samples up to which what an agent hears makes no echo: far below any hearing."""


class EffectLine:
    """One line with effects.

    Args:
        chain: its effects.

    Attributes:
        chain: likewise.
        closed: whether no agent is at its end; what is in the air still comes.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.closed = True
        self._limiter = Limiter(1)

    @property
    def rests(self) -> bool:
        """Whether silence goes in, and nothing but silence would come out."""
        return self.chain.rests(closed=self.closed)

    def carry(self, pcm: bytes) -> bytes:
        """A frame from one end to the other, turned down where it became too loud."""
        # The same object, not equal bytes: later stages recognise silence by identity.
        if pcm is SILENCE and self.rests:
            return SILENCE
        row = self.chain.carry(np.frombuffer(pcm, "<i2"))
        peak = int(np.abs(row).max())
        if self._limiter.works or peak > FULL:
            return self._limiter.limit(row[None], np.array([peak], np.int32)).tobytes()
        return row.astype("<i2").tobytes() if peak else SILENCE

    def hear_back(self, pcm: bytes) -> None:
        """What the agent at its beginning hears."""
        # Two loudspeakers that hear each other would pass a sample of 1 on for ever.
        if is_audible(pcm, _FAINTEST):
            self.chain.hear_back(np.frombuffer(pcm, "<i2"))

    def carry_sum(self, row: NDArray[np.int32]) -> NDArray[np.int32]:
        """Likewise for a sum that is limited afterwards."""
        return row if self.rests and not row.any() else self.chain.carry(row)


class EffectLines:
    """The lines with effects.

    Args:
        sends: by the agent whose sound goes out over it.
        hears: by the agent who hears everything over it.
        edges: by speaker and listener.
    """

    def __init__(
        self,
        *,
        sends: Mapping[str, Chain] | None = None,
        hears: Mapping[str, Chain] | None = None,
        edges: Mapping[tuple[str, str], Chain] | None = None,
    ) -> None:
        self.sends = {agent: EffectLine(chain) for agent, chain in (sends or {}).items()}
        self.hears = {agent: EffectLine(chain) for agent, chain in (hears or {}).items()}
        self.edges = {edge: EffectLine(chain) for edge, chain in (edges or {}).items()}
        self._all = [*self.sends.values(), *self.edges.values(), *self.hears.values()]

    def open(self, agent: str, *, closed: bool = False) -> None:
        """The agent has come to its ends of the lines, or gone from them."""
        # Noise on a line belongs to the place where the agent is, and goes with it.
        mine = [lines[agent] for lines in (self.sends, self.hears) if agent in lines]
        mine += [line for (speaker, _), line in self.edges.items() if speaker == agent]
        for line in mine:
            line.closed = closed

    def lag(self, speaker: str, listener: str) -> Samples:
        """How much later the listener hears what the speaker says."""
        way = (
            self.sends.get(speaker),
            self.edges.get((speaker, listener)),
            self.hears.get(listener),
        )
        return sum(line.chain.lag for line in way if line is not None)

    def failures(self) -> Iterator[EffectFailed]:
        """The effects that have failed since the last call."""
        if not self._all:
            return
        # Each failure is told once: an effect that has failed is off its line.
        for line in self._all:
            yield from line.chain.failures
            line.chain.failures.clear()
