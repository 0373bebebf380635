"""A sound card that a test turns by hand: what is played can be recorded again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.devices import DeviceInfo
from soundstage.errors import DeviceMissing
from soundstage.units import SAMPLE_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.devices import Choice


class DummyStream:
    name = "Dummy 9000"
    latency = 0.0

    def __init__(self, card: DummyCard, rate: int) -> None:
        self.card = card
        self.rate = rate
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.card.open.discard(self)


class DummyCard:
    """One microphone and one speaker, joined by a wire.

    Args:
        rate: of both.
        hangs: how many of the first streams never call.
        missing: whether there is no device at all.
    """

    def __init__(self, rate: int = SAMPLE_RATE, hangs: int = 0, *, missing: bool = False) -> None:
        self.rate = rate
        self.hangs = hangs
        self.missing = missing
        self.air = b""
        self.said = b""
        self.open: set[DummyStream] = set()
        self.opened = 0
        self._take: Callable[[memoryview], None] | None = None
        self._fill: Callable[[memoryview], None] | None = None

    def devices(self) -> tuple[DeviceInfo, ...]:
        return () if self.missing else (DeviceInfo(0, "Dummy 9000", "test", 1, 1, self.rate),)

    def record(self, choice: Choice, take: Callable[[memoryview], None]) -> DummyStream:
        stream = self._stream(choice)
        self._take = None if self._hangs() else take
        return stream

    def play(self, choice: Choice, fill: Callable[[memoryview], None]) -> DummyStream:
        stream = self._stream(choice)
        self._fill = None if self._hangs() else fill
        return stream

    def unplug(self) -> None:
        """Nobody is called any more, and nothing can be opened."""
        self.missing, self._take, self._fill = True, None, None

    def plug_in(self) -> None:
        self.missing = False

    def turn(self, samples: int) -> None:
        """The card has played, and recorded, so many samples."""
        block = bytearray(samples * SAMPLE_BYTES)
        if self._fill is not None:
            self._fill(memoryview(block))
        self.air += block
        spoken, self.said = self.said[: len(block)], self.said[len(block) :]
        recorded = spoken + bytes(len(block) - len(spoken)) if spoken else bytes(block)
        if self._take is not None:
            self._take(memoryview(recorded))

    def _stream(self, choice: Choice) -> DummyStream:
        if self.missing or (isinstance(choice, str) and choice not in "Dummy 9000"):
            raise DeviceMissing(f"no device {choice!r} here")
        self.opened += 1
        stream = DummyStream(self, self.rate)
        self.open.add(stream)
        return stream

    def _hangs(self) -> bool:
        self.hangs -= 1
        return self.hangs >= 0
