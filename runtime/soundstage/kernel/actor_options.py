"""How an actor is placed, bounded and looked after."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal, Protocol

from msgspec import Struct, field

from soundstage.messages import Frame
from soundstage.units import Samples, samples_of_seconds


class Phase(IntEnum):
    """The order within a tick; ties go by the order of spawning.

    Sound flows in this order, so that on the virtual clock a frame need not wait for a next tick.
    """

    SOURCE = 0
    LINK = 1
    MIXER = 2
    SESSION = 3
    RECORDER = 4


class Policy(Struct, frozen=True):
    """What is done when an actor fails.

    Attributes:
        on_fault: `leave` it dead, `restart` it, or `end` the run. The watcher ends the run; for an
            actor that has no watcher, the kernel breaks it off.
        restarts: how many restarts before it is left dead.
        backoff: the wait before the first restart; each further one waits twice as long.
    """

    on_fault: Literal["leave", "restart", "end"] = "leave"
    restarts: int = 3
    backoff: Samples = samples_of_seconds(0.5)


class Limits(Struct, frozen=True):
    """What may wait in a mailbox.

    Attributes:
        bounded: message type to the most that wait, for each `source` where the type has one;
            the oldest is dropped and counted.
        letters: the most that wait of everything else; more is a fault of the receiver.
    """

    # 200 ms of sound: older frames would only be heard late.
    bounded: Mapping[type, int] = field(default_factory=lambda: {Frame: 10})
    # 200 s of ticks. An actor that is so far behind does not catch up any more.
    letters: int = 10_000


class StopReport(Struct, frozen=True):
    """How a group of actors stopped.

    Attributes:
        killed: those that had to be killed after the deadline.
        leftovers: those that did not end even then.
    """

    killed: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()


class Timer(Protocol):
    """Something that will happen, unless it is cancelled."""

    def cancel(self) -> None:
        """It will not happen; harmless when it has."""
        ...
