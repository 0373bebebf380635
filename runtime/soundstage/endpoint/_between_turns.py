"""A workshop on the virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from soundstage.errors import RunInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint._workshop import Craft
    from soundstage.kernel import Timer
    from soundstage.units import Samples

T = TypeVar("T")


class BetweenTurns:
    """A workshop on the virtual clock: work is done between two turns, and takes no time.

    Args:
        later: does something when a virtual delay has passed.
        lose: told of an engine that cannot be had at all, which no response can mend.
    """

    is_instant = True

    def __init__(
        self,
        later: Callable[[Samples, Callable[[], None]], Timer],
        lose: Callable[[Exception], None],
    ) -> None:
        self._later = later
        self._lose = lose

    def submit(
        self,
        craft: Craft,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Timer:
        """Do it before time advances, in the order of submission."""
        del craft

        def do() -> None:
            try:
                value = work()
            except RunInvalid as error:
                self._lose(error)
            except Exception as error:  # noqa: BLE001 - the session answers with an error event
                failed(error)
            else:
                done(value)

        return self._later(0, do)

    def after(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Call something when so much virtual time has passed."""
        return self._later(delay, do)
