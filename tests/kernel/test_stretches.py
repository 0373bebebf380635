"""Ticks in which nothing but sound passes are told at once, and everything else is as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from soundstage.kernel import Actor, Phase, SimulatedKernel, handles
from soundstage.messages import Faulted, Tick, TickBlock
from soundstage.units import FRAME_SAMPLES

from .dummy_actors import Keeper, Pacer, Text

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mixing(Actor):
    """Takes part in the mixer's phase; notes when it is asked, and foresees nothing."""

    foresees: ClassVar[tuple[Phase, ...]] = (Phase.MIXER,)

    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self.asked = asked

    def started(self) -> None:
        self.pace(Phase.MIXER)

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        self.asked.append(self.name)
        if phase is Phase.MIXER:
            stretch.ticks = 0

    @handles(Tick)
    @handles(TickBlock)
    def pass_by(self, _: object) -> None:
        """Nothing."""


class Later(Mixing):
    """The same, in a later phase."""

    foresees: ClassVar[tuple[Phase, ...]] = (Phase.SESSION,)


class Foreseer(Actor):
    """Notes the ticks that it is told; it would take any number of them at once, up to `most`."""

    foresees: ClassVar[tuple[Phase, ...]] = (Phase.SOURCE,)

    def __init__(
        self, ticks: list[Sequence[int]], most: int = 1000, asked: list[int] | None = None
    ) -> None:
        super().__init__()
        self.asked = [] if asked is None else asked
        self.ticks = ticks
        self.most = most

    def started(self) -> None:
        self.pace(Phase.SOURCE)

    def foresee(self, stretch: TickBlock, phase: Phase) -> None:
        assert phase is Phase.SOURCE
        self.asked.append(stretch.pts)
        if self.most < 0:
            raise LookupError("a bug")
        stretch.ticks = min(stretch.ticks, self.most)

    @handles(Tick)
    def one(self, tick: Tick) -> None:
        self.ticks.append([tick.pts])

    @handles(TickBlock)
    def many(self, block: TickBlock) -> None:
        last = block.pts + (block.ticks - 1) * FRAME_SAMPLES
        assert self.now == last
        self.ticks.append(range(block.pts, last + 1, FRAME_SAMPLES))

    @handles(Text)
    def set_timer(self, text: Text) -> None:
        self.after(int(text.text), Tick(-1))


def times(ticks: Sequence[Sequence[int]]) -> list[int]:
    return [pts for told in ticks for pts in told]


def test_ticks_are_told_at_once_up_to_the_time_that_is_to_pass():
    ticks: list[Sequence[int]] = []
    with SimulatedKernel() as kernel:
        kernel.spawn("alice", lambda: Foreseer(ticks))
        kernel.run_for(10 * FRAME_SAMPLES)
        assert kernel.now == 10 * FRAME_SAMPLES
    assert times(ticks) == list(range(0, 11 * FRAME_SAMPLES, FRAME_SAMPLES))
    assert len(ticks) == 1


def test_a_timer_comes_after_the_tick_of_its_time_and_before_the_next():
    ticks: list[Sequence[int]] = []
    with SimulatedKernel() as kernel:
        kernel.spawn("alice", lambda: Foreseer(ticks)).tell(Text(str(5 * FRAME_SAMPLES)))
        kernel.run_for(20 * FRAME_SAMPLES)
    told = times(ticks)
    assert told.index(-1) == told.index(5 * FRAME_SAMPLES) + 1
    assert [pts for pts in told if pts >= 0] == list(range(0, 21 * FRAME_SAMPLES, FRAME_SAMPLES))


def test_what_one_actor_needs_tick_by_tick_all_are_told_tick_by_tick():
    ticks: list[Sequence[int]] = []
    log: list[tuple[str, int]] = []
    with SimulatedKernel() as kernel:
        kernel.spawn("alice", lambda: Foreseer(ticks))
        kernel.spawn("ben", lambda: Pacer(log, Phase.MIXER))
        kernel.run_for(5 * FRAME_SAMPLES)
    assert [len(told) for told in ticks] == [1] * 6
    assert [pts for _, pts in log] == times(ticks)


@pytest.mark.parametrize(("most", "longest"), [(0, 100), (1000, 0), (1000, 2)])
def test_where_no_ticks_are_foreseen_or_few_are_wanted_each_is_told_by_itself(
    most: int, longest: int
):
    ticks: list[Sequence[int]] = []
    with SimulatedKernel(longest_stretch=longest) as kernel:
        kernel.spawn("alice", lambda: Foreseer(ticks, most))
        kernel.run_for(5 * FRAME_SAMPLES)
    assert [len(told) for told in ticks] == [1] * 6


def test_the_tick_after_those_that_an_actor_foresees_is_told_by_itself_and_not_asked_for():
    ticks: list[Sequence[int]] = []
    asked: list[int] = []
    with SimulatedKernel() as kernel:
        kernel.spawn("alice", lambda: Foreseer(ticks, 2, asked))
        kernel.run_for(5 * FRAME_SAMPLES)
    assert [len(told) for told in ticks] == [2, 1, 2, 1]
    assert asked == [0, 3 * FRAME_SAMPLES]
    assert times(ticks) == list(range(0, 6 * FRAME_SAMPLES, FRAME_SAMPLES))


def test_an_actor_that_foresees_no_tick_is_asked_before_the_others_the_next_time():
    bens: list[int] = []
    with SimulatedKernel() as kernel:
        kernel.spawn("ben", lambda: Foreseer([], 1000, bens))
        kernel.spawn("alice", lambda: Foreseer([], 0))
        kernel.run_for(5 * FRAME_SAMPLES)
    assert bens == [0]


def test_an_actor_that_foresees_no_tick_is_still_asked_in_its_phase():
    asked: list[str] = []
    with SimulatedKernel() as kernel:
        kernel.spawn("last", lambda: Later(asked))
        kernel.spawn("mixer", lambda: Mixing(asked))
        kernel.spawn("first", lambda: Foreseer([]))
        kernel.run_for(3 * FRAME_SAMPLES)
    assert set(asked) == {"mixer"}


def test_an_actor_that_fails_while_it_foresees_is_looked_after_as_in_a_turn():
    kept: list[object] = []
    with SimulatedKernel() as kernel:
        watcher = kernel.spawn("watcher", lambda: Keeper(kept))
        kernel.spawn("alice", lambda: Foreseer([], -1), watcher=watcher)
        kernel.run_for(5 * FRAME_SAMPLES)
    [fault] = [each for each in kept if isinstance(each, Faulted)]
    assert (fault.actor, fault.cause.message) == ("alice", "LookupError: a bug")
