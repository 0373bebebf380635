"""Mix-minus: each listener's mix of all others, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from msgspec import Struct

from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Whole: TypeAlias = NDArray[np.int32]
    Gains: TypeAlias = NDArray[np.float64]

_FRACTION: Final = 1 << 16
_LOUDEST: Final = 1 << 30
_FEW: Final = 2


class Sums(Struct, frozen=True):
    """What was summed: each row once, and which of them each listener hears.

    Attributes:
        rows: (rows, 480) sums, valid until the next tick is summed.
        row_of: (listeners,) the row that each listener hears.
        is_own: whether each listener has a row of its own, in the order of the listeners.
    """

    rows: Whole
    row_of: NDArray[np.intp]
    is_own: bool = False


class MixMinus:
    """Sums what each listener hears: all of a group once, less the listener's own voice.

    Listeners that hear the same speakers equally loud, themselves apart, are a group and share one
    sum, so that a room of any size costs one sum and one subtraction for each speaker. Gains
    are rounded to 1/65536: every product and sum is then exact in 64 bits, and the result does not
    depend on the order of summation, on the machine or on its number of cores.

    Args:
        gains: (listeners, speakers) factors from 0 to 1000, 0 where a listener does not hear a
            speaker. The first speakers are the listeners; a listener does not hear itself.

    Attributes:
        group_of: each listener's group.
        is_one_room: whether each listener hears all the others, unchanged.
        audible: of each group, the speakers in its sum, a listener's own voice included.
    """

    def __init__(self, gains: Gains) -> None:
        exact = np.rint(gains * _FRACTION) / _FRACTION
        self._listeners = len(gains)
        self._shared, self._group = _grouped(exact)
        self._own = self._shared[self._group, np.arange(self._listeners)]
        self._own_rows = len(self._shared) + np.arange(self._listeners)
        # Made once: what is large and made anew every tick comes from the system every time.
        self._rows = np.empty((len(self._shared) + self._listeners, FRAME_SAMPLES), np.int32)
        self._wide = np.empty((self._listeners, FRAME_SAMPLES), np.int32)
        self._exact = np.empty(self._rows.shape)
        self.is_one_room = bool(np.all(self._shared == 1)) and len(self._shared) == 1
        # Where few listeners share a sum, subtracting costs more than summing directly.
        self._is_direct = 2 * len(self._shared) >= self._listeners and not self.is_one_room
        self._each = np.arange(self._listeners)
        self._is_huge = bool(self._shared.sum() * (1 << 15) > _LOUDEST)
        self._hears = self._shared[self._group]
        np.fill_diagonal(self._hears, 0)
        self._lone: dict[tuple[int, ...], list[int] | None] = {}
        self._only = self._hears.argmax(axis=1).tolist() if _is_pairs(self._hears) else None
        self.group_of: list[int] = self._group.tolist()
        self.audible = [frozenset(np.flatnonzero(row).tolist()) for row in self._shared]

    def sum(self, voices: NDArray[np.int16], speakers: Sequence[int]) -> Sums:
        """The mixes of one tick.

        Args:
            voices: (k, 480) the frames of the speakers that are not silent.
            speakers: which speakers they are, in ascending order.
        """
        only_listeners = self._shared.shape[1] == self._listeners
        of_listeners = speakers if only_listeners else self._named(speakers)
        count = len(of_listeners)
        if self._is_direct:
            return Sums(self._direct(voices, speakers), self._each, is_own=True)
        if self.is_one_room:
            rows = self._rows[: count + 1]
            # Wide at once: to widen them within each sum takes longer.
            wide = self._wide[:count]
            np.copyto(wide, voices)
            np.add.reduce(wide, axis=0, out=rows[0])
            np.subtract(rows[0], wide, out=rows[1:])
        else:
            rows = self._weighted(voices, speakers, of_listeners)
        if count == self._listeners:
            # No listener hears the whole of a group.
            return Sums(rows[-count:], self._each, is_own=True)
        row_of = self._group.copy()
        row_of[of_listeners] = self._own_rows[:count]
        return Sums(rows, row_of)

    def lone(self, speakers: Sequence[int]) -> list[int] | None:
        """For each listener the only speaker that it hears, unchanged, or -1 for silence.

        None where a listener hears several, or one louder or softer: `sum` is needed then.

        Args:
            speakers: those that are not silent.
        """
        if self._only is not None:
            return [speaker if speaker in speakers else -1 for speaker in self._only]
        if len(speakers) > _FEW:
            return None
        who = tuple(speakers)
        if who not in self._lone:
            heard = self._hears[:, who]
            one = np.all((heard == 0) | (heard == 1)) and heard.sum(axis=1).max() <= 1
            found = np.where(heard.any(axis=1), np.array(who)[heard.argmax(axis=1)], -1)
            self._lone[who] = found.tolist() if one else None
        return self._lone[who]

    def _named(self, speakers: Sequence[int]) -> Sequence[int]:
        return [speaker for speaker in speakers if speaker < self._listeners]

    def _weighted(
        self, voices: NDArray[np.int16], speakers: Sequence[int], of_listeners: Sequence[int]
    ) -> Whole:
        exact = voices.astype(np.float64)
        groups = len(self._shared)
        rows = self._exact[: groups + len(of_listeners)]
        np.matmul(self._shared[:, speakers], exact, out=rows[:groups])
        own = exact[: len(of_listeners)] * self._own[of_listeners, None]
        np.subtract(rows[self._group[of_listeners]], own, out=rows[groups:])
        return self._rounded(rows)

    def _direct(self, voices: NDArray[np.int16], speakers: Sequence[int]) -> Whole:
        # A slice is much cheaper than a list of all.
        who = slice(None) if len(speakers) == self._hears.shape[1] else speakers
        rows = self._exact[: self._listeners]
        np.matmul(self._hears[:, who], voices.astype(np.float64), out=rows)
        return self._rounded(rows)

    def _rounded(self, rows: Gains) -> Whole:
        np.rint(rows, out=rows)
        if self._is_huge:
            np.clip(rows, -_LOUDEST, _LOUDEST, out=rows)
        whole = self._rows[: len(rows)]
        np.copyto(whole, rows, casting="unsafe")
        return whole


def _is_pairs(hears: Gains) -> bool:
    """Whether each listener hears exactly one other, unchanged: calls between two."""
    return bool(np.all((hears == 0) | (hears == 1)) and np.all(hears.sum(axis=1) == 1))


def _grouped(gains: Gains) -> tuple[Gains, NDArray[np.intp]]:
    """The gains that each group shares, and the group of each listener.

    The gain of a listener's own voice in its group is given by the other members of the group.
    """
    shared: list[Gains] = []
    known: list[NDArray[np.bool_]] = []
    group = np.empty(len(gains), np.intp)
    for listener, row in enumerate(gains):
        others = np.arange(len(row)) != listener
        for number, common in enumerate(shared):
            both = others & known[number]
            if np.array_equal(common[both], row[both]):
                np.copyto(common, row, where=others & ~known[number])
                known[number] |= others
                group[listener] = number
                break
        else:
            group[listener] = len(shared)
            shared.append(row * others)
            known.append(others)
    return np.array(shared), group
