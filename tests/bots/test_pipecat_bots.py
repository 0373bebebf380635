"""Real bots of Pipecat, held to the contract of our doubles of them, on three transports."""

from __future__ import annotations

from pathlib import Path

import pytest
from dummy_bot_call import noted
from dummy_conversation import hold
from dummy_venv import python_with

from soundstage import run_scenario
from soundstage.cli.new_command import write_starter

pytestmark = [pytest.mark.prove, pytest.mark.realtime, pytest.mark.timeout(1200)]

AGENT = str(Path(__file__).parent / "programs" / "pipecat_agent.py")
EXPECTED = {"greets", "asks-its-tool", "is-cut", "hours", "parking", "goodbye", "unanswered"}
STATUS = 'url = "http://127.0.0.1:{port}/status"'
URLS = {
    "pipecat-websocket": "ws://127.0.0.1:{port}/ws-client",
    "pipecat-webrtc": "http://127.0.0.1:{port}/api/offer",
    "twilio": "ws://127.0.0.1:{port}/ws",
}
PACKAGE = "pipecat-ai[webrtc,websocket,runner,openai]==1.14.0"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    return python_with(tmp_path_factory.mktemp("pipecat"), PACKAGE)


@pytest.mark.parametrize("transport", URLS)
def test_a_bot_of_pipecat_holds_six_turns_with_a_tool_and_an_interruption(
    tmp_path: Path, python: str, transport: str
) -> None:
    command = [python, AGENT, "--port", "{port}"]
    run, log = hold(tmp_path, command, transport, url=URLS[transport], ready=STATUS)
    assert {e.id: e.status for e in run.expectations} == dict.fromkeys(EXPECTED, "passed")
    assert run.outcome == "ended"
    assert log.count("tool get_weather") == 1
    assert "disconnected" in log
    (call,) = noted(run, "bot_call")
    gap = run.metrics["desk"].response_gap
    print(f"{transport}: {run.metrics['desk'].turns} turns, response gap {gap}, {call}")
    if transport != "twilio":
        (ready,) = noted(run, "bot_ready")
        assert ready["about"]["library_version"] == "1.14.0"
        assert noted(run, "bot_interrupted")
        assert noted(run, "llm_function_call_started")


def test_the_folder_to_start_from_runs_with_a_real_bot(tmp_path: Path, python: str) -> None:
    write_starter(tmp_path / "my_bot", "pipecat")
    file = tmp_path / "my_bot" / "my_bot.toml"
    file.write_text(file.read_text().replace("{python}", python))
    run = run_scenario(file, clock="wall", out=tmp_path / "run")
    assert run.outcome == "ended"
    assert run.metrics["bot"].talk_time == pytest.approx(1.0, abs=0.4)
