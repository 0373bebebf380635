"""A call on a bad line: it sounds like one, and is understood all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.audio import to_float
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soundstage import Run
    from soundstage.pytest_plugin import RunScenario

LINKS = [{"between": ["caller", "desk"]}]


def above_the_band(sound: NDArray[np.int16]) -> float:
    """The share of the power above 4 kHz, which a telephone does not carry."""
    power = np.abs(np.fft.rfft(to_float(sound.tobytes()))) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    return float(power[frequency > 4_200].sum() / power.sum())


def test_the_caller_is_understood_and_finds_the_train(run_scenario: RunScenario) -> None:
    run = run_scenario("phone_line")
    assert (run.outcome, run.reason) == ("ended", "turns")
    assert [turn.agent for turn in run.turns] == ["desk", "caller"] * 3 + ["desk"]
    assert "train to London" in run.heard_by("desk")
    assert "to London leaves at half past nine" in run.said_by("desk")
    assert run.turns[-1].text == "Have a good journey. Goodbye."


@pytest.mark.parametrize("agent", ["desk", "caller"])
def test_what_is_heard_is_of_telephone_quality(run_scenario: RunScenario, agent: str) -> None:
    run = run_scenario("phone_line", set={"end.turns": 3})
    other = "caller" if agent == "desk" else "desk"
    assert above_the_band(run.audio(other)) > 0.001
    assert above_the_band(run.audio(agent, "heard")) < 0.0005


def test_packets_are_lost_and_hidden_on_the_caller_s_way_only(run_scenario: RunScenario) -> None:
    """The same words come differently with and without the weather."""

    def heard(run: Run, agent: str) -> bytes:
        return run.audio(agent, "heard").tobytes()

    bad = run_scenario("phone_line", set={"end.turns": 3})
    fair = run_scenario("phone_line", set={"end.turns": 3, "links": LINKS})
    assert bad.audio("caller").tobytes() == fair.audio("caller").tobytes()
    assert heard(bad, "caller") == heard(fair, "caller")
    assert heard(bad, "desk") != heard(fair, "desk")


@pytest.mark.parametrize("seed", range(5))
def test_any_weather_will_do(run_scenario: RunScenario, seed: int) -> None:
    assert run_scenario("phone_line", seed=seed).outcome == "ended"
