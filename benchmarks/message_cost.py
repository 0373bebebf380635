"""What a message costs: CPU from tell to handled, ours against stock Pykka in one run.

A sender tells an actor on a thread of its own many small messages, and waits until the last one
has been handled. Stock Pykka does it with a `ThreadingActor`, whose inbox is a plain queue without
bounds; ours has the mailbox that keeps order, lets three messages overtake, and bounds and counts
the rest. Frames, which are bounded, are measured as they come in a call, where never more than a
few wait. Rounds alternate, so that a busy machine burdens both.

    python benchmarks/message_cost.py --rounds 9 --messages 50000
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pykka
from msgspec import Struct

from soundstage.kernel import Actor, Limits, SimulatedKernel, ThreadedKernel, handles
from soundstage.messages import Frame
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET: Final = 1.3
BATCH: Final = 5


class Note(Struct, frozen=True, gc=False):
    """A small message, as most are."""

    number: int


class Count:
    """How much has been handled; wakes the sender when everything it awaits has been."""

    def __init__(self) -> None:
        self.handled = 0
        self.awaited = 0
        self.reached = threading.Event()

    def one(self) -> None:
        """One message has been handled."""
        self.handled += 1
        if self.handled == self.awaited:
            self.reached.set()

    def expect(self, more: int) -> None:
        """So many more will come."""
        self.reached.clear()
        self.awaited = self.handled + more


class Stock(pykka.ThreadingActor):
    """Counts what it is told, in Pykka's own way."""

    def __init__(self, count: Count) -> None:
        super().__init__()
        self.count = count

    def on_receive(self, message: Any) -> Any:
        """One more."""
        del message
        self.count.one()


class Ours(Actor):
    """Counts what it is told."""

    def __init__(self, count: Count) -> None:
        super().__init__()
        self.count = count

    @handles(Note)
    @handles(Frame)
    def take(self, message: Note | Frame) -> None:
        """One more."""
        del message
        self.count.one()


def cost(tell: Callable[[Any], None], count: Count, messages: list[Any]) -> float:
    """CPU microseconds per message, all of them told in one go."""
    count.expect(len(messages))
    cpu = time.process_time()
    for message in messages:
        tell(message)
    assert count.reached.wait(60), f"{count.handled} of {count.awaited} were handled"
    return (time.process_time() - cpu) / len(messages) * 1e6


def cost_of_batches(tell: Callable[[Any], None], count: Count, messages: list[Any]) -> float:
    """The same, but a few at a time, each batch handled before the next."""
    cpu = time.process_time()
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        count.expect(len(batch))
        for message in batch:
            tell(message)
        assert count.reached.wait(60)
    return (time.process_time() - cpu) / len(messages) * 1e6


def simulated(messages: list[Any]) -> float:
    """CPU microseconds per message on the virtual clock, where nothing changes threads."""
    count = Count()
    with SimulatedKernel() as kernel:
        address = kernel.spawn("ours", lambda: Ours(count))
        kernel.settle()
        cpu = time.process_time()
        for start in range(0, len(messages), BATCH):
            for message in messages[start : start + BATCH]:
                address.tell(message)
            kernel.run_for(FRAME_SAMPLES)
        cpu = time.process_time() - cpu
    assert count.handled == len(messages)
    return cpu / len(messages) * 1e6


def measure(rounds: int, messages: int) -> dict[str, list[float]]:
    """Costs of each way, one figure a round."""
    notes: list[Any] = [Note(number) for number in range(messages)]
    frames: list[Any] = [Frame("alice", n * FRAME_SAMPLES, SILENCE) for n in range(messages // 10)]
    theirs, mine = Count(), Count()
    stock = Stock.start(theirs)
    costs: dict[str, list[float]] = {}
    with ThreadedKernel() as kernel:
        ours = kernel.spawn("ours", lambda: Ours(mine), limits=Limits(letters=messages))
        kernel.wait_ready([ours], 24_000)
        ways: dict[str, Callable[[], float]] = {
            "stock": lambda: cost(stock.tell, theirs, notes),
            "ours": lambda: cost(ours.tell, mine, notes),
            "stock, a few at a time": lambda: cost_of_batches(stock.tell, theirs, frames),
            "ours, frames": lambda: cost_of_batches(ours.tell, mine, frames),
            "ours, virtual clock": lambda: simulated(frames),
        }
        for _ in range(rounds):
            for name, way in ways.items():
                costs.setdefault(name, []).append(way())
    stock.stop()
    return costs


def main() -> int:
    """Measure, print, and fail above the target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--messages", type=int, default=50_000)
    chosen = parser.parse_args()
    costs = measure(chosen.rounds, chosen.messages)
    medians = {name: statistics.median(each) for name, each in costs.items()}
    for name, median in medians.items():
        print(f"{name:24} {median:6.2f} us of CPU per message")
    letters = medians["ours"] / medians["stock"]
    frames = medians["ours, frames"] / medians["stock, a few at a time"]
    print(
        f"a message against stock Pykka: ratio {letters:.2f}; "
        f"a frame, a few at a time: ratio {frames:.2f} (at most {TARGET})"
    )
    return max(letters, frames) > TARGET


if __name__ == "__main__":
    sys.exit(main())
