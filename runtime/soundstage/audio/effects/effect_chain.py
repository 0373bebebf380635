"""Effects one after the other, on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from soundstage.messages import Cause, Owner, cause_of, traceback_text
from soundstage.units import FRAME_SAMPLES, Samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from soundstage.audio.effects.effect import Effect, Sound

_ONE: Final = np.float32(1 << 15)
_LOUDEST: Final = float(1 << 30)


class Link(Struct, frozen=True):
    """An effect in a chain, and the name it was declared by."""

    name: str
    effect: Effect


class EffectFailed(Struct, frozen=True):
    """An effect raised, or what it gave back was no frame; sound goes past it from then on.

    Attributes:
        name: the effect's.
        cause: why.
        traceback: the full text; empty where nothing was raised.
    """

    name: str
    cause: Cause
    traceback: str


class Chain:
    """The effects of one line, in the order in which sound goes through them.

    Args:
        links: at least one.

    Attributes:
        failures: effects that have failed, in the order in which they did.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = list(links)
        self._quiet: Samples = self.tail
        self.failures: list[EffectFailed] = []

    @property
    def tail(self) -> Samples:
        """How long sound may still come out after the last that went in."""
        return sum(link.effect.tail for link in self._links)

    @property
    def lag(self) -> Samples:
        """How much later sound comes out than it went in."""
        return sum(link.effect.lag for link in self._links)

    def rests(self, *, closed: bool) -> bool:
        """Whether silence goes in, and nothing but silence would come out.

        Args:
            closed: whether no agent is at its beginning, so that noise need not go on.
        """
        is_source = not closed and any(link.effect.is_source for link in self._links)
        return self._quiet >= self.tail and not is_source

    def carry(self, samples: NDArray[np.signedinteger]) -> NDArray[np.int32]:
        """One frame, as 16-bit samples or sums of them; what comes out is not limited to these."""
        self._quiet = 0 if samples.any() else self._quiet + FRAME_SAMPLES
        sound = samples.astype(np.float32) / _ONE
        for link in tuple(self._links):
            sound = self._applied(link, sound)
        whole: NDArray[np.float32] = np.rint(sound * _ONE)
        np.clip(whole, -_LOUDEST, _LOUDEST, out=whole)
        return whole.astype(np.int32)

    def _applied(self, link: Link, sound: Sound) -> Sound:
        try:
            made = np.asarray(link.effect.apply(sound), np.float32)
        except Exception as error:  # noqa: BLE001 - an effect is its author's own code
            return self._failed(link, cause_of(error, link.name), traceback_text(error), sound)
        if problem := _problem(made):
            found = Cause(owner=Owner.SIMULATOR, reason="", message=problem)
            return self._failed(link, found, "", sound)
        return made

    def _failed(self, link: Link, cause: Cause, trace: str, sound: Sound) -> Sound:
        """Take an effect off the line; the sound goes past it."""
        self._links.remove(link)
        # An effect is a part of the line between agents, never what is under test.
        reason = f"fault:effects.{link.name}"
        cause = replace(cause, owner=Owner.SIMULATOR, reason=reason)
        self.failures.append(EffectFailed(link.name, cause, trace))
        return sound


def _problem(made: Sound) -> str:
    if made.shape != (FRAME_SAMPLES,):
        return f"gave back samples of shape {made.shape}, not ({FRAME_SAMPLES},)"
    return "" if np.isfinite(made).all() else "gave back samples that are no numbers"
