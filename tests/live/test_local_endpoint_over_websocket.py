"""Agents that call the local endpoint by its WebSocket door, as any service that has no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dummy_command import ALICE_BOB, nothing_left, play_here

from soundstage import LocalEndpoint
from soundstage.messages import events
from soundstage.results import Run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime

BEHAVIOUR = """
[defaults.realtime.local]
lines = ["Hello, who is there please?", "I see. What is the weather like?"]
"""


def test_two_agents_talk_and_hear_each_other(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.toml"
    with nothing_left(), LocalEndpoint(toml=BEHAVIOUR) as endpoint:
        provider = f'base_url = "{endpoint.base_url}"\ntransport = "websocket"\napi_key = "any"'
        file.write_text(f"{ALICE_BOB.read_text()}\n[providers.elsewhere]\n{provider}\n")
        done = play_here(
            file, "--provider", "elsewhere", "--out", tmp_path / "run", "--ui", "none",
            "--set", "end.turns=3",
        )  # fmt: skip
    assert done.code == 0, done
    seen = [*Run.load(tmp_path / "run").events()]
    turns = [event for event in seen if isinstance(event, events.Turn)]
    assert [(turn.agent, turn.said, turn.cut_by) for turn in turns[:3]] == [
        ("alice", "Hello, who is there please?", ""),
        ("bob", "Hello, who is there please?", ""),
        ("alice", "I see. What is the weather like?", ""),
    ]
    heard = [event for event in seen if isinstance(event, events.HeardText)]
    assert [(each.agent, each.speaker) for each in heard[:3]] == [
        ("bob", "alice"),
        ("alice", "bob"),
        ("bob", "alice"),
    ]
    assert "who is there" in heard[0].text
    # What was said and when it was heard is on one clock: the service counts the audio it is sent.
    for turn, each in zip(turns[:3], heard[:3], strict=True):
        assert each.start < turn.end
        assert each.end > turn.start
