"""The runs of two batches, paired by cell and seed, and how the runs of each pair differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from soundstage.comparison.divergence import Divergence, first_divergence
from soundstage.comparison.run_diff import differing_sound
from soundstage.comparison.word_changes import word_changes
from soundstage.errors import RunFolderError
from soundstage.results import History, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.comparison.batch_runs import BatchRuns, ComparedRun

Layer: TypeAlias = Literal["identical", "alike", "changed", "untold"]
"""How the runs of a pair differ.

`identical`: the same was played and called at the same times. `alike`: a clock on the wall timed
them, and the same was said and done. `changed`: an event differs, or the sound. `untold`: they
differ, or may differ, and a log that would tell is not kept.
"""


class Pair(Struct, frozen=True):
    """A cell and seed that both batches have a run of.

    Attributes:
        a: the run of the first batch.
        b: the run of the second batch.
        layer: how they differ.
        first: the first event that differs; None where none is known.
    """

    a: ComparedRun
    b: ComparedRun
    layer: Layer
    first: Divergence | None = None

    @property
    def step(self) -> str:
        """What became of the verdict: `same`, `improved`, `regressed`, or `not_judged`."""
        verdicts = self.a.verdict, self.b.verdict
        if "invalid" in verdicts:
            return "not_judged"
        steps = {("failed", "passed"): "improved", ("passed", "failed"): "regressed"}
        return steps.get(verdicts, "same")

    @property
    def cause(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """What it has in common with the other pairs that differ in the same way first."""
        if self.first is None:
            return "", "", ()
        what, mine, theirs = self.first.cause
        agent = self.first.a.agent if self.first.a else ""
        if what == "words" and self.first.a and self.first.b:
            return what, agent, word_changes(self.first.a.words, self.first.b.words)
        return what, agent, ((mine, theirs),)


def paired(a: BatchRuns, b: BatchRuns) -> Iterator[Pair]:
    """Each pair, in the order of the first batch.

    Raises:
        RunFolderError: a log that is there cannot be read.
    """
    for key, run in a.runs.items():
        if key in b.runs:
            yield _pair(run, b.runs[key], timed=a.clock == b.clock == "virtual")


def _pair(a: ComparedRun, b: ComparedRun, *, timed: bool) -> Pair:
    if timed and a.fingerprint and a.fingerprint == b.fingerprint:
        return Pair(a, b, "identical")
    logs = [_log(run) for run in (a, b)]
    if logs[0] is None or logs[1] is None:
        return Pair(a, b, "untold")
    first = first_divergence(logs[0].events, logs[1].events, timed=timed)
    if first is not None:
        return Pair(a, b, "changed", first)
    if not timed:
        return Pair(a, b, "alike")
    if _same_sound(a, b):
        return Pair(a, b, "identical")
    return Pair(
        a, b, "changed", Divergence(what="sound", common=len(logs[0].events), a=None, b=None)
    )


def _same_sound(a: ComparedRun, b: ComparedRun) -> bool:
    """Whether two runs sound alike, of which all events are equal.

    The fingerprints say so, which are known to differ here; without them, the recordings that both
    have kept do.
    """
    if a.fingerprint and b.fingerprint:
        return False
    return not differing_sound(RunFolder(a.folder.resolve()), RunFolder(b.folder.resolve()))


def _log(run: ComparedRun) -> History | None:
    """The log of a run; None where none is kept, or nothing is in it."""
    try:
        history = History.read(RunFolder.find(run.folder).log)
    except RunFolderError:
        if run.folder.exists() and any(run.folder.glob("events.jsonl*")):
            raise
        return None
    return history if history.events else None
