"""What the pages about the endpoint show is run as it stands there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soundstage.endpoint import load_behaviour
from soundstage.endpoint.http.auth import MOST_KEYS
from soundstage.endpoint.http.request_bodies import MOST_BYTES, STALLS_AFTER
from soundstage.endpoint.server import MOST_MESSAGE_BYTES
from soundstage.endpoint.session_registry import MOST_SESSIONS
from soundstage.endpoint.transports.webrtc_call import MOST_SIDEBANDS
from soundstage.endpoint.transports.websocket_protocol import MOST_PINGS, PINGS_COUNTED
from soundstage.endpoint.transports.websocket_session import IDLE, MOST_WAITING
from soundstage.realtime import SessionConfig
from soundstage.serving.http_server import REQUEST_WITHIN
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "endpoint.md").read_text()
PROTOCOL = (DOCS / "endpoint-protocol.md").read_text()
CONSTRAINTS = DOCS.parent / "constraints.txt"
TESTING = (DOCS / "test-your-client.md").read_text()
MIB = 1024 * 1024

# Programs that start from nothing take their time on a machine that does much else.
pytestmark = pytest.mark.timeout(240)


def block(page: str, language: str) -> str:
    [only] = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return str(only)


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=220,
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


def test_the_protocol_page_names_the_sdk_that_its_tables_are_checked_with() -> None:
    [pinned] = re.findall(r"^openai==(.*)$", CONSTRAINTS.read_text(), re.MULTILINE)
    assert re.findall(r"\bopenai (\d+\.\d+\.\d+)", PROTOCOL) == [pinned]
    assert version("openai") == pinned, "the tests do not run with what constraints.txt names"


def defaults() -> dict[str, list[str]]:
    """The rows of the table of defaults, by field."""
    table = PROTOCOL.partition("\n## Defaults\n")[2].partition("\n\n| where")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    # A format is one value: its rate says nothing without its type.
    if isinstance(value, dict) and not path.endswith("format"):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}".lstrip("."))
    else:
        yield path, value


@pytest.mark.parametrize(("column", "model"), [(0, "gpt-realtime"), (1, "gpt-realtime-2.1")])
def test_each_default_of_a_session_is_in_the_table_with_its_evidence(
    column: int, model: str
) -> None:
    own = {"id", "object", "expires_at", "model", "type"}
    table = defaults()
    wire = {k: v for k, v in leaves(SessionConfig("sess_1", model).wire()) if k not in own}
    assert table.keys() == wire.keys()
    assert all(row[2] for row in table.values())
    del wire["instructions"], table["instructions"]
    assert {name: json.loads(row[column].strip("`")) for name, row in table.items()} == wire
