from __future__ import annotations

import json

from soundstage.scenario import load_scenario, resolved


def test_what_was_run_is_written_as_it_could_be_read_again(write, call, tmp_path):
    path = write(
        call
        + """
[defaults.realtime]
turn_detection = { silence_duration = "300ms" }
[agents.bob.local]
rules = [{ heard = { pattern = "order (?P<n>[0-9]+)" }, say = "{n}!" }]
think = ["1s", "2s"]
[record]
wire = true
"""
    )
    written = resolved(load_scenario(path, seed=3))
    assert written["scenario"]["seed"] == 3
    assert written["agents"]["alice"]["voice"] == "shimmer"
    assert written["agents"]["alice"]["turn_detection"]["silence_duration"] == "300ms"
    assert written["agents"]["bob"]["local"]["think"] == ["1s", "2s"]
    assert written["links"] == [{"between": ["alice", "bob"], "effects": []}]
    assert written["end"] == {"turns": 4, "when": [], "max": "5m"}
    again = tmp_path / "again.toml"
    again.write_text("".join(_toml(key, value) for key, value in written.items()))
    assert resolved(load_scenario(again)) == written


def test_secrets_are_masked_and_sets_have_an_order(write, call):
    path = write(
        call + '[agents.guard]\nkind = "dummy_kinds:DummyGuard"\ntoken = "planted"\n'
        'words = ["d", "a", "c", "b"]\n'
    )
    guard = resolved(load_scenario(path))["agents"]["guard"]
    assert guard["token"] == "********"
    assert guard["words"] == ["a", "b", "c", "d"]
    assert guard["mute_for"] == "10s"


def _toml(key: str, value: object) -> str:
    """One key as a line of TOML; JSON's tables become inline tables."""
    return f"{key} = {_inline(value)}\n"


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
