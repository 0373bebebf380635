"""Each trait moves its own measure, and no other one: 100 seeds at each of six points."""

from __future__ import annotations

import math
import statistics
from typing import Any, Final

import pytest
from dummy_library import measures_of, played
from scipy.stats import spearmanr

SEEDS: Final = 100

USUAL: Final[dict[str, Any]] = {
    "pause": ["500ms", "900ms"],
    "patience": "3s",
    "hesitation": "10%",
    "talkativeness": 1.0,
    "interrupts": "20%",
    "backchannels": "30%",
    "asks_again": "20%",
    "memory": "90%",
    "speed": 1.0,
}
"""What the other traits are while one is moved."""

POINTS: Final[dict[str, list[Any]]] = {
    "pause": [[f"{ms}ms", f"{ms + 400}ms"] for ms in (200, 500, 800, 1100, 1400, 1700)],
    "patience": [f"{seconds}s" for seconds in (2, 3, 4, 5, 6, 8)],
    "hesitation": [f"{percent}%" for percent in (0, 8, 16, 24, 32, 40)],
    "talkativeness": [0.0, 0.6, 1.2, 1.8, 2.4, 3.0],
    "interrupts": [f"{percent}%" for percent in (0, 15, 30, 45, 60, 75)],
    "backchannels": [f"{percent}%" for percent in (0, 20, 40, 60, 80, 100)],
    "asks_again": [f"{percent}%" for percent in (0, 10, 20, 30, 40, 50)],
    "memory": [f"{percent}%" for percent in (25, 40, 55, 70, 85, 100)],
    "speed": [0.6, 0.8, 1.0, 1.2, 1.4, 1.6],
}


def interval(values: list[float]) -> tuple[float, float, float]:
    """The mean, and where it may lie with 95 %, by the normal approximation."""
    mean = statistics.fmean(values)
    half = 1.96 * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return mean, mean - half, mean + half


def overlap(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return one[1] <= other[2] + 1e-9 and other[1] <= one[2] + 1e-9


@pytest.mark.prove
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("trait", POINTS)
def test_a_trait_moves_its_own_measure_and_no_other_one(trait: str) -> None:
    found: list[dict[str, tuple[float, float, float]]] = []
    for point in POINTS[trait]:
        runs = [measures_of(played(seed, USUAL | {trait: point})) for seed in range(SEEDS)]
        measured = {name: [run[name] for run in runs if name in run] for name in USUAL}
        found.append({name: interval(values) for name, values in measured.items()})
    for name in USUAL:
        mark = "*" if name == trait else " "
        shown = "  ".join(
            f"{each[name][0]:7.2f} ±{each[name][0] - each[name][1]:5.2f}" for each in found
        )
        print(f"{trait:14}{mark}{name:14}{shown}")
    own = spearmanr(range(len(found)), [each[trait][0] for each in found]).statistic
    print(f"{trait:14} Spearman {own:.3f}")
    assert own >= 0.9
    for name in USUAL.keys() - {trait}:
        assert all(overlap(found[0][name], each[name]) for each in found), name


def test_the_same_seed_gives_the_same_call_and_another_one_another() -> None:
    first, again, other = (played(seed, USUAL) for seed in (1, 1, 2))
    assert first == again
    assert first != other
