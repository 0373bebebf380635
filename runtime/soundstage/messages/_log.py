"""How events reach the log."""

from __future__ import annotations

from msgspec import Struct

from soundstage.messages.events import Event
from soundstage.units import Samples


class Entry(Struct, frozen=True):
    """One event on its way to the log."""

    event: Event


class Mixed(Struct, frozen=True, gc=False):
    """Everything that was said and heard in one tick, for the recorder.

    Attributes:
        pts: of the tick.
        said: agent to the frame it sent; an agent that sent none is missing.
        heard: listener to the mix it was given.
    """

    pts: Samples
    said: dict[str, bytes]
    heard: dict[str, bytes]
