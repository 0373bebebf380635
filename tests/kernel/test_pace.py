"""The pace of asyncio code on the wall clock."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from soundstage.kernel import AsyncClock
from soundstage.kernel.portal import make_loop
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Coroutine

pytestmark = pytest.mark.realtime


def run(coroutine: Coroutine[object, object, object]) -> weakref.ref[object]:
    """Run it on a loop of its own, which is then closed."""
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(coroutine)
        return weakref.ref(runner.get_loop())


def test_ticks_come_in_time_and_miss_none() -> None:
    clock = AsyncClock()
    came: list[tuple[int, int]] = []

    async def keep_pace() -> None:
        async for pts in clock.ticks():
            came.append((pts, clock.now()))
            if len(came) == 10:
                return

    run(keep_pace())
    first = came[0][0]
    assert [pts for pts, _ in came] == [first + FRAME_SAMPLES * n for n in range(10)]
    # The timers of a loop may be a millisecond early; how late they are, the machine decides.
    assert all(now - pts >= -2 * FRAME_SAMPLES / 20 for pts, now in came)


def test_ticks_that_were_missed_come_at_once() -> None:
    clock = AsyncClock()

    async def stall() -> None:
        ticks = clock.ticks()
        first = await anext(ticks)
        while clock.now() < first + 5 * FRAME_SAMPLES:
            pass
        missed = [await anext(ticks) for _ in range(5)]
        assert missed == [first + FRAME_SAMPLES * n for n in range(1, 6)]
        await ticks.aclose()

    run(stall())


def test_all_that_keep_the_pace_on_a_loop_go_on_together() -> None:
    order: list[str] = []

    async def keep_pace(name: str, after: int) -> None:
        await AsyncClock().sleep(after)
        ticks = AsyncClock().ticks()
        await anext(ticks)
        for _ in range(4):
            await anext(ticks)
            order.append(name)
            asyncio.get_running_loop().call_soon(order.append, "turn of the loop")

    async def both() -> None:
        await asyncio.gather(keep_pace("a", 0), keep_pace("b", 120), keep_pace("c", 240))

    run(both())
    together = "".join(each if len(each) == 1 else " " for each in order)
    # On a busy machine one of them may have begun a tick later than the others.
    assert "abc" in together or "ab" in together or "bc" in together


def test_a_pace_that_is_given_up_leaves_nothing_on_its_loop() -> None:
    async def give_up() -> None:
        async def keep_pace() -> None:
            async for _ in AsyncClock().ticks():
                pass

        tasks = [asyncio.create_task(keep_pace()) for _ in range(3)]
        await AsyncClock().sleep(2 * FRAME_SAMPLES)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    loop = run(give_up())
    gc.collect()
    assert loop() is None
