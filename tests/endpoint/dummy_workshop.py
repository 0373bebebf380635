"""A clock that a test moves, and a workshop whose work a test does when it likes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint import Craft


class DummyTimer:
    def __init__(self, due: int, do: Callable[[], None]) -> None:
        self.due = due
        self.do = do
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class DummyTimers:
    """Calls what is due when a test says what time it is."""

    def __init__(self) -> None:
        self.now = 0
        self._timers: list[DummyTimer] = []

    @property
    def waiting(self) -> int:
        return sum(not timer.cancelled for timer in self._timers)

    def after(self, delay: int, do: Callable[[], None]) -> DummyTimer:
        timer = DummyTimer(self.now + delay, do)
        self._timers.append(timer)
        return timer

    def move_to(self, now: int) -> None:
        self.now = now
        due = sorted((each for each in self._timers if each.due <= now), key=lambda t: t.due)
        self._timers = [each for each in self._timers if each.due > now]
        for timer in due:
            if not timer.cancelled:
                timer.do()


class DummyErrand:
    def __init__(
        self,
        craft: Craft,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.craft = craft
        self.cancelled = False
        self._work, self._done, self._failed = work, done, failed

    def cancel(self) -> None:
        self.cancelled = True

    def do(self) -> None:
        try:
            value = self._work()
        except Exception as error:  # noqa: BLE001 - as every workshop does
            self._failed(error)
        else:
            self._done(value)


class DummyWorkshop:
    """Keeps its errands until they are asked for."""

    is_instant = False

    def __init__(self, timers: DummyTimers) -> None:
        self.errands: list[DummyErrand] = []
        self.after = timers.after

    def submit(
        self,
        craft: Craft,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> DummyErrand:
        errand = DummyErrand(craft, work, done, failed)
        self.errands.append(errand)
        return errand

    @property
    def waiting(self) -> list[Craft]:
        """The crafts of what is still to be done."""
        return [errand.craft for errand in self.errands if not errand.cancelled]

    def do_next(self) -> None:
        """Do the oldest errand that is still wanted."""
        while self.errands:
            errand = self.errands.pop(0)
            if not errand.cancelled:
                errand.do()
                return
        raise AssertionError("there is nothing to do")


class DummyWorkshopAtOnce(DummyWorkshop):
    """Does every errand within the call."""

    def submit(
        self,
        craft: Craft,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> DummyErrand:
        errand = DummyErrand(craft, work, done, failed)
        errand.do()
        return errand
