"""The folder of a run: making it, and the path of each file in it."""

from __future__ import annotations

import gzip
import itertools
import os
import shutil
from typing import TYPE_CHECKING, Final

from soundstage.errors import RunFolderError
from soundstage.results.tracks import PACKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

TRACKS: Final = ("said", "heard")
"""What can be recorded of an agent: what it sends, and the mix it receives."""

LOGS: Final = ("events.jsonl", "events.jsonl.gz")
"""The event log, as it was written or compressed."""


class RunFolder:
    """The paths of one run's artefacts.

    Args:
        path: the folder itself.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events = path / LOGS[0]
        self.transcript = path / "transcript.md"
        self.captions = path / "transcript.vtt"
        self.metrics = path / "metrics.json"
        self.result = path / "result.json"
        self.expectations = path / "expectations.json"
        self.report = path / "report.html"
        self.sounds = path / "audio"

    @property
    def mix(self) -> Path:
        """The recording of all agents together."""
        return self._recording("mix")

    def audio(self, agent: str, track: str = "said") -> Path:
        """The recording of an agent's track, `said` or `heard`."""
        return self._recording(agent if track == "said" else f"{agent}.{track}")

    def _recording(self, name: str) -> Path:
        """A recording as it is there: packed, or else the WAV file that is or would be written."""
        packed = (self.sounds / f"{name}{suffix}" for suffix in PACKED.values())
        return next(filter(_is_file, packed), self.sounds / f"{name}.wav")

    @property
    def log(self) -> Path:
        """The event log that is there: `events.jsonl.gz` where the run was reduced to its log."""
        packed = self._packed
        return packed if packed.is_file() and not self.events.is_file() else self.events

    @property
    def _packed(self) -> Path:
        return self.path / LOGS[1]

    def reduce_to_log(self) -> None:
        """Keep of a run that is over what nothing else can be made from: its log, compressed.

        `result.json` and `expectations.json` stay, too: they have what no log has. Sound goes, and
        so does what can be made again from the log, and files that agents have kept.

        Raises:
            OSError: it cannot be written or removed; the log is there in one of its forms.
        """
        fresh = self.path / f"{self._packed.name}.part"
        # The same log gives the same bytes: neither name nor time is in them.
        with fresh.open("wb") as sink, gzip.GzipFile("", "wb", fileobj=sink, mtime=0) as packed:
            packed.write(self.events.read_bytes())
        # When it was last written is when the run was over.
        written = self.events.stat()
        os.utime(fresh, ns=(written.st_atime_ns, written.st_mtime_ns))
        fresh.replace(self._packed)
        staying = {self._packed, self.result, self.expectations}
        for each in self.path.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            elif each not in staying:
                each.unlink()

    @classmethod
    def create(cls, scenario: str, *, seed: int, started: datetime, runs: Path) -> RunFolder:
        """Make `<runs>/<scenario>/<UTC time>-<seed>`, and point `latest` beside it to it.

        A folder of that name that exists already is left alone, and a number is added.

        Args:
            scenario: the scenario's file stem.
            seed: of the run.
            started: when the run starts, in UTC.
            runs: the folder of all runs.

        Raises:
            RunFolderError: it cannot be made.
        """
        folder = cls(_make_new(runs / scenario / f"{started:%Y%m%dT%H%M%SZ}-{seed}"))
        folder._furnish()
        folder._become_latest()
        return folder

    @classmethod
    def at(cls, path: Path) -> RunFolder:
        """Make the given folder a run folder; it must be absent or empty.

        Raises:
            RunFolderError: there is something in it, or it cannot be made.
        """
        folder = cls(claim(path))
        folder._furnish()
        return folder

    @classmethod
    def find(cls, path: Path) -> RunFolder:
        """The run folder at a path, which may be a `latest`: a link or a text file.

        Raises:
            RunFolderError: there is no run.
        """
        try:
            if path.is_file():
                path = path.parent / path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise RunFolderError(f"{path} cannot be read: {error}") from error
        folder = cls(path.resolve())
        if not folder.log.is_file():
            raise RunFolderError(
                f"{path} is not the folder of a run: there is no {folder.events.name} in it"
            )
        return folder

    def _furnish(self) -> None:
        """Make the folder for sound, which shows that the run folder can be written.

        Of two runs that found the same folder empty, the second fails here.
        """
        try:
            self.sounds.mkdir()
        except OSError as error:
            raise _unusable(self.path, error) from error

    def _become_latest(self) -> None:
        """Point `latest` here: in one step, so that a run beside this one sees no half of it."""
        latest = self.path.with_name("latest")
        fresh = self.path.with_name(f".latest-{self.path.name}")
        try:
            try:
                fresh.symlink_to(self.path.name, target_is_directory=True)
            except (OSError, NotImplementedError):
                fresh.write_text(f"{self.path.name}\n", "utf-8")
            fresh.replace(latest)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise _unusable(latest, error) from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except ValueError:  # a name in a log from elsewhere, which no path can have
        return False


def runs_at(paths: Iterable[Path]) -> Iterator[Path]:
    """Each run at some paths, once: a run folder itself, or those below a folder, by their names.

    Raises:
        RunFolderError: there is no run at one of them.
    """
    for path in paths:
        if path.is_file() or RunFolder(path).log.is_file():
            yield path
            continue
        logs = (each for name in LOGS for each in path.glob(f"**/{name}"))
        found = sorted({each.parent for each in logs})
        own = [each for each in found if "latest" not in each.relative_to(path).parts]
        if not own:
            raise RunFolderError(f"{path}: there is no run in it, nor below it")
        yield from own


def claim(path: Path) -> Path:
    """Make a folder, which must be absent or empty.

    Raises:
        RunFolderError: there is something in it, or it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        taken = next(path.iterdir(), None)
    except OSError as error:
        raise _unusable(path, error) from error
    if taken is not None:
        raise RunFolderError(
            f"{path} is not empty (there is {taken.name}): "
            "name a new folder with --out, or empty this one"
        )
    return path


def _make_new(path: Path) -> Path:
    """Make a folder of this name, with a number behind it if the name is taken."""
    made = path
    for count in itertools.count(2):
        try:
            made.mkdir(parents=True)
        except OSError as error:
            if not made.is_dir():
                raise _unusable(made, error) from error
            made = path.with_name(f"{path.name}.{count}")
        else:
            break
    return made


def _unusable(path: Path, error: OSError) -> RunFolderError:
    """What is raised for an error of the file system."""
    reason = error.strerror or str(error)
    return RunFolderError(
        f"{path} cannot be made a run folder: {reason}; name another one with --out"
    )
