"""Live agents that call a provider as they call OpenAI: with its key, over either transport."""

from __future__ import annotations

from pathlib import Path

import pytest
from dummy_command import nothing_left, play_here

from soundstage import LocalEndpoint
from soundstage.messages import events
from soundstage.results import Run
from soundstage.scenario import providers

pytestmark = pytest.mark.realtime

DESK = Path(__file__).parents[2] / "scenarios" / "alice_bob_live.toml"
BEHAVIOUR = """
[defaults.realtime.local]
lines = ["Hello, who is there please?", "I see. What is the weather like?"]

[defaults.realtime.local.duplex]
backchannel = "never"
"""
KEY = "sk-of-a-double"


@pytest.mark.parametrize(
    "transport", [pytest.param("webrtc", marks=pytest.mark.prove), "websocket"]
)
def test_two_live_agents_talk_at_a_double_of_openai(
    transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    file, out = tmp_path / "elsewhere.toml", tmp_path / "run"
    file.write_text(f'{DESK.read_text()}\n[providers.openai]\ntransport = "{transport}"\n')
    with nothing_left(), LocalEndpoint(toml=BEHAVIOUR, api_key=KEY) as endpoint:
        monkeypatch.setattr(providers, "_OPENAI_URL", endpoint.base_url)
        done = play_here(
            file, "--provider", "openai", "--out", out, "--ui", "none", "--set", "end.turns=3"
        )
    assert done.code == 0, done
    run = Run.load(out)
    turns = run.events(events.Turn)
    assert [turn.agent for turn in turns[:3]] == ["alice", "bob", "alice"]
    assert turns[0].said == "Hello, who is there please?"
    heard = run.events(events.HeardText)
    assert [(each.agent, each.speaker) for each in heard[:2]] == [
        ("bob", "alice"),
        ("alice", "bob"),
    ]
    assert "who is there" in heard[0].text
    # What was said and when it was heard is on one clock: the timeline is that of what is sent.
    assert heard[0].start < turns[0].end
    assert heard[0].end > turns[0].start
    written = [path for path in out.rglob("*") if path.is_file()]
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
