"""All that a scenario expects of a run, with what its judge must know of the agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from soundstage.expectations.declared.expectation_tables import Expectation


class Expected(Struct, frozen=True):
    """One `[[expect]]`.

    Attributes:
        id: its id.
        instances: itself, or one for each agent of its `each`.
        table: as it is written, for the run's folder.
    """

    id: str
    instances: tuple[Expectation, ...]
    table: dict[str, Any]


class Cast(Struct, frozen=True, kw_only=True):
    """What is known of the agents of a scenario before they run.

    Attributes:
        under_test: the agents whose failures fail a run.
        speakers: those that can speak at all.
        answerers: those that answer by themselves when they are spoken to.
        openers: those that speak before any other.
        floored: those that wait for the floor of their room.
    """

    under_test: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    answerers: frozenset[str] = frozenset()
    openers: frozenset[str] = frozenset()
    floored: frozenset[str] = frozenset()


class Demands(Struct, frozen=True, kw_only=True):
    """All that a scenario expects.

    Attributes:
        expected: its expectations, in the order of the file.
        cast: what is known of its agents.
        expects_answers: whether an agent that does not answer fails the run.
    """

    expected: tuple[Expected, ...] = ()
    cast: Cast = Cast()
    expects_answers: bool = True

    def named(self, name: str) -> Expected | None:
        """The expectation of an id."""
        return next((each for each in self.expected if each.id == name), None)
