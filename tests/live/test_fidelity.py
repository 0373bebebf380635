"""The same scenarios live and simulated: the same turns, words and order of events."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from soundstage.config.values import word_error_rate
from soundstage.results import Run
from soundstage.run import play
from soundstage.scenario import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(150)]

AHEAD_OF_THE_SOUND = {"saying", "response_done"}
"""A reply is made faster than it is heard; how much faster depends on the machine."""

MEASURED = {"audio", "voice_started", "voice_stopped", "carried"}
"""What the mixer tells: the events of one actor keep their order, and are compared apart."""

WEATHER = """
[agents.bot]
tools = ["get_weather"]
[agents.bot.local]
rules = [
  { heard = "weather in {city}", call = [{ tool = "get_weather", args = { city = "{city}" } }] },
  { tool = "get_weather", say = "It is {sky} there, with a light wind from the west." },
]
[agents.guest]
opening_prompt = "Ask for the weather."
[agents.guest.local]
lines = ["Good morning. Please tell me the weather in Dublin.", "Thank you very much. Goodbye."]
[tools.get_weather]
description = "The weather."
parameters = { type = "object", properties = { city = { type = "string" } } }
mock = [{ returns = { sky = "raining" } }]
[[links]]
between = ["bot", "guest"]
[end]
turns = 3
max = "1m"
"""


def order_by_agent(run: Run, kinds: set[str], *, without: bool) -> dict[str, list[str]]:
    """Each agent's types of events, in the order of the log."""
    order: dict[str, list[str]] = defaultdict(list)
    for event in run.events():
        kind = type(event).__struct_config__.tag
        if event.agent and (kind in kinds) != without:
            order[event.agent].append(str(kind))
    return order


@pytest.mark.parametrize("name", ["alice_bob", pytest.param("weather", marks=pytest.mark.prove)])
def test_a_simulated_run_is_the_live_one_in_turns_words_and_order(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "weather.toml").write_text(WEATHER)
    file = name if name == "alice_bob" else tmp_path / "weather.toml"
    sets = ("end.turns=4",) if name == "alice_bob" else ()
    runs: dict[str, Run] = {}
    for clock in ("wall", "virtual"):
        play(load_scenario(file, clock=clock, sets=sets), out=tmp_path / clock)
        runs[clock] = Run.load(tmp_path / clock)
    live, simulated = runs["wall"], runs["virtual"]
    assert (live.outcome, live.reason) == (simulated.outcome, simulated.reason)
    turns = [(turn.agent, turn.generated) for turn in live.turns]
    assert turns == [(turn.agent, turn.generated) for turn in simulated.turns]
    words = [" ".join(turn.text for turn in run.turns) for run in (live, simulated)]
    assert word_error_rate(*words) <= 0.05
    apart = AHEAD_OF_THE_SOUND | MEASURED
    assert order_by_agent(live, apart, without=True) == order_by_agent(
        simulated, apart, without=True
    )
    heard = {"voice_started", "voice_stopped", "carried"}
    assert order_by_agent(live, heard, without=False) == order_by_agent(
        simulated, heard, without=False
    )
