"""Where the actors of a run are reached: all of it reserved before the first of them is spawned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.kernel import Address, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.kernel import Kernel
    from soundstage.scenario import Scenario

NEEDED = Policy(on_fault="end")
"""A run cannot do without the actors of its own: where one fails, the kernel breaks the run off."""


class Addresses(Struct, frozen=True, kw_only=True):
    """The actors of a run.

    The run's own have a dot in their names, as no agent may have.

    Attributes:
        hub: takes every event, and passes it on.
        director: says who takes part, and when the run ends.
        mixer: mixes what is sent.
        recorder: writes down what is said, heard and happens.
        transcriber: finds the turns that no agent tells of, and their words.
        observers: passes on what those who follow the run from outside are shown.
        agents: by name, in the order of their declaration.
        floors: room to the controller of its floor.
        cues: gives the cues; None where there are none.
    """

    hub: Address
    director: Address
    mixer: Address
    recorder: Address
    transcriber: Address
    observers: Address
    agents: Mapping[str, Address]
    floors: Mapping[str, Address] = {}
    cues: Address | None = None

    @classmethod
    def reserve(cls, kernel: Kernel, scenario: Scenario) -> Addresses:
        """Reserve an address for each actor that the scenario asks for."""
        return cls(
            hub=kernel.address("run.events"),
            director=kernel.address("run.director"),
            mixer=kernel.address("run.mixer"),
            recorder=kernel.address("run.recorder"),
            transcriber=kernel.address("run.transcriber"),
            observers=kernel.address("run.observers"),
            agents={name: kernel.address(name) for name in scenario.agents},
            floors={room: kernel.address(f"run.floor.{room}") for room in scenario.floors},
            cues=kernel.address("run.cues") if scenario.cues else None,
        )

    @property
    def subscribers(self) -> tuple[Address, ...]:
        """Those that act on what happens: the floors, then the cues."""
        return (*self.floors.values(), *((self.cues,) if self.cues is not None else ()))
