"""However a run comes out: its log, its `result.json`, its object and its exit code agree."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import soundstage
from soundstage import Run
from soundstage.cli import run_command, run_scenario
from soundstage.cli.run_request import Request
from soundstage.errors import KernelError, PortTaken, RecordingFailed, UsageError
from soundstage.kernel import Interrupts, SimulatedKernel
from soundstage.messages import events
from soundstage.results import EventLog
from soundstage.results.append_file import AppendFile
from soundstage.results.reports import Draft
from soundstage.run.transports import SimulatedTransports

if TYPE_CHECKING:
    from collections.abc import Callable

AGENTS = '''
import sys
from types import SimpleNamespace

import httpx

from soundstage import Agent, Begin, Effect, EffectSettings, handles
from soundstage.errors import CallRefused, ConnectionLost
from soundstage.messages import TransportLost
from soundstage_agents._session_agent import SessionAgent

# A session of `on_drop = "fault"`: what is raised comes from Soundstage's own line.
AT_FAULT = SimpleNamespace(_gap=None, settings=SimpleNamespace(on_drop="fault"))


class Calm(Agent):
    @handles(Begin)
    def hum(self, begin):
        for _ in range(20):
            self.send(b"\x10\x10" * 480)


class Failing(Agent):
    @handles(Begin)
    def fail_soon(self, begin):
        self.fail_now()


class Wrong(Failing):
    def fail_now(self):
        raise ValueError("wrong")


class Unreachable(Failing):
    """Its own client raises an error that has the name of one of Soundstage's."""

    def fail_now(self):
        raise httpx.ConnectError("refused")


class Pretending(Failing):
    def fail_now(self):
        raise ConnectionLost("says the user's code")


class Gone(ConnectionLost):
    pass


class Lost(Failing):
    """Soundstage itself raises a subclass of a known error."""

    def fail_now(self):
        SessionAgent.lose(AT_FAULT, TransportLost(Gone("the far end went")))


class Refused(Failing):
    def fail_now(self):
        refused = CallRefused(f"{self.name}: the endpoint answered HTTP 401", status=401)
        SessionAgent.lose(AT_FAULT, TransportLost(refused))


class Exiting(Failing):
    def fail_now(self):
        sys.exit(0)


class WrongAtTheEnd(Agent):
    def stopping(self):
        raise ValueError("wrong at the end")


class LostAtTheEnd(Agent):
    def stopping(self):
        SessionAgent.lose(AT_FAULT, TransportLost(Gone("the far end went")))


class Crack(Effect):
    class Settings(EffectSettings):
        pass

    def apply(self, sound):
        raise ConnectionLost("cracked")
