"""`soundstage endpoint`, as a user starts and stops it."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from openai import OpenAI

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from soundstage.cli import soundstage; soundstage()", "endpoint"]
TEXT = {"type": "realtime", "output_modalities": ["text"]}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=os.environ | {"COLUMNS": "200"} | environment,
    )


def test_other_machines_are_served_with_a_key_only() -> None:
    done = run("--host", "0.0.0.0")
    assert done.returncode == 2
    assert "set a key" in done.stderr


def test_a_wrong_configuration_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "endpoint.toml"
    path.write_text("[defaults.realtime]\nvoices = 1")
    done = run("--config", str(path))
    assert done.returncode == 2
    assert "endpoint.toml:2: defaults.realtime.voices: unknown key" in done.stderr


def test_a_key_for_tls_needs_its_certificate(tmp_path: Path) -> None:
    done = run("--tls-key", str(tmp_path / "key.pem"))
    assert done.returncode == 2
    assert "--tls-key goes with --tls-cert" in done.stderr
    done = run("--tls-cert", str(tmp_path / "nowhere.pem"), "--port", "0")
    assert done.returncode == 2
    assert "nowhere.pem cannot be used" in done.stderr


def test_a_lifetime_that_is_none_is_refused() -> None:
    done = run("--expires-after", "soon")
    assert done.returncode == 2
    assert '--expires-after: "soon": a duration is written with its unit' in done.stderr


@pytest.mark.realtime
def test_the_banner_says_how_a_client_trusts_its_own_certificate(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--tls", "--quiet"],
        env=os.environ | {"XDG_DATA_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = "".join(itertools.islice(process.stdout, 7))
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert "base URL   https://127.0.0.1:" in told
    assert "WebSocket  wss://127.0.0.1:" in told
    certificate = tmp_path / "soundstage" / "tls" / "certificate.pem"
    assert f"NODE_EXTRA_CA_CERTS={certificate}" in told
    assert certificate.exists()


def answer(client: OpenAI) -> str:
    with client.realtime.connect(model="refunds") as session:
        session.session.update(session=TEXT)  # type: ignore[arg-type]
        session.response.create()
        for event in session:
            if event.type == "response.output_text.done":
                return event.text
    raise AssertionError("there was no answer")


@pytest.mark.realtime
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_by_its_file_until_it_is_told_to_stop(tmp_path: Path, number: int) -> None:
    path = tmp_path / "endpoint.toml"
    path.write_text('[agents.refunds.local]\nlines = ["Refunds."]')
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--config", str(path)],
        env=os.environ | {"SOUNDSTAGE_API_KEY": "sk-secret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(6)]
        base_url = told[1].split()[-1]
        assert base_url.startswith("http://127.0.0.1:")
        assert "OPENAI_BASE_URL" in told[4]
        with OpenAI(base_url=base_url, api_key="sk-secret") as client:
            assert answer(client) == "Refunds."
            path.write_text('[agents.refunds.local]\nlines = ["No refunds any more."]')
            assert answer(client) == "No refunds any more."
            path.write_text("[agents.refunds.local]\nlines = 3")
            assert answer(client) == "No refunds any more."
    finally:
        process.send_signal(number)
        said, logged = process.communicate(timeout=20)
    assert process.returncode == 0
    lines = [json.loads(line) for line in logged.splitlines()]
    events = [line["event"] for line in lines]
    assert events.count("a session has begun") == 3
    assert any("endpoint.toml:2" in event for event in events)
    assert not any("traceback" in line for line in lines)
    assert "secret" not in said + logged


@pytest.mark.realtime
def test_each_line_that_is_logged_is_json_whatever_is_sent() -> None:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(6)]
        for body in (b"--bb\r\nbad=1\r\n\r\n--bb--", b"--cc"):
            answered = httpx.post(
                f"{told[1].split()[-1]}/realtime/calls",
                content=body,
                headers={
                    "Authorization": "Bearer any",
                    "Content-Type": "multipart/form-data; boundary=bb",
                },
            )
            assert answered.status_code == 400
    finally:
        process.terminate()
        _, logged = process.communicate(timeout=20)
    assert [json.loads(line)["level"] for line in logged.splitlines()]
