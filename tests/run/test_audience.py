"""Everyone who follows a run, on the virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import Entry, Levels, Notice
from soundstage.messages.events import Joined
from soundstage.run.audience import Attend, Audience

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


def test_all_who_attend_are_shown_the_same_in_the_same_order() -> None:
    shown = [Entry(Joined(pts=0, agent="bob")), Levels(2400, {"bob": 9}), Notice("bob", "hello")]
    seen: dict[str, list[object]] = {"first": [], "second": []}
    with SimulatedKernel() as kernel:
        audience = kernel.spawn("audience", Audience)

        def seat(name: str) -> Address:
            return kernel.spawn(name, lambda: Onlooker(seen[name]))

        audience.tell(Attend(seat("first")))
        audience.tell(shown[0])
        audience.tell(Attend(seat("second")))
        for message in shown[1:]:
            audience.tell(message)
        kernel.settle()
    assert seen == {"first": shown, "second": shown[1:]}


def test_nobody_is_told_what_he_does_not_take() -> None:
    seen: list[object] = []
    with SimulatedKernel() as kernel:
        audience = kernel.spawn("audience", Audience)
        onlooker = kernel.spawn("onlooker", lambda: Onlooker(seen))
        audience.tell(Attend(onlooker, frozenset({Levels})))
        audience.tell(Notice("bob", "hello"))
        audience.tell(Levels(2400, {"bob": 9}))
        kernel.settle()
    assert seen == [Levels(2400, {"bob": 9})]
