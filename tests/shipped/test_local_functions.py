"""The weather bot: words heard, a function called, the answer spoken and heard."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from soundstage.config.values import normalize, word_error_rate
from soundstage.messages.events import HeardText
from soundstage.results import Run
from soundstage_agents.weather import get_weather

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario

WEATHER = {
    "Canberra": ("cloudy", 15),
    "Dublin": ("raining", 7),
    "Hobart": ("sunny", 25),
    "Melbourne": ("cold and wet", 11),
    "Sydney": ("humid and stormy", 30),
    "Perth": ("hot and dry", 40),
    "London": ("sunny", 20),
}


@pytest.mark.parametrize("city", WEATHER)
def test_the_answers_are_fixed(city: str) -> None:
    for written in (city, city.lower(), f" {city.upper()} ", f"{city}, please"):
        weather = get_weather(written)
        assert (weather["description"], weather["temperature"]) == WEATHER[city]


def assert_every_city_was_asked_and_answered(run: Run) -> None:
    assert (run.outcome, run.reason) == ("ended", "turns")
    calls = run.tool_calls("get_weather")
    assert [call.arguments["location"] for call in calls] == list(WEATHER)
    answers = [event.text for event in run.events(HeardText, "caller")]
    for call, heard, (city, (description, degrees)) in zip(
        calls, answers, WEATHER.items(), strict=True
    ):
        assert call.result == {
            "location": city,
            "description": description,
            "temperature": degrees,
        }
        # What is asked for must be understood; the name of a city may be spelled its own way.
        wanted = f"is {description} with {degrees} degrees"
        assert " ".join(normalize(wanted)) in " ".join(normalize(heard))
        assert word_error_rate(f"The weather in {city} {wanted}", heard) <= 0.2


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(2, 10))]
)
def test_a_spoken_round_trip_works_for_every_city(run_scenario: RunScenario, seed: int) -> None:
    run = run_scenario("local_functions", seed=seed)
    assert_every_city_was_asked_and_answered(run)
    assert {call.latency for call in run.tool_calls()} == {0.3}


@pytest.mark.realtime
@pytest.mark.timeout(150)
@pytest.mark.prove
def test_a_spoken_round_trip_works_live(tmp_path: Path) -> None:
    command = "from soundstage.cli import run_scenario; run_scenario()"
    done = subprocess.run(
        [sys.executable, "-c", command, "local_functions", "--ui", "none", "--out", tmp_path / "r"],
        capture_output=True,
        text=True,
        timeout=140,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert_every_city_was_asked_and_answered(Run.load(tmp_path / "r"))
