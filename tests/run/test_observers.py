"""What follows a run from outside, on the virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import Entry, Levels, Notice
from soundstage.messages.events import Joined
from soundstage.run.observers import ObserverFeed, Subscription

if TYPE_CHECKING:
    from soundstage.kernel import Address


class Onlooker(Actor):
    def __init__(self, seen: list[object]) -> None:
        super().__init__()
        self.seen = seen

    @handles(Entry)
    @handles(Levels)
    @handles(Notice)
    def look(self, message: object) -> None:
        self.seen.append(message)


SHOWN = [Entry(Joined(pts=0, agent="bob")), Levels(2400, {"bob": 9}), Notice("bob", "hello")]


def test_each_observer_is_told_what_it_takes_in_the_order_in_which_it_came() -> None:
    seen: dict[str, list[object]] = {"all": [], "levels": []}
    with SimulatedKernel() as kernel:

        def onlooker(name: str) -> Address:
            return kernel.spawn(name, lambda: Onlooker(seen[name]))

        levels = Subscription(onlooker("levels"), frozenset({Levels}))
        feed = kernel.spawn("feed", lambda: ObserverFeed([Subscription(onlooker("all")), levels]))
        for message in SHOWN:
            feed.tell(message)
        kernel.settle()
    assert seen == {"all": SHOWN, "levels": [SHOWN[1]]}


def test_an_observer_that_fails_keeps_nothing_from_the_others() -> None:
    class Broken(Onlooker):
        @handles(Entry)
        def look(self, message: object) -> None:
            raise ValueError("the terminal is gone")

    seen: list[object] = []
    with SimulatedKernel() as kernel:
        broken = kernel.spawn("broken", lambda: Broken([]))
        whole = kernel.spawn("whole", lambda: Onlooker(seen))
        feed = kernel.spawn(
            "feed", lambda: ObserverFeed([Subscription(broken), Subscription(whole)])
        )
        for message in SHOWN:
            feed.tell(message)
        kernel.settle()
        assert kernel.broken is None
    assert seen == SHOWN
