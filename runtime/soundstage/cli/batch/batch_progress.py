"""How far a batch is: its rate, the time that is left, and what it has come to so far."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from soundstage.kernel import Stopwatch
from soundstage.sweep import judgement_of

if TYPE_CHECKING:
    from soundstage.ledger import Row
    from soundstage.sweep import Judgements

EVERY: Final = 10.0
"""Seconds between two lines in a log, where a line cannot be overwritten."""

SHOWN_EVERY: Final = 1.0
"""Seconds between two looks at what the runs have come to, beside a bar."""


class BatchProgress:
    """Counts the runs of a batch as they end.

    Args:
        count: how many are to be made.
        judgements: how the runs came out, to say the verdict so far.
    """

    def __init__(self, count: int, judgements: Judgements) -> None:
        self._count = count
        self._judgements = judgements
        self._done = Counter[str]()
        self._watch = Stopwatch()
        self._told = 0.0
        self._short, self._shown = "", -SHOWN_EVERY

    def add(self, row: Row) -> None:
        """Count a run that is over."""
        self._done[judgement_of(row)] += 1

    @property
    def is_due(self) -> bool:
        """Whether a line was told so long ago that another one is due."""
        if self._watch.seconds - self._told < EVERY:
            return False
        self._told = self._watch.seconds
        return True

    @property
    def so_far(self) -> str:
        """How many runs came out how, and the verdict, as far as it is known."""
        counts = [f"{self._done[each]} {each}" for each in ("passed", "failed", "invalid")]
        told = ", ".join(each for each in counts if not each.startswith("0 ")) or "no run yet"
        verdicts = [cell.verdict for cell in self._judgements.verdicts() if cell.verdict]
        if not verdicts:
            return told
        kinds = Counter(verdict.verdict for verdict in verdicts)
        if len(verdicts) == 1:
            return f"{told}; so far {verdicts[0].verdict}"
        cells = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        return f"{told}; cells so far: {cells}"

    @property
    def short(self) -> str:
        """The rate and what it has come to, beside a bar; made anew once a second at most."""
        seconds = self._watch.seconds
        if seconds - self._shown >= SHOWN_EVERY:
            # All runs are looked at for the verdict: at each of ten thousand that would be slow.
            rate = self._done.total() / max(seconds, 1e-9)
            self._short, self._shown = f"{rate:.2g}/s  {self.so_far}", seconds
        return self._short

    @property
    def line(self) -> str:
        """All of it in one line, for a log."""
        done = self._done.total()
        seconds = max(self._watch.seconds, 1e-9)
        rate = done / seconds
        left = (self._count - done) / rate if rate else 0.0
        return (
            f"{done} of {self._count} runs, {rate:.2g} a second, about {_clock(left)} left; "
            f"{self.so_far}"
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
