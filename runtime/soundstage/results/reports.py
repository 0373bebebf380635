"""The reports that are written when a run is over, and its conclusion: all of them agree.

A file is written beside its place first and then put there in one step, so a reader finds the old
one or the new one, never a part.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from soundstage.errors import RecordingFailed, RunFolderError
from soundstage.messages import Cause, Outcome, Owner, spoiled
from soundstage.results.append_file import write_failure
from soundstage.results.event_log import read_events
from soundstage.results.history import History
from soundstage.results.metrics import measure
from soundstage.results.run_result import Result, result_of
from soundstage.results.transcript import captions, transcript

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soundstage.messages.events import RunEnded
    from soundstage.results.archive import Archive
    from soundstage.results.run_folder import RunFolder
    from soundstage.results.run_result import Facts
    from soundstage.units import Samples


class Draft:
    """A file that is written, and not yet in its place.

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


def save_text(path: Path, text: str) -> None:
    """Write a whole file, and put it in its place in one step.

    Raises:
        RecordingFailed: it cannot be written.
    """
    Draft(path, text).publish()


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


def _indented(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


class Conclusion:
    """Makes the recordings whole and writes the reports; only then the log's last line.

    A disk that is full can still change the outcome. So each file is written before the outcome is
    final, and is put in its place after that.

    Args:
        archive: what has been recorded.
        folder: where the reports belong.
        facts: makes what the log cannot know; asked once.

    Attributes:
        outcome: as it was concluded; None before that.
    """

    def __init__(self, archive: Archive, folder: RunFolder, facts: Callable[[], Facts]) -> None:
        self._archive = archive
        self._folder = folder
        self._facts = facts
        self.outcome: Outcome | None = None

    def conclude(self, outcome: Outcome, end: Samples) -> Outcome:
        """Write everything that is left to write; done once, what comes later changes nothing.

        Args:
            outcome: how the run came out as far as its actors know.
            end: when.

        Returns:
            The outcome as log and reports have it: one that ended well is invalid if its recording
            is not whole.
        """
        if self.outcome is None:
            self.outcome = self._concluded(outcome, end)
        return self.outcome

    def _concluded(self, outcome: Outcome, end: Samples) -> Outcome:
        facts = self._facts()
        try:
            self._archive.finish(end)
        except RecordingFailed as error:
            outcome = _not_whole(outcome, error)
        try:
            drafts = self._drafts(outcome.event(end), facts)
        except (RecordingFailed, RunFolderError) as error:
            outcome = _not_whole(outcome, error)
            drafts = self._possible_drafts(outcome.event(end), facts)
        try:
            self._archive.end_log(outcome.event(end))
        except RecordingFailed as error:
            outcome = _not_whole(outcome, error)
            drafts = self._possible_drafts(outcome.event(end), facts)
        for draft in drafts:
            try:
                draft.publish()
            except RecordingFailed as error:
                outcome = _not_whole(outcome, error)
        return outcome

    def _drafts(self, ended: RunEnded, facts: Facts) -> list[Draft]:
        history = History([*read_events(self._folder.events), ended])
        drafts: list[Draft] = []
        try:
            for path, text in all_texts(self._folder, history, facts).items():
                drafts.append(Draft(path, text))
        except RecordingFailed:
            for draft in drafts:
                draft.discard()
            raise
        return drafts

    def _possible_drafts(self, ended: RunEnded, facts: Facts) -> list[Draft]:
        """Of the reports, those for which there is room."""
        drafts: list[Draft] = []
        with suppress(RunFolderError):
            history = History([*read_events(self._folder.events), ended])
            for path, text in all_texts(self._folder, history, facts).items():
                with suppress(RecordingFailed):
                    drafts.append(Draft(path, text))
        return drafts


def _not_whole(outcome: Outcome, error: Exception) -> Outcome:
    return spoiled(
        outcome, Cause(owner=Owner.INFRASTRUCTURE, reason="recording", message=str(error))
    )
