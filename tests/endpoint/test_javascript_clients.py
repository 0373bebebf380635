"""Clients in JavaScript, as npm has them, against the endpoint; with Node, and npm's registry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dummy_chromium import find_chromium, launch, record
from dummy_page import DummyPage
from playwright.sync_api import sync_playwright

from soundstage import LocalEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable

CHROMIUM = find_chromium()
NODE, NPM = shutil.which("node"), shutil.which("npm")
PROGRAMS = Path(__file__).parent.parent / "javascript"
BEHAVIOUR = """
[agents.refunds.local]
rules = [
  { heard = "in {city}", call = [{ tool = "get_weather", args = { location = "{city}" } }] },
  { tool = "get_weather", say = "It is {sky} there." },
  { heard = "something long", say = "This is a long answer. It goes on, and it is cut." },
]
otherwise = "Goodbye."
"""
TLS_BEHAVIOUR = BEHAVIOUR.replace("agents.refunds", "defaults.realtime")

pytestmark = [
    pytest.mark.prove,
    pytest.mark.realtime,
    pytest.mark.timeout(300),
    pytest.mark.skipif(NODE is None or NPM is None, reason="Node and npm are not installed"),
]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs, with their packages installed."""
    folder: Path = tmp_path_factory.mktemp("node")
    for file in PROGRAMS.iterdir():
        shutil.copy(file, folder)
    installed = subprocess.run(
        [str(NPM), "install", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    if installed.returncode:
        pytest.skip(f"npm cannot install: {installed.stderr[-300:]}")
    return folder


@pytest.fixture
def run_program(packages: Path) -> Callable[..., Any]:
    """Runs one of the programs."""

    def run(program: str, **environment: str) -> Any:
        done = subprocess.run(
            [str(NODE), program],
            cwd=packages,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_the_agents_framework_over_a_websocket_keeps_the_table_that_its_url_names(
    run_program: Callable[..., Any],
) -> None:
    with LocalEndpoint(toml=BEHAVIOUR) as endpoint:
        found = run_program("agents_ws.mjs", OPENAI_BASE_URL=endpoint.base_url)
    assert found["calls"] == ["Dublin"]
    assert found["said"] == "It is grey there."
    assert found["model"].startswith("gpt-realtime")
    assert found["instructions"] == "Be brief."
    assert found["errors"] == []


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_the_agents_framework_over_webrtc_in_a_page(packages: Path, tmp_path: Path) -> None:
    bundle = packages / "node_modules/@openai/agents-realtime/dist/bundle"
    library = (bundle / "openai-realtime-agents.umd.js").read_bytes()
    script = (PROGRAMS / "agents_page.js").read_text()
    said = record(tmp_path / "said.wav", "What is the weather in Dublin?", before=1.0, after=9.0)
    with (
        LocalEndpoint(toml=BEHAVIOUR) as endpoint,
        DummyPage(script, endpoint.base_url, library).serving() as address,
        sync_playwright() as playwright,
        launch(playwright.chromium, str(CHROMIUM), said) as browser,
    ):
        page = browser.new_page()
        page.goto(address)
        spoken = "seen.events.some((e) => e.type == 'response.output_audio_transcript.done')"
        page.wait_for_function(f"() => seen.failed || {spoken}", timeout=60_000)
        found = page.evaluate("seen")
        page.wait_for_function("() => window.audio.currentTime > 1", timeout=20_000)
    assert found.get("failed") is None
    assert found["errors"] == []
    assert found["calls"] == ["Dublin"]
    done = "response.output_audio_transcript.done"
    [transcript] = [e["transcript"] for e in found["events"] if e["type"] == done]
    assert transcript == "It is grey there."


def test_openais_sdk_over_a_websocket_with_tls(
    run_program: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with LocalEndpoint(toml=TLS_BEHAVIOUR, tls=True) as endpoint:
        found = run_program(
            "openai_ws.mjs",
            OPENAI_BASE_URL=endpoint.base_url,
            OPENAI_API_KEY="any",
            NODE_EXTRA_CA_CERTS=str(endpoint.certificate),
        )
    assert found["url"].startswith("wss://127.0.0.1:")
    assert found["arguments"] == {"location": "Dublin"}
    assert found["said"] == "It is grey there."
    assert found["text"] == "Goodbye."
    assert found["errors"] == 0
