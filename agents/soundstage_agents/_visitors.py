"""The visitors of a page, as sound: what they say, and what each of them hears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.audio import mix, peak
from soundstage.units import SILENCE

if TYPE_CHECKING:
    from soundstage.web import Voice


class Lost(Struct, frozen=True):
    """What was lost or made up between the visitors and their agent, in frames."""

    dropped: int = 0
    concealed: int = 0
    late: int = 0


class Visitors:
    """Those who are connected now, by seat."""

    def __init__(self) -> None:
        self._voices: dict[int, Voice] = {}
        self._known: set[int] = set()
        self._said: dict[int, bytes] = {}
        self._peaks: dict[int, int] = {}
        self._lost = Lost()

    @property
    def lost(self) -> Lost:
        """Of all visitors since the beginning, those who have gone included."""
        total = self._lost
        for voice in self._voices.values():
            total = _with(total, voice)
        return total

    def seat(self, seat: int, voice: Voice) -> bool:
        """A visitor is connected; False where it is the same one again."""
        self.unseat(seat)
        self._voices[seat] = voice
        is_new = seat not in self._known
        self._known.add(seat)
        return is_new

    def unseat(self, seat: int) -> None:
        """A visitor is not connected any more."""
        voice = self._voices.pop(seat, None)
        if voice is not None:
            self._lost = _with(self._lost, voice)
        self._said.pop(seat, None)

    def forget(self, seat: int) -> None:
        """Whoever takes the seat now is somebody new."""
        self.unseat(seat)
        self._known.discard(seat)

    def listen(self) -> list[bytes]:
        """The frame of this tick of everybody."""
        for seat, voice in self._voices.items():
            pcm = voice.take()
            self._said[seat] = pcm
            if pcm is not SILENCE:
                self._peaks[seat] = max(peak(pcm), self._peaks.get(seat, 0))
        return list(self._said.values())

    def play(self, pcm: bytes) -> None:
        """Let everybody hear this and, of this tick, everybody else."""
        for seat, voice in self._voices.items():
            others = [said for other, said in self._said.items() if other != seat]
            voice.play(mix([pcm, *others]))

    def peaks(self) -> dict[int, int]:
        """How loud each was since the last call, 0 to 32768."""
        peaks, self._peaks = self._peaks, {}
        return peaks


def _with(lost: Lost, voice: Voice) -> Lost:
    return Lost(
        lost.dropped + voice.dropped, lost.concealed + voice.concealed, lost.late + voice.late
    )
