"""The reports that are written when a run is over, and its conclusion: all of them agree.

A file is written beside its place first and then put there in one step, so a reader finds the old
one or the new one, never a part.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from soundstage.errors import RecordingFailed, RunFolderError
from soundstage.messages import Cause, Outcome, Owner, spoiled
from soundstage.results.append_file import write_failure
from soundstage.results.event_log import read_events
from soundstage.results.expectation_report import ExpectationReport, Judged
from soundstage.results.history import History
from soundstage.results.metrics import measure
from soundstage.results.run_result import Result, result_of
from soundstage.results.transcript import captions, transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

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
    for path, text in report_texts(folder, History.read(folder.log)).items():
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
    result = result_of(History.read(folder.log), facts)
    save_text(folder.result, _indented(result))
    return result


def report_texts(folder: RunFolder, history: History) -> dict[Path, str]:
    """Transcript, captions and metrics, by the files in which they belong."""
    return {
        folder.transcript: transcript(history),
        folder.captions: captions(history),
        folder.metrics: _indented(measure(history)),
    }


def all_texts(
    folder: RunFolder, history: History, facts: Facts, expectations: ExpectationReport
) -> dict[Path, str]:
    """Every report of a run, `result.json` included, by the files in which they belong."""
    return {
        **report_texts(folder, history),
        folder.expectations: _indented(expectations),
        folder.result: _indented(result_of(history, facts)),
    }


def write_expectations(folder: RunFolder, report: ExpectationReport) -> None:
    """Write `expectations.json` anew.

    Raises:
        RecordingFailed: it cannot be written.
    """
    save_text(folder.expectations, _indented(report))


def _indented(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


JudgeRun: TypeAlias = "Callable[[History, Outcome], Judged]"
"""Judges a run by its log, which ends with this outcome, and gives the outcome that it has then."""


def unjudged(_: History, outcome: Outcome) -> Judged:
    """What judges a run of which nothing is expected."""
    return Judged(
        outcome,
        ExpectationReport(outcome=outcome.kind, reason=outcome.reason, ended_by=outcome.reason),
    )


class Conclusion:
    """Makes the recordings whole and writes the reports; only then the log's last line.

    A disk that is full can still change the outcome, and so can what was expected of the run. So
    each file is written before the outcome is final, and is put in its place after that.

    Args:
        archive: what has been recorded.
        folder: where the reports belong.
        facts: makes what the log cannot know; asked once.
        judge: says what became of what was expected.

    Attributes:
        outcome: as it was concluded; None before that.
        expectations: what was expected of the run, and what became of it.
        history: what the finished log tells; None where that is not what was judged.
    """

    def __init__(
        self,
        archive: Archive,
        folder: RunFolder,
        facts: Callable[[], Facts],
        judge: JudgeRun = unjudged,
    ) -> None:
        self._archive = archive
        self._folder = folder
        self._facts = facts
        self._judge = judge
        self.outcome: Outcome | None = None
        self.expectations = ExpectationReport()
        self.history: History | None = None

    def conclude(self, outcome: Outcome, end: Samples) -> Outcome:
        """Write everything that is left to write; done once, what comes later changes nothing.

        Args:
            outcome: how the run came out as far as its actors know.
            end: when.

        Returns:
            The outcome as log and reports have it: one that ended well is failed if an expectation
            is, and invalid if its recording is not whole.
        """
        if self.outcome is None:
            self.outcome = self._concluded(outcome, end)
            if self.history is not None and self.history.ended != self.outcome.event(end):
                self.history = None
        return self.outcome

    def _concluded(self, outcome: Outcome, end: Samples) -> Outcome:
        facts = self._facts()
        try:
            self._archive.finish(end)
        except RecordingFailed as error:
            outcome = _not_whole(outcome, error)
        try:
            outcome, texts = self._texts(outcome, end, facts)
            drafts = _drafts(texts)
        except (RecordingFailed, RunFolderError) as error:
            outcome = _not_whole(outcome, error)
            drafts = self._possible_drafts(outcome, end, facts)
        try:
            self._archive.end_log(outcome.event(end))
        except RecordingFailed as error:
            outcome = _not_whole(outcome, error)
            drafts = self._possible_drafts(outcome, end, facts)
        for draft in drafts:
            try:
                draft.publish()
            except RecordingFailed as error:
                outcome = _not_whole(outcome, error)
        return outcome

    def _texts(
        self, outcome: Outcome, end: Samples, facts: Facts
    ) -> tuple[Outcome, dict[Path, str]]:
        """The outcome with the expectations counted, and the reports that say so."""
        told = tuple(read_events(self._folder.events))
        history = History([*told, outcome.event(end)])
        judged = self._judge(history, outcome)
        if judged.outcome is not outcome:
            history = History([*told, judged.outcome.event(end)])
        self.expectations, self.history = judged.report, history
        return judged.outcome, all_texts(self._folder, history, facts, judged.report)

    def _possible_drafts(self, outcome: Outcome, end: Samples, facts: Facts) -> list[Draft]:
        """Of the reports, those for which there is room."""
        drafts: list[Draft] = []
        with suppress(RunFolderError):
            _, texts = self._texts(outcome, end, facts)
            for path, text in texts.items():
                with suppress(RecordingFailed):
                    drafts.append(Draft(path, text))
        return drafts


def _drafts(texts: Mapping[Path, str]) -> list[Draft]:
    drafts: list[Draft] = []
    try:
        for path, text in texts.items():
            drafts.append(Draft(path, text))
    except RecordingFailed:
        for draft in drafts:
            draft.discard()
        raise
    return drafts


def _not_whole(outcome: Outcome, error: Exception) -> Outcome:
    return spoiled(
        outcome, Cause(owner=Owner.INFRASTRUCTURE, reason="recording", message=str(error))
    )
