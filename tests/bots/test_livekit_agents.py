"""Real agents of LiveKit's framework, held to the contract of our double of their console."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dummy_bot_call import noted
from dummy_conversation import hold
from dummy_venv import python_with

from soundstage import run_scenario
from soundstage.bots import BotTarget, WireFormat
from soundstage.bots.livekit_console import ConsoleDialect
from soundstage.cli.new_command import write_starter
from soundstage.units import SILENCE

pytestmark = [pytest.mark.prove, pytest.mark.realtime, pytest.mark.timeout(1200)]

PROGRAMS = Path(__file__).parent / "programs"
EXPECTED = {"greets", "asks-its-tool", "is-cut", "hours", "parking", "goodbye", "unanswered"}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    packages = "livekit-agents==1.8.9", "livekit-plugins-openai==1.8.9"
    return python_with(tmp_path_factory.mktemp("livekit"), *packages)


def test_a_livekit_agent_holds_six_turns_with_a_tool_and_an_interruption(
    tmp_path: Path, python: str
) -> None:
    agent = str(PROGRAMS / "livekit_agent.py")
    command = [python, "-m", "livekit.agents", "console", agent]
    run, log = hold(tmp_path, [*command, "--connect-addr", "127.0.0.1:{port}"], "livekit-console")
    assert {e.id: e.status for e in run.expectations} == dict.fromkeys(EXPECTED, "passed")
    assert run.outcome == "ended"
    assert log.count("tool get_weather") == 1
    (call,) = noted(run, "bot_call")
    assert call["buffered_ms"] > 1000
    assert call["dropped_ms"] > 1000
    items = noted(run, "conversation_item_added")
    assert [i["interrupted"] for i in items if i.get("role") == "assistant"].count(True) == 1
    (executed,) = noted(run, "function_tools_executed")
    assert executed["calls"][0]["tool"] == "get_weather"
    assert {"old": "speaking", "new": "listening"} in noted(run, "agent_state_changed")
    gap = run.metrics["desk"].response_gap
    print(f"livekit-console: {run.metrics['desk'].turns} turns, response gap {gap}")


def test_the_folder_to_start_from_runs_with_a_real_agent(tmp_path: Path, python: str) -> None:
    write_starter(tmp_path / "my_bot", "livekit")
    file = tmp_path / "my_bot" / "my_bot.toml"
    file.write_text(file.read_text().replace("{python}", python))
    run = run_scenario(file, clock="wall", out=tmp_path / "run")
    assert run.outcome == "ended"
    assert run.metrics["bot"].talk_time > 0.5


class Line:
    """Keeps what a dialect tells."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def audio(self, audio: bytes) -> None:
        self.told.append(audio)

    def form(self, form: WireFormat) -> None:
        raise AssertionError(form)

    def mark(self, name: str) -> bool:
        self.told.append(name)
        return False

    def clear(self) -> list[str]:
        self.told.append("clear")
        return []

    def keys(self, keys: str) -> None:
        raise AssertionError(keys)

    def note(self, name: str, data: dict[str, Any]) -> None:
        self.told.append((name, data))


def test_messages_are_those_of_livekits_own_library(python: str) -> None:
    line = Line()
    dialect = ConsoleDialect(BotTarget(), line)
    ours = [*dialect.opening(), *dialect.audio(SILENCE), *dialect.played("1")]
    program = PROGRAMS / "livekit_messages.py"
    given = [each.hex() for each in ours if isinstance(each, bytes)]
    done = subprocess.run(
        [python, program, *given], capture_output=True, text=True, check=True, timeout=120
    )
    theirs = json.loads(done.stdout)
    samples = theirs["read"][1].pop(3)
    assert theirs["read"] == [
        ["request", "get_framework_info"],
        ["audio_input", 48_000, 1, 2 * samples],
        ["audio_playback_finished", 0, 0, 0, 0],
    ]
    for message in theirs["written"]:
        dialect.receive(bytes.fromhex(message))
    assert dialect.framework == "python 1.8.9"
    look = {"tool": "look", "arguments": "{}"}
    assert line.told == [
        b"\1\0\2\0",
        "1",
        "clear",
        ("agent_state_changed", {"old": "thinking", "new": "speaking"}),
        ("user_state_changed", {"old": "speaking", "new": "away"}),
        ("user_input_transcribed", {"text": "Hi", "final": True}),
        (
            "conversation_item_added",
            {"role": "assistant", "text": "Good \nday.", "interrupted": True},
        ),
        (
            "function_tools_executed",
            {"calls": [look], "outputs": [{"output": "grey", "is_error": True}]},
        ),
        ("function_tools_started", {"calls": [look]}),
        ("error", {"message": "no model"}),
        ("agent_false_interruption", {"resumed": True}),
    ]
