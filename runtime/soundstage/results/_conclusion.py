"""The end of a run's artefacts: what they say of the outcome is made to agree."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from soundstage.errors import RecordingFailed, RunFolderError
from soundstage.messages import Cause, Outcome, Owner, spoiled
from soundstage.results._history import History
from soundstage.results._log import read_events
from soundstage.results._reports import Draft, all_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.messages.events import RunEnded
    from soundstage.results._archive import Archive
    from soundstage.results._folder import RunFolder
    from soundstage.results._reports import Facts
    from soundstage.units import Samples


class Conclusion:
    """Makes the recordings whole and writes the reports; only then the log's last line.

    A disk that is full can still change the outcome. So each file is written before the outcome is
    final, and is put in its place after that.

    Args:
        archive: what has been recorded.
        folder: where the reports belong.
        facts: makes what the log cannot know; asked once.
    """

    def __init__(self, archive: Archive, folder: RunFolder, facts: Callable[[], Facts]) -> None:
        self._archive = archive
        self._folder = folder
        self._facts = facts

    def conclude(self, outcome: Outcome, end: Samples) -> Outcome:
        """Write everything that is left to write.

        Args:
            outcome: how the run came out as far as its actors know.
            end: when.

        Returns:
            The outcome as log and reports have it: one that ended well is invalid if its recording
            is not whole.
        """
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
