"""The monitor: plays a run on a speaker while it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from msgspec import Struct

from soundstage.audio import Limiter, as_array
from soundstage.devices.microphone_and_speaker import Speaker
from soundstage.kernel import Actor, JobKind, Limits, handles
from soundstage.messages import Entry, Mixed
from soundstage.messages.events import Warned
from soundstage.units import SILENCE

if TYPE_CHECKING:
    from soundstage.devices.sound_card import Card, Choice
    from soundstage.kernel import Address

MONITOR_LIMITS = Limits(bounded={Mixed: 10})
"""Sound that is too old to be played is not played."""


class _Opened(Struct, frozen=True):
    speaker: Speaker


class _Failed(Struct, frozen=True):
    error: Exception


class Monitor(Actor):
    """Plays everything that is said; a card that fails is warned of, and the run goes on.

    Args:
        card: the card that has the speaker.
        choice: which speaker.
        journal: where the warning goes.
    """

    auto_ready: ClassVar[bool] = True

    def __init__(self, card: Card, choice: Choice, journal: Address) -> None:
        super().__init__()
        self._card = card
        self._choice = choice
        self._journal = journal
        self._speaker: Speaker | None = None
        self._limiter = Limiter(1)

    def started(self) -> None:
        """Open the device, which may take a while."""
        self.submit(
            JobKind.IO,
            lambda: Speaker(self._card, self._choice),
            result=_Opened,
            error=_Failed,
        )

    @handles(_Opened)
    def begin(self, opened: _Opened) -> None:
        """The device is open."""
        self._speaker = opened.speaker

    @handles(_Failed)
    def do_without(self, failed: _Failed) -> None:
        """There is no device: the run goes on unheard."""
        warned = Warned(pts=self.now, code="device", message=str(failed.error))
        self._journal.tell(Entry(warned))

    @handles(Mixed)
    def play(self, mixed: Mixed) -> None:
        """Play one tick."""
        if self._speaker is not None:
            self._speaker.play(self._sum(list(mixed.said.values())))

    def closed(self) -> None:
        """Release the device."""
        if self._speaker is not None:
            self._speaker.close()

    def _sum(self, frames: list[bytes]) -> bytes:
        sounding = [as_array(frame) for frame in frames if frame is not SILENCE]
        if not sounding:
            return SILENCE
        total = np.add.reduce(np.stack(sounding), axis=0, dtype=np.int32, keepdims=True)
        return self._limiter.limit(total, np.abs(total).max(axis=1)).tobytes()
