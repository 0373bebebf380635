"""The work that is under way for a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint._workshop import Craft, Workshop
    from soundstage.kernel import Timer
    from soundstage.units import Samples

T = TypeVar("T")
V = TypeVar("V")


class Errands:
    """Has work done in a workshop, one piece at a time for each job, until it is given up.

    Args:
        workshop: where it is done.
        settled: called after the result of a piece of work was taken.
    """

    def __init__(self, workshop: Workshop, settled: Callable[[], None]) -> None:
        self._workshop = workshop
        self._settled = settled
        self._under_way: dict[str, Timer] = {}

    @property
    def instant(self) -> bool:
        """Whether work takes no time."""
        return self._workshop.is_instant

    def submit(
        self,
        job: str,
        craft: Craft,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        given_up: Callable[[], None] | None = None,
    ) -> None:
        """Have something done.

        Args:
            job: what it is for.
            craft: which kind of work it is.
            work: what is to be done, elsewhere.
            done: gets what the work returned.
            failed: gets what it raised.
            given_up: called where the job is given up before that.
        """

        def settle(then: Callable[[V], None], value: V) -> None:
            self._under_way.pop(job, None)
            then(value)
            self._settled()

        self._under_way[job] = _NOT_YET
        timer = self._workshop.submit(
            craft, work, lambda value: settle(done, value), lambda error: settle(failed, error)
        )
        # An immediate workshop has settled it by now, and perhaps what followed from it.
        if job in self._under_way:
            self._under_way[job] = timer if given_up is None else _Both(timer, given_up)

    def after(self, job: str, delay: Samples, do: Callable[[], None]) -> None:
        """Do something for a job when a delay has passed; at once where there is none."""
        if delay > 0:
            self._under_way[job] = self._workshop.after(delay, do)
        else:
            do()

    def give_up(self, job: str) -> None:
        """A job is not wanted any more."""
        timer = self._under_way.pop(job, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Nothing is wanted any more."""
        for job in list(self._under_way):
            self.give_up(job)


class _NotYet:
    def cancel(self) -> None:
        pass


class _Both:
    def __init__(self, timer: Timer, then: Callable[[], None]) -> None:
        self._timer = timer
        self._then = then

    def cancel(self) -> None:
        self._timer.cancel()
        self._then()


_NOT_YET: Final = _NotYet()
