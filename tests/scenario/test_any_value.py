"""Whatever stands anywhere in a scenario is taken or told: there is never a traceback."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundstage.config import walk, written_path
from soundstage.errors import UsageError
from soundstage.scenario import describe_graph, load_scenario, resolved

RICH = """
[scenario]
name = "Rich"
seed = 7
under_test = ["alice"]
include = []
[providers.mine]
base_url = "https://example.com/v1"
auth = "key"
api_key = "planted"
headers = { A = "planted" }
[speech]
vad = "silero"
[defaults.realtime]
model = "m"
turn_detection = { type = "server_vad", threshold = 0.5, silence_duration = "300ms" }
[agents.alice]
kind = "realtime"
voice = "ash"
provider = "mine"
tools = ["pay"]
on_fault = "end"
restarts = 1
instructions = "Be brief."
session = { audio = { input = { noise_reduction = { type = "far_field" } } } }
[agents.alice.local]
lines = ["One.", "Two."]
think = ["1s", "2s"]
otherwise = "Sorry?"
rules = [
  { heard = "pay {n:number}", call = [{ tool = "pay", args = { amount = "{n:number}" } }] },
  { heard = { pattern = "(?P<x>yes)" }, say = "{x}!" },
  { tool = "pay", failed = true, say = "No." },
]
[agents.guard]
kind = "dummy_kinds:DummyGuard"
words = ["damn"]
mute_for = "1s"
[[links]]
between = ["alice", "guard"]
[tools.pay]
python = "dummy_kinds:pay"
mock = [{ when = { amount = 1 }, returns = { paid = 1 } }, { error = "no" }]
timeout = "1s"
latency = "1s"
[end]
turns = 2
silence = "8s"
max = "1m"
when = [{ agent = "alice", said = "bye", nth = 2 }, { tool = "pay", args = { a = 1 } }]
[record]
tracks = ["said"]
wire = true
"""
PATHS = sorted(
    written_path(path).replace("[", ".").replace("]", "")
    for path, _ in walk(tomllib.loads(RICH))
    if path
)
JUNK = st.sampled_from(
    [
        *("1", "-1", "0.5", "nan", "-inf", "9223372036854775808", "true", "2020-01-01", "07:00:00"),
        *("''", "'x'", "'{'", "'{x}'", "'${HOME}'", "'1s'", "'a:b'", "'./x.py:X'", "'\\u0000'"),
        *("[]", "[1]", "['x']", "[[]]", "[{}]", "[[], {}]", "['1s', '2s']"),
        *("{}", "{ x = 1 }", "{ file = 'x' }", "{ file = 1 }", "{ pattern = '(' }", "{ '' = {} }"),
    ]
)


@pytest.fixture(scope="module")
def rich(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("rich") / "rich.toml"
    path.write_text(RICH)
    return path


def test_the_scenario_is_right_before_anything_is_put_into_it(rich):
    scenario = load_scenario(rich)
    assert scenario.warnings == ()
    assert "planted" not in repr(scenario) + repr(resolved(scenario))


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from(PATHS), JUNK), min_size=1, max_size=3))
def test_any_value_anywhere_is_taken_or_told(rich, changes):
    said = outcome(rich, [f"{path}={junk}" for path, junk in changes])
    assert said
    assert "planted" not in said
    assert "Traceback" not in said


def outcome(path: Path, sets: list[str]) -> str:
    """All that a user would see of a scenario, right or wrong."""
    try:
        scenario = load_scenario(path, sets=sets)
    except UsageError as error:
        return str(error)
    return describe_graph(scenario) + str(resolved(scenario)) + repr(scenario)
