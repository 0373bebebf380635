"""Clients in JavaScript, as npm has them, against the endpoint; with Node, and npm's registry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from soundstage import LocalEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable

NODE, NPM = shutil.which("node"), shutil.which("npm")
PROGRAMS = Path(__file__).parent.parent / "javascript"
BEHAVIOUR = """
[defaults.realtime.local]
rules = [
  { heard = "in {city}", call = [{ tool = "get_weather", args = { location = "{city}" } }] },
  { tool = "get_weather", say = "It is {sky} there." },
  { heard = "something long", say = "This is a long answer. It goes on, and it is cut." },
]
otherwise = "Goodbye."
"""

pytestmark = [
    pytest.mark.prove,
    pytest.mark.realtime,
    pytest.mark.timeout(300),
    pytest.mark.skipif(NODE is None or NPM is None, reason="Node and npm are not installed"),
]


@pytest.fixture(scope="module")
def run_program(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs one of the programs with its packages installed."""
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

    def run(program: str, **environment: str) -> Any:
        done = subprocess.run(
            [str(NODE), program],
            cwd=folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_openais_sdk_over_a_websocket_with_tls(
    run_program: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with LocalEndpoint(toml=BEHAVIOUR, tls=True) as endpoint:
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
