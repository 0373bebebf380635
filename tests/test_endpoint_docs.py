"""What the pages about the endpoint show is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from soundstage.endpoint import load_behaviour
from soundstage.endpoint.http.auth import MOST_KEYS
from soundstage.endpoint.http.request_bodies import MOST_BYTES, STALLS_AFTER
from soundstage.endpoint.server import MOST_MESSAGE_BYTES
from soundstage.endpoint.session_registry import MOST_SESSIONS
from soundstage.endpoint.transports.webrtc_call import MOST_SIDEBANDS
from soundstage.endpoint.transports.websocket_protocol import MOST_PINGS, PINGS_COUNTED
from soundstage.endpoint.transports.websocket_session import IDLE, MOST_WAITING
from soundstage.serving.http_server import REQUEST_WITHIN
from soundstage.units import seconds_of

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "endpoint.md").read_text()
TESTING = (DOCS / "test-your-client.md").read_text()
MIB = 1024 * 1024


def block(page: str, language: str) -> str:
    [only] = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return str(only)


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_configuration_is_right(tmp_path: Path) -> None:
    path = tmp_path / "endpoint.toml"
    path.write_text(block(PAGE, "toml"))
    behaviour = load_behaviour(path)
    assert behaviour.seed == 7
    assert behaviour.default.voice == "marin"
    assert behaviour.answering(("refunds",))[1].local.rules[0].call[0].tool == "find_order"
    assert behaviour.answering(("broken",))[1].local.faults[0].kind == "refuse"
    assert behaviour.warnings == ()


@pytest.mark.realtime
def test_the_program_prints_its_answer(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(block(PAGE, "python"))
    assert run(tmp_path, "hello.py") == "Hello.\n"


@pytest.mark.realtime
def test_the_tests_of_a_client_pass(tmp_path: Path) -> None:
    (tmp_path / "test_my_client.py").write_text(block(TESTING, "python"))
    assert "3 passed" in run(
        tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"
    )


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("sessions at the same time, over all transports", f"{MOST_SESSIONS}"),
        ("sidebands of a call", f"{MOST_SIDEBANDS}"),
        ("an HTTP body", f"{MOST_BYTES // MIB} MiB"),
        ("a body that stalls", f"{STALLS_AFTER:g} s"),
        ("a connection without a request, or with half of one", f"{REQUEST_WITHIN:g} s"),
        ("a WebSocket message", f"{MOST_MESSAGE_BYTES // MIB} MiB"),
        ("a client that does not read its events", f"{MOST_WAITING // MIB} MiB"),
        ("pings", f"{MOST_PINGS} in {PINGS_COUNTED:g} s"),
        ("a WebSocket that sends nothing", f"{seconds_of(IDLE) / 60:g} minutes"),
        ("ephemeral keys", f"{MOST_KEYS:,}"),
    ],
)
def test_every_limit_is_the_one_that_holds(limit: str, told: str) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| {limit} |")]
    assert f"| {told}" in row
