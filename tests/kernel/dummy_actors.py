"""Actors whose doings can be looked at, on either host."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.kernel import Actor, Phase, SimulatedKernel, handles
from soundstage.messages import Faulted, Frame, Interrupt, Mute, Ready, Stopped, Tick
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from soundstage.kernel import Kernel, Timer

SOON = samples_of_seconds(3)


class Text(Struct, frozen=True):
    text: str


class Later(Struct, frozen=True):
    text: str
    delay: int


class Keeper(Actor):
    """Keeps what it is told."""

    def __init__(self, kept: list[object]) -> None:
        super().__init__()
        self.kept = kept
        self.timers: list[Timer] = []

    @handles(Text)
    @handles(Frame)
    @handles(Interrupt)
    @handles(Mute)
    @handles(Ready)
    @handles(Stopped)
    @handles(Faulted)
    def keep(self, message: object) -> None:
        self.kept.append(message)
        if isinstance(message, Text) and message.text == "raise":
            raise ValueError("as asked")

    @handles(Later)
    def keep_later(self, later: Later) -> None:
        self.timers.append(self.after(later.delay, Text(later.text)))
        if later.text == "never":
            self.timers[-1].cancel()


class Pacer(Actor):
    """Notes each tick with its own name."""

    def __init__(self, log: list[tuple[str, int]], phase: Phase) -> None:
        super().__init__()
        self.log = log
        self.phase = phase

    def started(self) -> None:
        self.pace(self.phase)

    @handles(Tick)
    def note(self, tick: Tick) -> None:
        self.log.append((self.name, tick.pts))


def settled(kernel: Kernel, kept: list[object], count: int) -> list[object]:
    """Wait until so much has been kept: by turns, or by looking every 10 ms."""
    if isinstance(kernel, SimulatedKernel):
        assert kernel.wait(lambda: len(kept) >= count, SOON)
    for _ in range(300):
        if len(kept) >= count:
            break
        threading.Event().wait(0.01)
    assert len(kept) >= count
    return kept
