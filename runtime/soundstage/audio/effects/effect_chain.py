"""Effects one after the other, on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from soundstage.errors import is_interrupt
from soundstage.messages import Cause, Owner, cause_of, traceback_text
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from soundstage.audio.effects.effect import Effect, Sound

_ONE: Final = np.float32(1 << 15)
_REAL: Final = frozenset("fiub")
_LOUDEST: Final = np.float32(1 << 15)
_LONGEST: Final = 3600 * SAMPLE_RATE
"""An hour: a line that lasts longer would never be silent in a run."""


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
        self.failures: list[EffectFailed] = []
        self._quiet: Samples = self.tail

    @property
    def tail(self) -> Samples:
        """How long sound may still come out after the last that went in."""
        return sum(self._length(link, "tail") for link in tuple(self._links))

    @property
    def lag(self) -> Samples:
        """How much later sound comes out than it went in."""
        return sum(self._length(link, "lag") for link in tuple(self._links))

    def rests(self, *, closed: bool) -> bool:
        """Whether silence goes in, and nothing but silence would come out.

        Args:
            closed: whether no agent is at its beginning, so that noise need not go on.
        """
        is_source = not closed and any(self._is_source(link) for link in tuple(self._links))
        return self._quiet >= self.tail and not is_source

    def carry(self, samples: NDArray[np.signedinteger]) -> NDArray[np.int32]:
        """One frame, as 16-bit samples or sums of them; what comes out is not limited to these."""
        self._quiet = 0 if samples.any() else self._quiet + FRAME_SAMPLES
        sound = samples.astype(np.float32) / _ONE
        for link in tuple(self._links):
            sound = self._applied(link, sound)
        # Before they are multiplied, or the largest numbers would overflow.
        whole: NDArray[np.float32] = np.rint(np.clip(sound, -_LOUDEST, _LOUDEST) * _ONE)
        return whole.astype(np.int32)

    @property
    def hears_back(self) -> bool:
        """Whether any effect is to be told what the agent at the line's beginning hears."""
        return any(link.effect.hears_back for link in self._links)

    def hear_back(self, samples: NDArray[np.int16]) -> None:
        """Tell the effects what the agent hears, in 16-bit samples; it is sound on the line."""
        self._quiet = 0
        sound = samples.astype(np.float32) / _ONE
        for link in tuple(self._links):
            try:
                link.effect.hear_back(sound.copy())
            except BaseException as error:  # noqa: BLE001 - see below
                self._fail(link, error)

    # An effect is its author's own code, properties included: whatever it raises or gives back
    # takes it off the line, and must not reach the mixer.

    def _applied(self, link: Link, sound: Sound) -> Sound:
        try:
            # A copy: an effect that changes its input and then fails has not changed the sound.
            result = cast("object", link.effect.apply(sound.copy()))
            given = np.asarray(result)
            if given.dtype.kind in _REAL:
                made: Sound = given.astype(np.float32, copy=False)
                problem = _problem(made)
                if not problem:
                    return made
            else:
                is_array = isinstance(result, np.ndarray)
                kind = f"an array of {given.dtype}" if is_array else type(result).__name__
                problem = f"gave back {kind}, not samples"
        except BaseException as error:  # noqa: BLE001 - see above
            self._fail(link, error)
        else:
            self._remove(link, Cause(owner=Owner.SIMULATOR, reason="", message=problem), "")
        return sound

    def _length(self, link: Link, name: Literal["tail", "lag"]) -> Samples:
        try:
            length = int(getattr(link.effect, name))
        except BaseException as error:  # noqa: BLE001 - see above
            self._fail(link, error)
            return 0
        if not 0 <= length <= _LONGEST:
            message = f"its {name} is {length} samples, and not from 0 to {_LONGEST}"
            self._remove(link, Cause(owner=Owner.SIMULATOR, reason="", message=message), "")
            return 0
        return length

    def _is_source(self, link: Link) -> bool:
        try:
            return bool(link.effect.is_source)
        except BaseException as error:  # noqa: BLE001 - see above
            self._fail(link, error)
            return False

    def _fail(self, link: Link, error: BaseException) -> None:
        if is_interrupt(error):
            raise error
        self._remove(link, cause_of(error, link.name), traceback_text(error))

    def _remove(self, link: Link, cause: Cause, trace: str) -> None:
        """Take an effect off the line; the sound goes past it."""
        self._links.remove(link)
        # An effect is a part of the line between agents, never what is under test.
        reason = f"fault:effects.{link.name}"
        cause = replace(cause, owner=Owner.SIMULATOR, reason=reason)
        self.failures.append(EffectFailed(link.name, cause, trace))


def _problem(made: Sound) -> str:
    if made.shape != (FRAME_SAMPLES,):
        return f"gave back samples of shape {made.shape}, not ({FRAME_SAMPLES},)"
    return "" if np.isfinite(made).all() else "gave back samples that are no numbers"
