"""A call over a network that is lost in the midst of a conversation, which goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage import LocalEndpoint, run_scenario
from soundstage.messages import events
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage import Run

pytestmark = pytest.mark.realtime

SCENE = """
[end]
when = [{{ agent = "bob", said = "goodbye" }}]
silence = "20s"
max = "60s"
[[links]]
between = ["alice", "bob"]
[tools.weather]
description = "The weather in a city."
parameters = {{ type = "object", properties = {{ city = {{ type = "string" }} }} }}
mock = [{{ returns = {{ sky = "sunny" }} }}]
latency = "1500ms"
[agents.alice]
voice = "ash"
opening_prompt = "Begin."
[agents.alice.local]
lines = ["What is the weather in Oslo?", "Thank you very much for this answer."]
[agents.bob]
on_drop = "reconnect"
tools = ["weather"]
[agents.bob.local]
rules = [
  {{ heard = "weather in Oslo", call = [{{ tool = "weather", args = {{ city = "Oslo" }} }}] }},
  {{ tool = "weather", say = "It is {{sky}} in Oslo today." }},
  {{ heard = "thank you", say = "You are welcome, goodbye." }},
]
faults = [{{ {fault}, session = 1 }}]
"""


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param('kind = "drop", nth = 1, after = "300ms"', id="while the tool is at work"),
        pytest.param(
            'kind = "expire", after = "800ms"',
            id="while the other one speaks",
            marks=pytest.mark.prove,
        ),
    ],
)
def test_a_session_over_a_network_is_placed_again_and_answers_once(
    fault: str, tmp_path: Path
) -> None:
    toml = SCENE.format(fault=fault)
    check(run_scenario(toml=toml, clock="wall", out=tmp_path / "run", check=False))


BEHAVIOUR = """
[agents.alice.local]
lines = ["What is the weather in Oslo?", "Thank you very much for this answer."]
[agents.bob.local]
rules = [
  { heard = "weather in Oslo", call = [{ tool = "weather", args = { city = "Oslo" } }] },
  { tool = "weather", say = "It is {sky} in Oslo today." },
  { heard = "thank you", say = "You are welcome, goodbye." },
]
faults = [{ kind = "drop", nth = 1, after = "300ms", session = 1 }]
"""

ELSEWHERE = """
[end]
when = [{{ agent = "bob", said = "goodbye" }}]
silence = "20s"
max = "60s"
[[links]]
between = ["alice", "bob"]
[tools.weather]
description = "The weather in a city."
parameters = {{ type = "object", properties = {{ city = {{ type = "string" }} }} }}
mock = [{{ returns = {{ sky = "sunny" }} }}]
latency = "1500ms"
[providers.elsewhere]
base_url = "{url}"
transport = "websocket"
api_key = "any"
[defaults.realtime]
provider = "elsewhere"
on_drop = "reconnect"
[agents.alice]
model = "alice"
opening_prompt = "Begin."
[agents.bob]
model = "bob"
tools = ["weather"]
"""


def test_a_session_over_a_websocket_is_placed_again_with_its_tool_at_work(tmp_path: Path) -> None:
    with LocalEndpoint(toml=BEHAVIOUR) as endpoint:
        toml = ELSEWHERE.format(url=endpoint.base_url)
        run = run_scenario(toml=toml, clock="wall", out=tmp_path / "run", check=False)
    check(run)


def check(run: Run) -> None:
    assert (run.outcome, run.reason) == ("ended", "when[0]")
    [lost], [again] = run.events(events.Dropped), run.events(events.Reconnected)
    assert (lost.agent, again.agent, again.attempts) == ("bob", "bob", 1)
    assert 0 < seconds_of(again.gap) < 10
    assert [call.tool for call in run.events(events.ToolCalled)] == ["weather"]
    said = [turn.text for turn in run.turns if turn.agent == "bob"]
    assert said == ["It is sunny in Oslo today.", "You are welcome, goodbye."]
    print(f"the gap was {seconds_of(again.gap):.2f} s")
