"""Ticks and timers, and how a run ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dummy_actors import Keeper, Later, Pacer, Text, settled

from soundstage.errors import KernelError
from soundstage.kernel import Phase, SimulatedKernel, handles
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from soundstage.kernel import Kernel


def test_ticks_come_every_20_ms_with_no_gap(kernel: Kernel) -> None:
    log: list[tuple[str, int]] = []
    kernel.spawn("a", lambda: Pacer(log, Phase.SOURCE))
    settled(kernel, log, 5)  # type: ignore[arg-type]
    first = log[0][1]
    assert [pts for _, pts in log[:5]] == [first + n * FRAME_SAMPLES for n in range(5)]


def test_ticks_of_one_time_come_phase_by_phase_then_by_order_of_spawning() -> None:
    log: list[tuple[str, int]] = []
    with SimulatedKernel() as kernel:
        kernel.spawn("last", lambda: Pacer(log, Phase.RECORDER))
        kernel.spawn("first", lambda: Pacer(log, Phase.SOURCE))
        kernel.spawn("second", lambda: Pacer(log, Phase.SOURCE))
        kernel.run_for(0)
        log.clear()
        kernel.run_for(FRAME_SAMPLES)
    assert [name for name, _ in log[-3:]] == ["first", "second", "last"]


def test_a_cancelled_timer_is_not_told(kernel: Kernel) -> None:
    kept: list[object] = []
    address = kernel.spawn("a", lambda: Keeper(kept))
    address.tell(Later("never", FRAME_SAMPLES))
    address.tell(Later("after", FRAME_SAMPLES * 3))
    assert settled(kernel, kept, 1) == [Text("after")]


def test_nothing_left_to_happen_is_an_error_and_not_a_hang() -> None:
    with SimulatedKernel() as kernel:
        kernel.spawn("a", lambda: Keeper([]))
        with pytest.raises(KernelError, match="nothing can happen"):
            kernel.run()


def test_time_is_finished_from_a_turn(kernel: Kernel) -> None:
    class Finisher(Keeper):
        @handles(Text)
        def keep(self, message: object) -> None:
            kernel.finish()

    kernel.spawn("a", lambda: Finisher([])).tell(Text("end"))
    kernel.run()
