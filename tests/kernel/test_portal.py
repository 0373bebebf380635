"""The one asyncio thread: what runs there is told, cancelled and ended."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

import pytest

from soundstage.errors import KernelError, PortalClosed
from soundstage.kernel import Portal
from soundstage.units import samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.realtime

SOON = samples_of_seconds(3)


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = Portal()
    yield made
    made.close()
    assert not [each for each in threading.enumerate() if each.name == "portal"]


class Told:
    """What came back, and on which thread."""

    def __init__(self) -> None:
        self.messages: list[object] = []
        self.came = threading.Event()

    def tell(self, message: object) -> None:
        self.messages.append(message)
        self.came.set()

    def wait(self) -> list[object]:
        assert self.came.wait(3)
        return self.messages


async def answer() -> int:
    return 42


async def stumble() -> int:
    raise ValueError("as asked")


async def never() -> int:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


def test_a_result_and_an_error_come_back_as_messages(portal: Portal) -> None:
    for work, expected in ((answer, "result 42"), (stumble, "error as asked")):
        told = Told()
        portal.start(
            work(), told.tell, result=lambda it: f"result {it}", error=lambda it: f"error {it}"
        )
        assert told.wait() == [expected]


def test_of_a_cancelled_job_nothing_comes(portal: Portal) -> None:
    told = Told()
    job = portal.start(never(), told.tell, result=str, error=str)
    job.cancel()
    job.cancel()

    async def others() -> int:
        return len(asyncio.all_tasks()) - 1

    assert portal.run(others, within=SOON) == 0
    assert told.messages == []


def test_a_job_cancelled_before_it_began_never_begins(portal: Portal) -> None:
    told, go_on = Told(), threading.Event()
    portal.call(go_on.wait, 3)
    job = portal.start(answer(), told.tell, result=str, error=str)
    job.cancel()
    go_on.set()
    portal.run(answer, within=SOON)
    assert told.messages == []


def test_what_takes_too_long_is_cancelled(portal: Portal) -> None:
    with pytest.raises(TimeoutError):
        portal.run(never, within=samples_of_ms(20))


def test_the_portal_cannot_wait_for_itself(portal: Portal) -> None:
    told = Told()

    def wait_for_it() -> None:
        try:
            portal.run(answer, within=SOON)
        except KernelError as error:
            told.tell(str(error))

    portal.call(wait_for_it)
    assert told.wait() == ["the portal's own thread cannot wait for the portal"]


@pytest.mark.parametrize(
    "use",
    [
        lambda portal: portal.call(print),
        lambda portal: portal.run(answer, within=SOON),
        lambda portal: portal.start(answer(), print, result=str, error=str),
    ],
)
def test_a_closed_portal_says_so(use: Callable[[Portal], object]) -> None:
    portal = Portal()
    portal.close()
    portal.close()
    with pytest.raises(PortalClosed):
        use(portal)


def test_closing_ends_what_runs_and_what_that_starts_behind_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun = threading.Event()
    cleaning: list[asyncio.Task[int]] = []

    async def work() -> None:
        begun.set()
        try:
            await never()
        finally:
            cleaning.append(asyncio.create_task(never()))

    portal = Portal()
    portal.start(work(), print, result=str, error=str)
    assert begun.wait(3)
    with caplog.at_level(logging.WARNING):
        portal.close()
    assert [task.cancelled() for task in cleaning] == [True]
    assert [each for each in caplog.records if each.name == "soundstage.kernel"] == []


def test_a_task_that_will_not_end_is_named_and_left(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundstage.kernel.portal._LAST", 0.1)
    monkeypatch.setattr("soundstage.kernel.portal._BETWEEN", 0.02)
    begun, give_up = threading.Event(), threading.Event()

    async def hold_out() -> None:
        begun.set()
        while not give_up.is_set():
            try:
                await never()
            except asyncio.CancelledError:
                continue

    portal = Portal()
    portal.start(hold_out(), print, result=str, error=str)
    assert begun.wait(3)
    with caplog.at_level(logging.WARNING):
        portal.close()
    assert "did not end when it was cancelled" in caplog.text
    assert "hold_out" in caplog.text
