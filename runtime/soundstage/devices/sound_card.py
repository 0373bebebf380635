"""What the runtime asks of a sound card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

Choice: TypeAlias = bool | int | str
"""Which device: True for the default, an index, or a part of the name; False for none."""


class DeviceInfo(Struct, frozen=True):
    """A device that can be used.

    Attributes:
        index: what it is chosen by.
        name: what it is called, and chosen by in part.
        host: the system's sound interface that it belongs to.
        inputs: channels that it records.
        outputs: channels that it plays.
        rate: samples a second that it prefers.
        is_default_input: whether it is the microphone where none is chosen.
        is_default_output: whether it is the speaker where none is chosen.
    """

    index: int
    name: str
    host: str
    inputs: int
    outputs: int
    rate: int
    is_default_input: bool = False
    is_default_output: bool = False


class OpenStream(Protocol):
    """A device at work: its callback is called from a thread of its own until it is closed."""

    @property
    def name(self) -> str:
        """The device's name."""
        ...

    @property
    def rate(self) -> int:
        """Samples a second; mono signed 16-bit either way."""
        ...

    @property
    def latency(self) -> float:
        """Seconds between the callback and the air."""
        ...

    def close(self) -> None:
        """Stop, and release the device; harmless when it has gone."""
        ...


class Card(Protocol):
    """The sound devices of a machine."""

    def devices(self) -> tuple[DeviceInfo, ...]:
        """All of them, as they are now.

        Raises:
            DeviceMissing: there is no sound system at all.
        """
        ...

    def record(self, choice: Choice, take: Callable[[memoryview], None]) -> OpenStream:
        """Begin to record; `take` gets each block, valid only during the call.

        Raises:
            DeviceMissing: there is no such device, or it cannot be used.
        """
        ...

    def play(self, choice: Choice, fill: Callable[[memoryview], None]) -> OpenStream:
        """Begin to play; `fill` writes each block in full.

        Raises:
            DeviceMissing: there is no such device, or it cannot be used.
        """
        ...
