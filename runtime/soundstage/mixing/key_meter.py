"""Which keys of telephones each member hears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.audio import DtmfDetector
from soundstage.messages.events import Dtmf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soundstage.mixing.mix_bus import Mixes
    from soundstage.units import Samples


class KeyMeter:
    """A detector for what each member hears.

    Args:
        members: in the order of their mixes.
    """

    def __init__(self, members: Sequence[str]) -> None:
        self._members = tuple(members)
        self._detectors = [DtmfDetector() for _ in members]
        self._speakers = [""] * len(self._members)

    def push(self, pts: Samples, mixes: Mixes) -> Iterator[Dtmf]:
        """Look at one tick; yields the keys that are known with it."""
        for place, (name, detector) in enumerate(zip(self._members, self._detectors, strict=True)):
            if mixes.speakers[place]:
                # Kept: the tone may be over when the key is known.
                self._speakers[place] = mixes.speakers[place][0]
            for press in detector.push(pts, mixes.heard[place]):
                yield Dtmf(pts=press.pts, agent=self._speakers[place], key=press.key, by=name)
