"""What every effect is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from soundstage.config.values import SettingsOf, Table

if TYPE_CHECKING:
    import random

    from soundstage.config.values import Channel
    from soundstage.units import Samples

Sound: TypeAlias = NDArray[np.float32]
"""One frame, (480,) samples at 24 kHz, where 1.0 is full scale; nothing clips within a chain."""


class EffectSettings(Table):
    """The keys that every effect's table has; an effect adds its own by subclassing.

    Attributes:
        kind: which effect it is, by name or as an object: `"./file.py:Name"`.
    """

    kind: str


class OpenSound(Protocol):
    """Reads a sound file."""

    def __call__(self, name: str, channel: Channel | None = None) -> Sound:
        """All of the file, as mono samples at 24 kHz where 1.0 is full scale.

        Args:
            name: the file, relative to the one that declares the effect.
            channel: the only one that is read; None for the mean of all.

        Raises:
            UsageError: it cannot be read.
        """
        ...


class EffectGiven(Struct, frozen=True):
    """What an effect may use beside its settings.

    Attributes:
        stream: a random stream of its own, the same in every run with the same seed.
        open_sound: reads a sound file, or one channel of it.
    """

    stream: random.Random
    open_sound: OpenSound

    def noise_stream(self) -> np.random.Generator:
        """A fast random stream for whole frames at a time, drawn from `stream`."""
        return np.random.Generator(np.random.PCG64(self.stream.getrandbits(64)))


class Effect:
    """Changes one line's sound, a frame at a time.

    A line has an instance of its own, made when the run begins. A subclass adds the keys that it
    needs to `Settings` and implements `apply`; it is named in a scenario by `kind`.

    Args:
        settings: its table, an instance of its class's `Settings`.
        given: everything else.

    Raises:
        UsageError: its table asks for something that cannot be had.
    """

    Settings: TypeAlias = EffectSettings
    settings: SettingsOf = SettingsOf()

    def __init__(self, settings: Any, given: EffectGiven) -> None:
        self.settings = settings
        self.given = given

    hears_back: ClassVar[bool] = False
    """Whether it is told what the agent at the line's beginning hears: it is for lines on which an
    agent sends."""

    def hear_back(self, sound: Sound) -> None:
        """The frame that the agent hears in the tick that has just been mixed, where it hears any.

        It is told after `apply` of the same tick. A tick in which the agent hears silence may be
        left out.
        """

    def apply(self, sound: Sound) -> Sound:
        """The frame that comes out for the one that goes in; must not change the latter."""
        raise NotImplementedError

    @property
    def tail(self) -> Samples:
        """How long sound may still come out after the last that went in."""
        return 0

    @property
    def lag(self) -> Samples:
        """How much later sound comes out than it went in."""
        return 0

    @property
    def is_source(self) -> bool:
        """Whether it makes sound of its own, out of silence."""
        return False
