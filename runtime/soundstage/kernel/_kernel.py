"""What every kernel can do, whichever clock it runs on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING

from soundstage.errors import KernelError, StartFailed
from soundstage.kernel._cell import Address, Cell, State, dump_tracebacks
from soundstage.kernel._policy import Limits, Phase, Policy, StopReport, Timer
from soundstage.messages import Kill, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from soundstage.kernel._actor import Actor
    from soundstage.kernel._portal import Portal
    from soundstage.units import Samples


class Kernel(ABC):
    """Starts actors, paces them, looks after them, and stops them in the direction of the data."""

    def __init__(self) -> None:
        self._cells: dict[Address, Cell] = {}
        self._paced: list[tuple[Phase, int, Cell]] = []
        self._broken: BaseException | None = None

    @property
    @abstractmethod
    def now(self) -> Samples:
        """Samples since the kernel began."""

    @property
    @abstractmethod
    def portal(self) -> Portal:
        """The one asyncio thread.

        Raises:
            KernelError: on the virtual clock.
        """

    @abstractmethod
    def post(self, cell: Cell, message: object) -> None:
        """Queue a message for a cell; from any thread."""

    @abstractmethod
    def later(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Do something when the delay has passed."""

    def between_turns(self, cell: Cell, job: Callable[[], object]) -> Timer:
        """Do something before virtual time advances; its value is told to the cell.

        Raises:
            KernelError: on the wall clock, which does not stand still.
        """
        del cell, job
        raise KernelError("the wall clock does not stand still between turns")

    @abstractmethod
    def run(self, between: Callable[[], None] | None = None) -> None:
        """Let the actors work until `finish`.

        Args:
            between: called between turns at least every 50 ms of wall time.

        Raises:
            KernelError: nothing can happen any more, or the machinery itself has failed.
        """

    @abstractmethod
    def finish(self) -> None:
        """Make `run` return; from any thread or turn."""

    @abstractmethod
    def changed(self) -> None:
        """An actor has become ready, or has ended."""

    @abstractmethod
    def wait(self, until: Callable[[], bool], within: Samples) -> bool:
        """Let the actors work until something holds, or the time is up; whether it holds."""

    @abstractmethod
    def close(self) -> None:
        """Release every thread."""

    def spawn(
        self,
        make: Callable[[], Actor],
        *,
        name: str,
        limits: Limits | None = None,
        policy: Policy | None = None,
        watcher: Address | None = None,
    ) -> Address:
        """Start an actor, without waiting for it.

        Args:
            make: makes an incarnation of it.
            name: what it is called, once in a kernel.
            limits: what may wait in its mailbox.
            policy: what is done when it fails.
            watcher: is told `Ready`, `Faulted` and `Stopped` of it.

        Raises:
            KernelError: the name is taken.
        """
        if any(address.name == name for address in self._cells):
            raise KernelError(f"there is an actor called {name!r} already")
        cell = Cell(
            self,
            make,
            name=name,
            limits=limits or Limits(),
            policy=policy or Policy(),
            watcher=watcher,
        )
        self._cells[cell.address] = cell
        self._host(cell)
        cell.begin()
        return cell.address

    def wait_ready(self, addresses: Sequence[Address], within: Samples) -> None:
        """Wait until all of these are ready.

        Raises:
            StartFailed: one has failed for good, or was silent for too long.
        """
        cells = [self._cells[address] for address in addresses]

        def settled() -> bool:
            return all(cell.is_ready or cell.state is State.ENDED for cell in cells)

        self.wait(settled, within)
        failed = [cell for cell in cells if not cell.is_ready]
        if failed:
            reasons = [
                f"{cell.address.name}: {cell.error or 'not ready in time'}" for cell in failed
            ]
            raise StartFailed("; ".join(reasons)) from failed[0].error

    def stop(self, groups: Sequence[Sequence[Address]], within: Samples) -> StopReport:
        """Stop groups of actors one after the other, sources first.

        Args:
            groups: addresses; a group is asked to stop when the one before has ended.
            within: how long each group may take before it is killed, and again after that.
        """
        killed: list[str] = []
        leftovers: list[str] = []
        for group in groups:
            cells = [self._cells[address] for address in group]
            for cell in cells:
                cell.put(Stop())
            late = self._wait_ended(cells, within)
            for cell in late:
                cell.put(Kill())
            killed += [cell.address.name for cell in late]
            leftovers += [cell.address.name for cell in self._wait_ended(late, within)]
        if leftovers:
            dump_tracebacks()
        return StopReport(tuple(killed), tuple(leftovers))

    def drops(self, address: Address) -> Mapping[str, int]:
        """What never reached an actor, by `Type` or `Type:source`, `lost` and `stale` included."""
        return Counter(self._cells[address].drops)

    def after(self, cell: Cell, delay: Samples, message: object) -> Timer:
        """Tell the present incarnation of a cell a message when the delay has passed."""
        letter = cell.bound(message)
        return self.later(delay, lambda: cell.put(letter))

    def pace(self, cell: Cell, phase: Phase) -> None:
        """Tell a cell every tick from now on, in its phase."""
        order = list(self._cells.values()).index(cell)
        entry = (phase, order, cell)
        kept = [paced for paced in self._paced if paced[2] is not cell]
        self._paced = sorted([*kept, entry], key=lambda paced: paced[:2])

    def unpace(self, cell: Cell) -> None:
        """Tell a cell no more ticks."""
        self._paced = [paced for paced in self._paced if paced[2] is not cell]

    def break_off(self, error: BaseException) -> None:
        """The machinery itself has failed: end the run with this error."""
        self._broken = self._broken or error
        self.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def _host(self, cell: Cell) -> None:
        """Make whatever a cell needs to have its turns."""

    def _wait_ended(self, cells: Sequence[Cell], within: Samples) -> list[Cell]:
        def ended() -> bool:
            return all(cell.state is State.ENDED for cell in cells)

        self.wait(ended, within)
        return [cell for cell in cells if cell.state is not State.ENDED]

    def _raise_broken(self) -> None:
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise KernelError(f"the run was broken off by {broken!r}") from broken
