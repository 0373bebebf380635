"""What every kernel can do, whichever clock it runs on."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING

from soundstage.errors import KernelError, RunBrokenOff, StartFailed, StuckTurn
from soundstage.kernel.actor_cell import Address, Cell, State, dump_tracebacks
from soundstage.kernel.actor_options import Limits, Phase, Policy, StopReport, Timer
from soundstage.messages import Kill, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from soundstage.kernel.actor import Actor
    from soundstage.kernel.executor import Executor
    from soundstage.kernel.mailbox import Mailbox
    from soundstage.kernel.portal import Portal
    from soundstage.units import Samples


class Kernel(ABC):
    """Starts actors, sends them ticks, looks after them, and stops them in order."""

    def __init__(self) -> None:
        self._cells: dict[Address, Cell] = {}
        self._names: dict[str, Cell] = {}
        self._spawned = 0
        # Replaced as a whole, so that a tick goes through it without the lock.
        self._paced: tuple[tuple[Phase, int, Cell], ...] = ()
        # Actors begin and end to be paced on their own threads, and may reserve and spawn others.
        self._guard = threading.Lock()
        self._broken: RunBrokenOff | None = None

    @property
    @abstractmethod
    def now(self) -> Samples:
        """Samples since the kernel began."""

    @property
    def broken(self) -> RunBrokenOff | None:
        """Why the run was broken off, if it was: also while its actors were being stopped."""
        return self._broken

    @property
    @abstractmethod
    def portal(self) -> Portal:
        """The one asyncio thread.

        Raises:
            KernelError: on the virtual clock.
        """

    @property
    @abstractmethod
    def executor(self) -> Executor:
        """Does slow work outside the actors."""

    @abstractmethod
    def later(self, delay: Samples, do: Callable[[], None]) -> Timer:
        """Do something when the delay has passed."""

    @abstractmethod
    def run(self, between: Callable[[], None] | None = None) -> None:
        """Let the actors work until `finish`.

        Args:
            between: called between turns at least every 50 ms of wall time.

        Raises:
            KernelError: nothing can happen any more.
            RunBrokenOff: an actor has failed that the run cannot do without.
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

    def address(self, name: str) -> Address:
        """Reserve the address of an actor that is spawned later, so that others can be given it.

        What it is told before that waits for the actor, within the default `Limits`; it is
        counted as lost when no actor is ever spawned there.

        Args:
            name: what the actor is called, once in a kernel.

        Raises:
            KernelError: the name is taken.
        """
        with self._guard:
            if name in self._names:
                raise KernelError(f"there is an actor called {name!r} already")
            cell = Cell(self, name, self._make_mailbox(Limits()))
            self._names[name] = cell
            self._cells[cell.address] = cell
        return cell.address

    def spawn(
        self,
        address: Address | str,
        make: Callable[[], Actor],
        *,
        limits: Limits | None = None,
        policy: Policy | None = None,
        watcher: Address | None = None,
    ) -> Address:
        """Start an actor, without waiting for it.

        Args:
            address: where it is reached, as reserved with `address`; or its name, for one that
                needs no reservation.
            make: makes an incarnation of it.
            limits: what may wait in its mailbox from now on.
            policy: what is done when it fails.
            watcher: is told `Ready`, `Faulted` and `Stopped` of it.

        Returns:
            Its address.

        Raises:
            KernelError: the name is taken, the address is another kernel's, or an actor was
                spawned there before.
        """
        if isinstance(address, str):
            address = self.address(address)
        with self._guard:
            cell = self._cells.get(address)
            if cell is None:
                raise KernelError(f"{address.name!r} is an address of another kernel")
            if cell.state is not State.RESERVED:
                raise KernelError(f"an actor was spawned at {address.name!r} before")
            self._spawned += 1
            cell.employ(make, policy or Policy(), watcher, self._spawned)
        if limits is not None:
            cell.mailbox.limit(limits)
        # The start is queued before the first turn: without it, a letter that was told earlier
        # would find no actor and be lost.
        cell.begin()
        self._host(cell)
        return address

    def wait_ready(self, addresses: Sequence[Address], within: Samples) -> None:
        """Wait until all of these are ready.

        Raises:
            KernelError: at one of these no actor was spawned.
            StartFailed: one has failed for good, or was silent for too long.
        """
        cells = [self._cells[address] for address in addresses]
        for cell in cells:
            if cell.state is State.RESERVED:
                raise KernelError(f"no actor was spawned at {cell.address.name!r}")

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
            self._end_reserved(cells)
            # A stop waits its turn, so that what was sent before it is still handled.
            for cell in cells:
                cell.put(Stop())
            late = self._wait_ended(cells, within)
            # A kill overtakes what waits, and needs no help of the actor.
            for cell in late:
                cell.put(Kill())
            killed += [cell.address.name for cell in late]
            stuck = self._wait_ended(late, within)
            leftovers += [cell.address.name for cell in stuck]
            for cell in stuck:
                cell.give_up(self._stuck(cell))
        if leftovers:
            # They hang in code of their own; where, is all that can still be found out.
            dump_tracebacks()
        return StopReport(tuple(killed), tuple(leftovers))

    def _stuck(self, cell: Cell) -> StuckTurn:
        """What is told of an actor whose turn does not end."""
        return StuckTurn(f"{cell.address.name} did not end when it was asked to")

    def drops(self, address: Address) -> Mapping[str, int]:
        """What never reached an actor, by `Type` or `Type:source`, `lost` and `stale` included."""
        cell = self._cells[address]
        # Copies: its own thread, and those that tell it, may count meanwhile.
        return Counter(cell.drops) + Counter(cell.mailbox.drops)

    def after(self, cell: Cell, delay: Samples, message: object) -> Timer:
        """Tell the present incarnation of a cell a message when the delay has passed."""
        # Bound now and not when it is due: by then the actor may be another one.
        letter = cell.bound(message)
        return self.later(delay, lambda: cell.put(letter))

    def pace(self, cell: Cell, phase: Phase) -> None:
        """Tell a cell every tick from now on, in its phase."""
        with self._guard:
            others = (paced for paced in self._paced if paced[2] is not cell)
            entries = (*others, (phase, cell.order, cell))
            self._paced = tuple(sorted(entries, key=lambda paced: paced[:2]))

    def take_part(self, cell: Cell, phases: tuple[Phase, ...]) -> None:
        """Ask a cell before several ticks are told at once: never, but on the virtual clock."""
        del cell, phases

    def unpace(self, cell: Cell) -> None:
        """Tell a cell no more ticks."""
        with self._guard:
            self._paced = tuple(paced for paced in self._paced if paced[2] is not cell)

    def break_off(self, broken: RunBrokenOff) -> None:
        """Make `run` raise this: an actor has failed that the run cannot do without."""
        with self._guard:
            # The first one is the cause; later ones mostly follow from it.
            self._broken = self._broken or broken
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
    def _make_mailbox(self, limits: Limits) -> Mailbox:
        """A mailbox that may be told from every thread that this host has."""

    @abstractmethod
    def _host(self, cell: Cell) -> None:
        """Make whatever a cell needs to have its turns."""

    def _end_reserved(self, cells: Iterable[Cell]) -> None:
        """Close the addresses at which no actor was spawned: they have no turns to do it in."""
        for cell in cells:
            if cell.state is State.RESERVED:
                cell.turn(Kill())

    def _wait_ended(self, cells: Sequence[Cell], within: Samples) -> list[Cell]:
        def ended() -> bool:
            return all(cell.state is State.ENDED for cell in cells)

        self.wait(ended, within)
        return [cell for cell in cells if cell.state is not State.ENDED]

    def _raise_broken(self) -> None:
        if self._broken is not None:
            raise self._broken from self._broken.error
