"""The files that are written when a run is over, and read again later."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct, UnsetType

from soundstage.errors import RunFolderError
from soundstage.json_text import NotJson, read_json_as
from soundstage.messages import Cause
from soundstage.messages.events import RunEnded
from soundstage.results._history import History
from soundstage.results._metrics import measure
from soundstage.results._sink import write_failure
from soundstage.results._transcript import captions, transcript
from soundstage.units import seconds_of

if TYPE_CHECKING:
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
        cause: why it failed or is invalid; None for any other outcome, and for a run that was
            broken off.
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
    cause: Cause | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """What the event log of a run cannot know.

    Attributes:
        wall: how many seconds the run took; 0 where that is not known.
        providers: agent to the provider that spoke for it.
        engines: speech engine to its version and the checksum of its weights.
        resolved: the scenario as it ran, secrets masked.
        deterministic: whether another run gives the same bytes.
    """

    wall: float = 0.0
    providers: Mapping[str, str] = {}
    engines: Mapping[str, str] = {}
    resolved: Mapping[str, Any] = {}
    deterministic: bool = False


class Draft:
    """A file that is written, and not yet in its place: whoever looks finds the old one.

    Args:
        path: its place.
        text: all of it.

    Raises:
        RecordingFailed: it cannot be written.
    """

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            self._fresh.write_text(text, "utf-8", newline="\n")
        except OSError as error:
            self.discard()
            raise write_failure(str(path), error) from error

    def publish(self) -> None:
        """Put it in its place, in one step.

        Raises:
            RecordingFailed: that cannot be done.
        """
        try:
            self._fresh.replace(self._path)
        except OSError as error:
            self.discard()
            raise write_failure(str(self._path), error) from error

    def discard(self) -> None:
        """Remove it; its place stays as it is."""
        with suppress(OSError):
            self._fresh.unlink(missing_ok=True)


def write_reports(folder: RunFolder) -> None:
    """Derive transcript, captions and metrics from the event log, once more if they are there.

    Raises:
        RecordingFailed: one of them cannot be written.
        RunFolderError: the event log cannot be read.
    """
    for path, text in report_texts(folder, History.read(folder.events)).items():
        save_text(path, text)


def write_result(folder: RunFolder, facts: Facts) -> Result:
    """Write `result.json`: what the event log says of the run as a whole, and what it cannot know.

    Args:
        folder: of the run; its event log is complete.
        facts: what the log cannot know.

    Raises:
        RecordingFailed: it cannot be written.
        RunFolderError: the event log cannot be read.
    """
    result = result_of(History.read(folder.events), facts)
    save_text(folder.result, _indented(result))
    return result


def report_texts(folder: RunFolder, history: History) -> dict[Path, str]:
    """Transcript, captions and metrics, by the files in which they belong."""
    return {
        folder.transcript: transcript(history),
        folder.captions: captions(history),
        folder.metrics: _indented(measure(history)),
    }


def all_texts(folder: RunFolder, history: History, facts: Facts) -> dict[Path, str]:
    """Every report of a run, `result.json` included, by the files in which they belong."""
    return {
        **report_texts(folder, history),
        folder.result: _indented(result_of(history, facts)),
    }


def read_result(folder: RunFolder, history: History) -> Result:
    """The result of a run, as far as its log tells where `result.json` was not written.

    Raises:
        RunFolderError: `result.json` is there and cannot be read.
    """
    try:
        return read_json_as(folder.result.read_bytes(), Result)
    except FileNotFoundError:
        return _result(history, Facts(), {})
    except (OSError, NotJson) as error:
        raise RunFolderError(f"{folder.result} cannot be read: {error}") from error


def result_of(history: History, facts: Facts) -> Result:
    """The result of a run that ran just now, by this version of Soundstage."""
    return _result(history, facts, {**_versions(), **facts.engines})


def _indented(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _result(history: History, facts: Facts, versions: Mapping[str, str]) -> Result:
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
        wall=round(facts.wall, 3),
        speed=round(duration / facts.wall, 2) if facts.wall else 0.0,
        providers=dict(facts.providers),
        versions=dict(versions),
        deterministic=facts.deterministic,
        resolved=dict(facts.resolved),
        cause=None if isinstance(ended.cause, UnsetType) else ended.cause,
    )


def _versions() -> dict[str, str]:
    """Of this program and what it runs on."""
    return {"soundstage": version("soundstage"), "python": platform.python_version()}


def save_text(path: Path, text: str) -> None:
    """Write a whole file in one step: a reader finds the old one or the new one.

    Raises:
        RecordingFailed: it cannot be written.
    """
    Draft(path, text).publish()
