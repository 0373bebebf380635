"""Who speaks next in a room: the policies that there are, and the base for one's own."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.floor.addressing import named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FloorSetup(Struct, frozen=True, kw_only=True):
    """What a policy is told at the beginning.

    Attributes:
        members: the room's members, in the order of declaration.
        openers: those of them that have an opening prompt.
        moderator: who passes the floor, where the room has such a one.
        random: a stream of the room's own, from the run's seed.
    """

    members: tuple[str, ...]
    openers: tuple[str, ...] = ()
    moderator: str = ""
    random: random.Random = random.Random(0)  # noqa: S311 - not for secrets


class FloorTurn(Struct, frozen=True, kw_only=True):
    """The turn that has just ended; the room's opening where `speaker` is empty.

    Attributes:
        speaker: who had the floor.
        said: its words, as far as they were heard; empty where it said nothing.
        to: the member that it gives the floor to, by `give_floor`; empty where it names none.
        members: who takes part now, in the order of declaration.
        turns: member to how often it has had the floor.
    """

    speaker: str
    said: str
    to: str
    members: tuple[str, ...]
    turns: Mapping[str, int]


class FloorPolicy:
    """Decides who speaks next; one's own is a subclass with `choose`.

    Attributes:
        setup: what it was told at the beginning.
    """

    def __init__(self, setup: FloorSetup) -> None:
        self.setup = setup

    def choose(self, turn: FloorTurn) -> str | None:
        """The member that speaks next.

        None, a name that is no member's, and the member that has just spoken leave the choice to
        the fallback. Whatever this raises, and any other value, makes the run invalid: the turns
        that follow are not those that the policy is for.
        """
        raise NotImplementedError

    def first(self, turn: FloorTurn) -> str:
        """Who opens: the first with an opening prompt, else the first declared."""
        here = [name for name in self.setup.openers if name in turn.members]
        return (here or list(turn.members))[0]


class RoundRobin(FloorPolicy):
    """One after the other, in the order of declaration."""

    def choose(self, turn: FloorTurn) -> str | None:
        """The next one."""
        if not turn.speaker:
            return self.first(turn)
        return turn.to or following(turn.speaker, self.setup.members, turn.members)


class Addressed(FloorPolicy):
    """The member whose name was said."""

    def choose(self, turn: FloorTurn) -> str | None:
        """The one who was named."""
        if not turn.speaker:
            return self.first(turn)
        return turn.to or named(turn.said, [name for name in turn.members if name != turn.speaker])


class Moderator(FloorPolicy):
    """The moderator passes the floor, and gets it back after every turn."""

    def choose(self, turn: FloorTurn) -> str | None:
        """The member that the moderator has named, or the moderator."""
        if turn.speaker != self.setup.moderator:
            return self.setup.moderator
        return turn.to or named(turn.said, [name for name in turn.members if name != turn.speaker])


def following(name: str, order: Sequence[str], present: Sequence[str]) -> str | None:
    """The next present member after `name` in the circle; None where there is no other."""
    start = order.index(name) + 1 if name in order else 0
    circle = [*order[start:], *order[:start]]
    return next((each for each in circle if each in present and each != name), None)