'''

CRACK = """
[effects.crack]
kind = "./agents.py:Crack"
"""

SCENARIO = """
[scenario]
under_test = ["{name}"]
[agents.{name}]
kind = "./agents.py:{kind}"
{of_agent}
[agents.other]
kind = "./agents.py:{other}"
{of_other}
[agents.third]
kind = "./agents.py:Calm"
[rooms.lobby]
members = ["{name}", "other", "third"]
{more}
[end]
max = "400ms"
"""


def write(folder: Path, **given: str) -> Path:
    known = {"name": "bob", "kind": "Calm", "other": "Calm"}
    known |= {"of_agent": "", "of_other": "", "more": ""} | given
    (folder / "agents.py").write_text(AGENTS)
    file = folder / "some.toml"
    file.write_text(SCENARIO.format(**known))
    return file


def play(file: Path, *, hang_up: str = "", **given: Any) -> int:
    """What the command exits with."""
    signals = Interrupts()
    request = Request(file=str(file), clock="virtual", out=file.parent / "run", ui="none", **given)
    if hang_up:
        # Asked for at the first look during the run, not before it.
        signals = _AskedLater(hang_up)
    return run_command.run(request, signals)


class _AskedLater(Interrupts):
    def __init__(self, by: str) -> None:
        super().__init__()
        self._by = by
        self._looks = 0

    @property
    def reason(self) -> str:
        self._looks += 1
        return self._by if self._looks > 1 else ""

    @reason.setter
    def reason(self, reason: str) -> None:
        """It is set once, to nothing, when signals are taken over."""


def told(folder: Path, exit_code: int) -> tuple[str, str, int, str]:
    """How the run came out, as everything has it: outcome, reason, exit code and owner."""
    run = Run.load(folder / "run")
    lines = (folder / "run" / "events.jsonl").read_text().splitlines()
    last = json.loads(lines[-1])
    assert last["type"] == "run_ended"
    result = json.loads((folder / "run" / "result.json").read_text())
    keys = ("outcome", "reason", "exit_code")
    found = [
        tuple(last[key] for key in keys),
        tuple(result[key] for key in keys),
        (run.outcome, run.reason, run.exit_code),
    ]
    assert len(set(found)) == 1, found
    assert exit_code == run.exit_code
    owner = "" if run.cause is None else run.cause.owner
    assert last.get("cause", {}).get("owner", "") == owner
    assert (result["cause"] or {}).get("owner", "") == owner
    assert sum(json.loads(line)["type"] == "run_ended" for line in lines) == 1
    return (*found[0], owner)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({}, ("ended", "max", 0, "")),
        ({"kind": "Wrong"}, ("failed", "fault:bob", 1, "agent")),
        ({"kind": "Unreachable"}, ("failed", "fault:bob", 1, "agent")),
        ({"kind": "Pretending"}, ("failed", "fault:bob", 1, "agent")),
        ({"kind": "Exiting"}, ("failed", "fault:bob", 1, "agent")),
        ({"kind": "Lost"}, ("invalid", "connection_lost", 3, "infrastructure")),
        ({"kind": "Refused"}, ("invalid", "provider:401", 3, "infrastructure")),
        (
            {"kind": "Refused", "name": "room-404"},
            ("invalid", "provider:401", 3, "infrastructure"),
        ),
        ({"other": "Wrong"}, ("invalid", "fault:other", 3, "simulator")),
        ({"other": "Refused"}, ("invalid", "provider:401", 3, "infrastructure")),
        (
            {"of_other": 'line = { sends = ["crack"] }', "more": CRACK},
            ("invalid", "fault:effects.crack", 3, "simulator"),
        ),
        ({"kind": "WrongAtTheEnd"}, ("failed", "fault:bob", 1, "agent")),
        ({"kind": "LostAtTheEnd"}, ("ended", "max", 0, "")),
        ({"other": "WrongAtTheEnd"}, ("ended", "max", 0, "")),
        ({"kind": "Wrong", "other": "WrongAtTheEnd"}, ("failed", "fault:bob", 1, "agent")),
        ({"kind": "Lost", "other": "Wrong"}, ("invalid", "connection_lost", 3, "infrastructure")),
    ],
)
def test_an_outcome_is_told_alike_wherever_it_is_told(
    tmp_path: Path, given: dict[str, str], outcome: tuple[str, str, int, str]
) -> None:
    assert told(tmp_path, play(write(tmp_path, **given))) == outcome


def test_a_guard_that_is_reached_fails_alike(tmp_path: Path) -> None:
    code = play(write(tmp_path), sets=("end.turns=2",))
    assert told(tmp_path, code) == ("failed", "max", 1, "agent")


@pytest.mark.parametrize(("by", "code"), [("interrupt", 130), ("terminate", 143)])
def test_a_run_that_is_interrupted_says_so_alike(tmp_path: Path, by: str, code: int) -> None:
    file = write(tmp_path, more="")
    exit_code = play(file, hang_up=by, sets=("end.max=10m",))
    assert told(tmp_path, exit_code) == ("interrupted", by, code, "")


def test_a_cause_names_the_line_of_the_users_code(tmp_path: Path) -> None:
    play(write(tmp_path, kind="Unreachable"))
    [fault] = Run.load(tmp_path / "run").faults
    line = AGENTS.splitlines().index('        raise httpx.ConnectError("refused")') + 1
    assert fault.cause is not None
    assert fault.cause.error == "httpx.ConnectError"
    assert fault.cause.place == f"agents.py:{line}"


def lose_ticks(patch: pytest.MonkeyPatch) -> None:
    dropped = SimulatedKernel.drops

    def drops(kernel: SimulatedKernel, address: Any) -> dict[str, int]:
        lost = {"Mixed": 3} if address.name == "run.recorder" else {}
        return {**dropped(kernel, address), **lost}

    patch.setattr(SimulatedKernel, "drops", drops)


def fill_disk(patch: pytest.MonkeyPatch) -> None:
    """No sound goes on the disk beyond the files' headers."""
    write = AppendFile._write

    def take(sink: AppendFile, data: bytes | bytearray) -> int:
        if sink._name.endswith(".wav") and sink.written >= 80 and len(data) != 80:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(sink, data)

    patch.setattr(AppendFile, "_write", take)


def fill_disk_before_the_reports(patch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    class Unlucky(Draft):
        def __init__(self, path: Path, text: str) -> None:
            made.append(path)
            if len(made) == 2:
                raise RecordingFailed("full")
            super().__init__(path, text)

    patch.setattr("soundstage.results.reports.Draft", Unlucky)


@pytest.mark.parametrize("seconds", [0.4, 2.5], ids=["at its end", "while it runs"])
def test_a_run_whose_disk_is_full_is_invalid_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    fill_disk(monkeypatch)
    code = play(write(tmp_path), sets=(f"end.max={seconds}s",))
    assert told(tmp_path, code) == ("invalid", "recording", 3, "infrastructure")


@pytest.mark.parametrize("spoil", [lose_ticks, fill_disk_before_the_reports])
def test_a_run_that_is_not_recorded_whole_is_invalid_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Any], None]
) -> None:
    spoil(monkeypatch)
    code = play(write(tmp_path))
    assert told(tmp_path, code) == ("invalid", "recording", 3, "infrastructure")
    assert "Invalid: recording" in (tmp_path / "run" / "transcript.md").read_text()


def test_a_failed_run_stays_failed_when_it_is_not_recorded_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_ticks(monkeypatch)
    code = play(write(tmp_path, kind="Wrong"))
    assert told(tmp_path, code) == ("failed", "fault:bob", 1, "agent")


def test_a_log_that_cannot_take_its_last_line_says_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_event = EventLog.write

    def refuse_the_end(log: EventLog, event: Any) -> None:
        if isinstance(event, events.RunEnded):
            raise RecordingFailed("full")
        write_event(log, event)

    monkeypatch.setattr(EventLog, "write", refuse_the_end)
    assert play(write(tmp_path)) == 3
    run = Run.load(tmp_path / "run")
    assert (run.outcome, run.reason, run.exit_code) == ("invalid", "recording", 3)
    assert not list(run.events(events.RunEnded))


def test_a_broken_kernel_is_told_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KernelError("nothing can happen any more")

    monkeypatch.setattr(SimulatedKernel, "run", broken)
    code = play(write(tmp_path))
    assert told(tmp_path, code) == ("invalid", "kernel", 3, "infrastructure")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PortTaken("8765"), ("invalid", "port", 3, "infrastructure")),
        (UsageError("two tools of one name"), ("invalid", "usage", 2, "infrastructure")),
        (TypeError("a bug"), ("invalid", "internal", 3, "infrastructure")),
    ],
)
def test_a_run_that_cannot_start_is_told_alike(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    outcome: tuple[str, str, int, str],
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(SimulatedTransports, "__enter__", fail)
    monkeypatch.setattr(
        "sys.argv",
        ["run-scenario", str(write(tmp_path)), "--clock=virtual", f"--out={tmp_path / 'run'}"],
    )
    with pytest.raises(SystemExit) as exited:
        run_scenario()
    assert told(tmp_path, exited.value.code) == outcome


@pytest.mark.parametrize("error", [PortTaken("8765"), UsageError("no"), TypeError("a bug")])
def test_what_cannot_be_closed_after_the_end_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(SimulatedTransports, "__exit__", fail)
    assert told(tmp_path, play(write(tmp_path))) == ("ended", "max", 0, "")


def test_an_agent_may_have_the_name_of_one_of_the_runs_own_actors(tmp_path: Path) -> None:
    names = ("mixer", "director", "recorder", "events")
    agents = "".join(f'[agents.{name}]\nkind = "scripted"\nlines = ["Hi."]\n' for name in names)
    members = ", ".join(f'"{name}"' for name in names)
    room = f'[rooms.panel]\nmembers = [{members}]\n[end]\nturns = 4\nmax = "20s"\n'
    run = soundstage.run_scenario(toml=agents + room, out=tmp_path / "run", cache=False)
    assert {turn.agent for turn in run.turns} == set(names)
