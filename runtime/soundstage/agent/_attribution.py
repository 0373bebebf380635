"""Who was speaking in a stretch of what was heard."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from soundstage.units import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from soundstage.units import Samples

REMEMBERED = 120 * FRAMES_PER_SECOND
"""Frames looked back: two minutes, longer than any turn that is recognised in one piece."""


class Attribution:
    """Remembers the loudest speaker of each frame that was audible."""

    def __init__(self) -> None:
        self._loudest: deque[tuple[Samples, str]] = deque(maxlen=REMEMBERED)

    def note(self, pts: Samples, speakers: tuple[str, ...]) -> None:
        """Keep who was loudest in the frame at `pts`."""
        if speakers:
            self._loudest.append((pts, speakers[0]))

    def who(self, start: Samples, end: Samples) -> str:
        """The one who was loudest in most frames of the stretch; empty where nobody was."""
        names: list[str] = []
        for pts, name in reversed(self._loudest):
            if pts < start:
                break
            if pts < end:
                names.append(name)
        count = Counter(reversed(names))
        return count.most_common(1)[0][0] if count else ""
