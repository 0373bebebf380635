"""The mixer: every listener gets one mix of those it hears, once a tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.audio import peak
from soundstage.kernel import Actor, Address, Phase, handles
from soundstage.messages import (
    Entry,
    Frame,
    Interrupt,
    Join,
    Leave,
    Levels,
    Mixed,
    Mute,
    SpeechStarted,
    SpeechStopped,
    Tick,
)
from soundstage.room._board import Board
from soundstage.room._voices import Voices
from soundstage.units import FRAME_SAMPLES, SILENCE, Samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEVELS_EVERY = 5
"""Ticks between two `Levels` messages: ten pictures a second are smooth to the eye."""


class Ports(Struct, frozen=True):
    """Agent to the address that takes its mix."""

    ports: dict[str, Address]


class Mixer(Actor):
    """Sends each listener the sum of the speakers it hears, and everything to the recorder.

    A tick is mixed as soon as every member's frame for it is there, and at the latest one tick
    later; frames that are missing by then are silence and are counted.

    Args:
        hears: listener to the speakers it hears.
        recorder: gets a `Mixed` a tick.
        journal: gets the voice events.
        display: gets `Levels`, if there is one.
    """

    def __init__(
        self,
        *,
        hears: Mapping[str, Sequence[str]],
        recorder: Address,
        journal: Address,
        display: Address | None = None,
    ) -> None:
        super().__init__()
        self._board = Board(hears)
        self._voices = Voices(hears)
        self._ports: Mapping[str, Address] = {}
        self._recorder = recorder
        self._journal = journal
        self._display = display
        self._peaks: dict[str, int] = {}
        self._muted: dict[str, Samples | None] = {}

    def started(self) -> None:
        self.pace(Phase.MIXER)

    @handles(Ports)
    def connect(self, ports: Ports) -> None:
        """From now on the mixes are sent; until then there is nobody to hear them."""
        self._ports = ports.ports

    @handles(Frame)
    def take(self, frame: Frame) -> None:
        """Keep the frame for its tick; mix when it was the last one missing."""
        self._board.put(frame)
        while (pts := self._board.complete()) is not None:
            self._mix(pts)

    @handles(Tick)
    def give_up_waiting(self, tick: Tick) -> None:
        """Mix what is older than a tick, with whatever has come."""
        while (pts := self._board.overdue(tick.pts - FRAME_SAMPLES)) is not None:
            self._mix(pts)
        if tick.pts % (LEVELS_EVERY * FRAME_SAMPLES) == 0 and self._display is not None:
            self._display.tell(Levels(tick.pts, self._peaks))
            self._peaks = {}

    @handles(Interrupt)
    def discard(self, interrupt: Interrupt) -> None:
        """Frames of the source's older epochs are not heard any more."""
        self._board.raise_epoch(interrupt.source, interrupt.epoch)

    @handles(Mute)
    def mute(self, mute: Mute) -> None:
        """Nobody hears the agent until the time given."""
        self._muted[mute.agent] = mute.until

    @handles(Join)
    def join(self, join: Join) -> None:
        """Wait for the agent's frames from now on."""
        self._board.join(join.agent)

    @handles(Leave)
    def leave(self, leave: Leave) -> None:
        """Wait for the agent's frames no longer."""
        self._board.leave(leave.agent)
        while (pts := self._board.complete()) is not None:
            self._mix(pts)

    def stopping(self) -> None:
        """Mix what has come, close the open voices, and end."""
        while (pts := self._board.overdue(self.now)) is not None:
            self._mix(pts)
        for event in self._voices.flush(self._board.next_pts):
            self._journal.tell(Entry(event))
        self.finish()

    def _mix(self, pts: Samples) -> None:
        said = self._board.pop(pts)
        loud: list[tuple[int, str]] = []
        for name, pcm in said.items():
            if self._is_muted(name, pts):
                said[name] = SILENCE
            elif pcm is not SILENCE and (level := peak(pcm)):
                loud.append((level, name))
                self._peaks[name] = max(level, self._peaks.get(name, 0))
        speakers = tuple(name for _, name in sorted(loud, reverse=True))
        heard = self._board.mixes(said, speakers)
        for listener, (pcm, audible) in heard.items():
            if listener in self._ports:
                self._ports[listener].tell(Frame(listener, pts, pcm, 0, audible))
        mixes = {listener: pcm for listener, (pcm, _) in heard.items()}
        self._recorder.tell(Mixed(pts, said, mixes))
        self._tell_voices(pts, said, mixes)

    def _tell_voices(
        self, pts: Samples, said: Mapping[str, bytes], heard: Mapping[str, bytes]
    ) -> None:
        for event in self._voices.push(pts, said, heard):
            self._journal.tell(Entry(event))
            if event.track != "said":
                continue
            made = SpeechStarted if self._voices.is_on(event.agent) else SpeechStopped
            for listener in self._board.listeners_of(event.agent):
                if listener in self._ports:
                    self._ports[listener].tell(made(event.agent, event.pts))

    def _is_muted(self, name: str, pts: Samples) -> bool:
        if name not in self._muted:
            return False
        until = self._muted[name]
        if until is None or pts < until:
            return True
        del self._muted[name]
        return False
