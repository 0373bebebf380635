"""The files that are written when a run is over, and read again later."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from soundstage.errors import RunFolderError
from soundstage.json_text import NotJson, read_json_as
from soundstage.messages.events import RunEnded
from soundstage.results._history import History
from soundstage.results._metrics import measure
from soundstage.results._sink import write_failure
from soundstage.results._transcript import captions, transcript
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from soundstage.results._folder import RunFolder

_EXIT_INVALID: Final = 3


class Result(Struct, frozen=True, kw_only=True):
    """What ran, and how it ended.

    Attributes:
        scenario: the scenario's file stem.
        seed: what all random streams derived from.
        clock: `wall` or `virtual`.
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it.
        exit_code: what the command exits with.
        duration: of the run, in seconds of its own clock.
        wall: how many seconds it took; 0 where that is not known.
        speed: seconds of the run for each second that it took; 0 where that is not known.
        providers: agent to the provider that spoke for it.
        versions: of Soundstage, Python and the speech engines.
        deterministic: whether another run gives the same bytes: one on the virtual clock that asks
            nobody outside, such as a server of tools or a chat model behind a URL.
        resolved: the scenario as it ran, with everything that was included, set and left to its
            default; secrets masked.
    """

    scenario: str
    seed: int
    clock: str
    outcome: str
    reason: str
    exit_code: int
    duration: float
    wall: float
    speed: float
    providers: dict[str, str]
    versions: dict[str, str]
    deterministic: bool = False
    resolved: dict[str, Any]


def write_reports(folder: RunFolder) -> None:
    """Derive transcript, captions and metrics from the event log, once more if they are there.

    Raises:
        RecordingFailed: one of them cannot be written.
        RunFolderError: the event log cannot be read.
    """
    history = History.read(folder.events)
    metrics = msgspec.json.format(msgspec.json.encode(measure(history)), indent=2).decode()
    save_text(folder.transcript, transcript(history))
    save_text(folder.captions, captions(history))
    save_text(folder.metrics, metrics + "\n")


def write_result(
    folder: RunFolder,
    *,
    wall: float,
    providers: Mapping[str, str],
    engines: Mapping[str, str],
    resolved: Mapping[str, Any],
    deterministic: bool = False,
) -> Result:
    """Write `result.json`: what the event log says of the run as a whole, and what it cannot know.

    Args:
        folder: of the run; its event log is complete.
        wall: how many seconds the run took.
        providers: agent to the provider that spoke for it.
        engines: speech engine to its version and the checksum of its weights.
        resolved: the scenario as it ran, secrets masked.
        deterministic: whether another run gives the same bytes.

    Raises:
        RecordingFailed: it cannot be written.
        RunFolderError: the event log cannot be read.
    """
    history = History.read(folder.events)
    result = _result(history, wall, providers, {**_versions(), **engines}, resolved)
    result = replace(result, deterministic=deterministic)
    text = msgspec.json.format(msgspec.json.encode(result), indent=2).decode()
    save_text(folder.result, text + "\n")
    return result


def read_result(folder: RunFolder, history: History) -> Result:
    """The result of a run, as far as its log tells where `result.json` was not written.

    Raises:
        RunFolderError: `result.json` is there and cannot be read.
    """
    try:
        return read_json_as(folder.result.read_bytes(), Result)
    except FileNotFoundError:
        return _result(history, 0.0, {}, {}, {})
    except (OSError, NotJson) as error:
        raise RunFolderError(f"{folder.result} cannot be read: {error}") from error


def _result(
    history: History,
    wall: float,
    providers: Mapping[str, str],
    versions: Mapping[str, str],
    resolved: Mapping[str, Any],
) -> Result:
    """What a log tells of its run as a whole, with what it cannot know."""
    started = history.started
    ended = history.ended or RunEnded(
        pts=history.end, outcome="invalid", reason="broken off", exit_code=_EXIT_INVALID
    )
    duration = seconds_of(history.end)
    return Result(
        scenario=started.scenario,
        seed=started.seed,
        clock=started.clock,
        outcome=ended.outcome,
        reason=ended.reason,
        exit_code=ended.exit_code,
        duration=round(duration, 6),
        wall=round(wall, 3),
        speed=round(duration / wall, 2) if wall else 0.0,
        providers=dict(providers),
        versions=dict(versions),
        resolved=dict(resolved),
    )


def _versions() -> dict[str, str]:
    """Of this program and what it runs on."""
    return {"soundstage": version("soundstage"), "python": platform.python_version()}


def save_text(path: Path, text: str) -> None:
    """Write a whole file in one step: whoever looks finds the old one or the new one.

    Raises:
        RecordingFailed: it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        fresh.write_text(text, "utf-8", newline="\n")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise write_failure(str(path), error) from error
