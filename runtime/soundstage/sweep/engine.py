"""What runs the units of a batch: the one interface of all engines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol

from soundstage.messages import Cause, Owner, outcome_of
from soundstage.sweep.run_row import row_without_run

if TYPE_CHECKING:
    from soundstage.ledger import Row, Unit

LOOKS_EVERY: Final = 0.1
"""Seconds within which a request to stop is noticed."""

ATTEMPTS: Final = 3
"""How often a unit is run whose worker dies; after that, it is the unit that kills workers."""


class Engine(Protocol):
    """Runs units, and hands over the row of each run as it ends.

    It is made with what it runs, with `done`, which gets each row, and with `asked`, which says why
    everything is to be broken off. A unit whose worker or node is lost is run again.
    """

    def run(self, units: Iterable[Unit]) -> None:
        """Run all units, or as many as there is time for before it is asked to stop."""
        ...


def died(unit: Unit, cause: str) -> Row:
    """The row of a unit that no worker could finish."""
    message = f"the worker that ran it {cause}"
    failure = Cause(owner=Owner.INFRASTRUCTURE, reason="worker", message=message)
    return row_without_run(unit, outcome_of(failure))
