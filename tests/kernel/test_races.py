"""What several threads change at once on the live host: nothing of it may be lost."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest
from dummy_actors import SOON, Keeper, Pacer, Text

from soundstage.errors import JobLate, JobRefused
from soundstage.kernel import JobKind, Phase, ThreadedKernel, ThreadExecutor
from soundstage.units import samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.realtime

ACTORS = 30


@pytest.fixture
def _short_switches() -> Iterator[None]:
    """Threads change places every 10 us, so that a race shows in a few hundred starts."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def lost_at_a_start() -> set[str]:
    """The names of the actors that asked to be paced as the others did, and get no tick."""
    log: list[tuple[str, int]] = []
    with ThreadedKernel() as kernel:
        names = {f"actor-{number}" for number in range(ACTORS)}
        addresses = [kernel.spawn(name, lambda: Pacer(log, Phase.SOURCE)) for name in sorted(names)]
        kernel.wait_ready(addresses, SOON)
        return names - {cell.address.name for _, _, cell in kernel._paced}


@pytest.mark.usefixtures("_short_switches")
def test_no_actor_loses_its_ticks_to_another_that_starts_meanwhile() -> None:
    assert [lost for _ in range(20) if (lost := lost_at_a_start())] == []


@pytest.mark.prove
@pytest.mark.usefixtures("_short_switches")
def test_200_starts_of_30_actors_lose_none() -> None:
    assert [lost for _ in range(200) if (lost := lost_at_a_start())] == []


@pytest.mark.usefixtures("_short_switches")
def test_every_letter_from_any_thread_is_handled_or_counted_as_lost_when_the_actor_ends() -> None:
    each, senders = 400, 6
    for _ in range(10):
        kept: list[object] = []
        with ThreadedKernel() as kernel:
            address = kernel.spawn("a", lambda: Keeper(kept))  # noqa: B023 - gone with its kernel
            threads = [
                threading.Thread(target=lambda: [address.tell(Text("x")) for _ in range(each)])  # noqa: B023
                for _ in range(senders)
            ]
            for thread in threads:
                thread.start()
            kernel.stop([[address]], SOON)
            for thread in threads:
                thread.join()
            assert len(kept) + kernel.drops(address)["lost"] == each * senders


@pytest.mark.usefixtures("_short_switches")
def test_an_owner_is_told_once_of_each_job_whether_it_ends_or_its_time_does() -> None:
    each, owners = 300, 4
    told: list[object] = []
    come = threading.Semaphore(0)

    def tell(message: object) -> None:
        told.append(message)
        come.release()

    def submit_all() -> None:
        for number in range(each):
            executor.submit(
                JobKind.TOOL,
                lambda: "done",
                owner="a test",
                tell=tell,
                result=lambda value: value,
                error=lambda error: error,
                within=samples_of_ms(number % 3),
            )

    executor = ThreadExecutor()
    threads = [threading.Thread(target=submit_all) for _ in range(owners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(come.acquire(timeout=5) for _ in range(each * owners))
    executor.close(SOON)
    assert len(told) == each * owners
    assert {type(message) for message in told} <= {str, JobLate, JobRefused}
