"""Voice frameworks in Python, as the package index has them, against the endpoint.

Each is installed into a virtual environment of its own, for they do not agree on their versions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dummy_service import say

from soundstage import LocalEndpoint

PROGRAMS = Path(__file__).parent / "programs"
ANSWER = "It is grey there."
QUESTION = "What is the weather in Dublin?"
REQUEST = "Please say something long."
CITIES = "We know about every city. " * 3
BEHAVIOUR = f"""
[defaults.realtime.local]
rules = [
  {{ heard = "in {{city}}", call = [
    {{ tool = "get_weather", args = {{ location = "{{city}}" }} }},
    {{ tool = "desk-get_weather", args = {{ location = "{{city}}" }} }},
  ] }},
  {{ tool = "get_weather", say = "It is {{sky}} there." }},
  {{ tool = "desk-get_weather", say = "It is {{sky}} there." }},
  {{ heard = "something long", say = "This is a long answer. It goes on. {CITIES}" }},
  {{ heard = "refund", call = [{{ tool = "transfer_to_refunds" }}] }},
  {{ tool = "transfer_to_refunds", say = "Refunds. What is your order?" }},
]
otherwise = "Goodbye."

[defaults.realtime.local.duplex]
backchannel = "never"
"""

pytestmark = [pytest.mark.prove, pytest.mark.realtime, pytest.mark.timeout(1200)]


def run_program(folder: Path, program: str, *packages: str) -> dict[str, Any]:
    """Install a framework, and have a program made with it talk with the endpoint."""
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=120)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if installed.returncode:
        pytest.skip(f"pip cannot install: {installed.stderr[-300:]}")
    said = {"SAID": QUESTION, "SAID_LONG": REQUEST}
    for name, text in said.items():
        (folder / name).write_bytes(say(text))
    with LocalEndpoint(toml=BEHAVIOUR) as endpoint:
        done = subprocess.run(
            [python, "-W", "ignore", PROGRAMS / program],
            cwd=folder,
            env=os.environ
            | {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "any"}
            | {name: str(folder / name) for name in said},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == []
    return found


def test_livekits_agents_hand_a_call_over(tmp_path: Path) -> None:
    packages = "livekit-agents==1.8.9", "livekit-plugins-openai==1.8.9"
    found = run_program(tmp_path, "livekit_desk.py", *packages)
    assert found["calls"] == ["Dublin", "refunds", "Dublin"]
    said = [text for text, _ in found["said"]]
    assert (said[0], said[-1]) == (ANSWER, ANSWER)
    assert [cut for _, cut in found["said"]].count(True) == 1
    assert found["heard"] == [QUESTION, REQUEST, "I would like a refund.", QUESTION]


def test_pipecat_is_interrupted_in_speech(tmp_path: Path) -> None:
    found = run_program(tmp_path, "pipecat_desk.py", "pipecat-ai[openai,websocket]==1.14.0")
    assert found["calls"] == ["Dublin", "Dublin"]
    assert found["truncated"]
    assert found["heard"] == ["Hello?", QUESTION, REQUEST, QUESTION]


def test_vision_agents_over_webrtc(tmp_path: Path) -> None:
    found = run_program(tmp_path, "vision_desk.py", "vision-agents-plugins-openai==0.6.9")
    assert found["calls"] == ["Dublin", "Dublin"]
    assert len(found["truncated"]) == 1
    assert found["heard"] == [QUESTION, QUESTION]


def test_semantic_kernel_over_a_websocket(tmp_path: Path) -> None:
    package = "semantic-kernel[realtime]==1.45.0"
    found = run_program(tmp_path, "semantic_kernel_desk.py", package)
    assert found["calls"] == ["Dublin"]
    assert found["truncated"] == [100]
    assert found["heard"] == [QUESTION]


def test_strands_is_interrupted_in_speech(tmp_path: Path) -> None:
    package = "strands-agents[bidi,bidi-openai,openai]==1.62.0"
    found = run_program(tmp_path, "strands_desk.py", package)
    assert found["calls"] == ["Dublin", "Dublin"]
    assert found["heard"] == [QUESTION, QUESTION]


LIVE_PACKAGES = {
    "livekit_live_desk.py": ("livekit-agents==1.8.9", "livekit-plugins-openai==1.8.9"),
    "pipecat_live_desk.py": ("pipecat-ai[openai,websocket]==1.14.0",),
    "pydantic_live_desk.py": ("pydantic-ai-slim[openai-realtime]==2.68.0",),
}


@pytest.mark.parametrize("program", LIVE_PACKAGES)
def test_a_full_duplex_conversation_with_a_tool_and_an_interruption(
    tmp_path: Path, program: str
) -> None:
    found = run_program(tmp_path, program, *LIVE_PACKAGES[program])
    assert found["calls"] == ["Dublin", "Dublin"]
    assert found["heard"][:3] == [QUESTION, REQUEST, QUESTION]
    said = "".join(found["said"]).replace(" ", "")
    assert said.count(ANSWER.replace(" ", "")) == 2
    # The model fell silent by itself: most of the long answer was never heard.
    assert "Thisisalong" in said
    assert said.count("Weknowabouteverycity.") <= 1
