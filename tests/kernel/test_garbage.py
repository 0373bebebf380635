"""The pauses in which Python looks for garbage, on the threaded kernel."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from soundstage.kernel import ThreadedKernel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def nothing_frozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def frozen_within() -> int:
    """How many objects are left out of the collection while a kernel runs."""
    counts: list[int] = []

    def look() -> None:
        counts.append(gc.get_freeze_count())
        kernel.finish()

    with ThreadedKernel() as kernel:
        kernel.later(0, look)
        kernel.run()
    return counts[0]


def test_what_lived_before_a_live_run_is_not_looked_through_while_it_runs() -> None:
    tracked = len(gc.get_objects())
    assert frozen_within() > tracked / 2
    assert gc.get_freeze_count() == 0


def test_what_a_program_has_left_out_itself_stays_so_after_a_run() -> None:
    gc.freeze()
    before = gc.get_freeze_count()
    assert frozen_within() == before
    assert gc.get_freeze_count() == before
