"""The workshop of threads, on the wall clock."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from soundstage.endpoint import Craft, ThreadWorkshop
from soundstage.endpoint._threads import YIELDS
from soundstage.units import samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.realtime

SOON = samples_of_seconds(5)


def play(scene: Callable[[ThreadWorkshop], Awaitable[None]]) -> None:
    """Play a scene with a workshop, and see that no thread of it is left."""

    async def run() -> None:
        workshop = ThreadWorkshop(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(10):
                await scene(workshop)
        finally:
            await workshop.close(SOON)

    asyncio.run(run())
    assert not [each for each in threading.enumerate() if each.name.startswith("endpoint")]


class Results:
    """What came of the works, in the order in which it came."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.threads: set[int] = set()
        self._come = asyncio.Event()

    def take(self, value: object) -> None:
        self.values.append(value)
        self.threads.add(threading.get_ident())
        self._come.set()

    async def wait_for(self, count: int) -> None:
        while len(self.values) < count:
            self._come.clear()
            await self._come.wait()


def test_results_come_in_order_on_the_loops_thread() -> None:
    async def scene(workshop: ThreadWorkshop) -> None:
        results, workers = Results(), set[int]()

        def work(number: int) -> int:
            workers.add(threading.get_ident())
            return number

        for number in range(50):
            workshop.submit(Craft.RECOGNISE, lambda n=number: work(n), results.take, results.take)
        await results.wait_for(50)
        assert results.values == list(range(50))
        assert results.threads == {threading.get_ident()}
        assert threading.get_ident() not in workers

    play(scene)


def test_what_a_work_raises_comes_as_its_failure() -> None:
    async def scene(workshop: ThreadWorkshop) -> None:
        results = Results()
        error = RuntimeError("no ears")

        def fail() -> None:
            raise error

        workshop.submit(Craft.RECOGNISE, fail, lambda _: None, results.take)
        await results.wait_for(1)
        assert results.values == [error]

    play(scene)


def test_synthesis_never_waits_for_recognition() -> None:
    async def scene(workshop: ThreadWorkshop) -> None:
        results, spoken = Results(), threading.Event()
        workshop.submit(Craft.RECOGNISE, lambda: spoken.wait(5), results.take, results.take)
        workshop.submit(Craft.SYNTHESISE, spoken.set, results.take, results.take)
        await results.wait_for(2)
        assert set(results.values) == {None, True}

    play(scene)


def test_what_is_cancelled_brings_no_result_even_when_it_is_under_way() -> None:
    async def scene(workshop: ThreadWorkshop) -> None:
        results, begun, go_on = Results(), threading.Event(), threading.Event()

        def slow() -> None:
            begun.set()
            go_on.wait(5)

        running = workshop.submit(Craft.RECOGNISE, slow, results.take, results.take)
        waiting = workshop.submit(Craft.RECOGNISE, lambda: 1, results.take, results.take)
        await asyncio.to_thread(begun.wait, 5)
        running.cancel()
        waiting.cancel()
        go_on.set()
        workshop.submit(Craft.RECOGNISE, lambda: 2, results.take, results.take)
        await results.wait_for(1)
        assert results.values == [2]

    play(scene)


def test_after_calls_back_unless_it_is_cancelled() -> None:
    async def scene(workshop: ThreadWorkshop) -> None:
        results = Results()
        workshop.after(samples_of_ms(10), lambda: results.take("never")).cancel()
        workshop.after(samples_of_ms(20), lambda: results.take("now"))
        await results.wait_for(1)
        assert results.values == ["now"]

    play(scene)


def test_close_drops_what_has_not_begun() -> None:
    async def scene(workshop: ThreadWorkshop) -> None:
        results, begun, go_on = Results(), threading.Event(), threading.Event()

        def slow() -> None:
            begun.set()
            go_on.wait(5)

        workshop.submit(Craft.COMPOSE, slow, lambda _: None, results.take)
        workshop.submit(Craft.COMPOSE, lambda: results.take("begun"), results.take, results.take)
        await asyncio.to_thread(begun.wait, 5)
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        await workshop.close(SOON)
        assert results.values == []

    play(scene)


def test_close_goes_on_without_an_engine_that_does_not_come_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(workshop: ThreadWorkshop) -> None:
        stuck = threading.Event()
        workshop.submit(Craft.COMPOSE, lambda: stuck.wait(30), print, print)
        with caplog.at_level(logging.WARNING):
            await workshop.close(samples_of_ms(50))
        assert "still at work" in caplog.text
        stuck.set()

    play(scene)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority")
def test_recognition_yields_to_everything_else_and_so_do_the_threads_that_it_starts() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def of_a_new_thread() -> int:
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.append(niceness()))
        thread.start()
        thread.join()
        return found[0]

    async def scene(workshop: ThreadWorkshop) -> None:
        usual, least = niceness(), min(19, niceness() + YIELDS)
        assert await workshop.run(Craft.RECOGNISE, niceness) == least
        assert await workshop.run(Craft.RECOGNISE, of_a_new_thread) == least
        for craft in (Craft.COMPOSE, Craft.SYNTHESISE, Craft.CHAT):
            assert await workshop.run(craft, niceness) == usual
        assert niceness() == usual

    play(scene)
