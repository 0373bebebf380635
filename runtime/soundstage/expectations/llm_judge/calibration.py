"""What a judge's judgement is worth: its answers against labels that people gave."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from soundstage.errors import UsageError
from soundstage.expectations.llm_judge.judge_question import PROMPT_VERSION
from soundstage.json_text import NotJson, read_json_as

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CALIBRATION_VERSION: Final = 1

CHANCE: Final = 0.05
"""How probable answers like a judge's may be for one that only guesses."""


class Confusion(Struct, frozen=True, kw_only=True):
    """A judge's answers to labelled conversations, counted.

    Attributes:
        true_holds: it holds, and the judge says so.
        missed: it does not hold, and the judge says that it does: a fault that would pass.
        false_alarms: it holds, and the judge says that it does not.
        caught: it does not hold, and the judge says so.
        unclear: the judge could not tell, or its answer said nothing.
        unanswered: there was no answer.
    """

    true_holds: int = 0
    missed: int = 0
    false_alarms: int = 0
    caught: int = 0
    unclear: int = 0
    unanswered: int = 0

    @property
    def answered(self) -> int:
        """Clear answers."""
        return self.true_holds + self.missed + self.false_alarms + self.caught

    @property
    def agreed(self) -> int:
        """Clear answers that are as the label says."""
        return self.true_holds + self.caught

    @property
    def faults(self) -> int:
        """Clear answers to conversations in which it does not hold."""
        return self.missed + self.caught

    @property
    def chance(self) -> float:
        """How probable it is that a judge that guesses catches at least as many faults.

        It is the one-sided exact test of Fisher (1935): labels and the numbers of both answers
        stay as they are, and the answers are dealt out at random. 1.0 where there is no answer.
        """
        said_false = self.caught + self.false_alarms
        ways = comb(self.answered, said_false)
        most = min(self.faults, said_false)
        sound = self.answered - self.faults
        return (
            sum(
                comb(self.faults, hits) * comb(sound, said_false - hits)
                for hits in range(self.caught, most + 1)
            )
            / ways
        )

    @property
    def is_useful(self) -> bool:
        """Whether the answers depend on the labels more than chance explains."""
        return self.answered > 0 and self.chance < CHANCE


class Calibration(Struct, frozen=True, kw_only=True):
    """A judge's confusion matrix for one statement, as a file keeps it.

    Attributes:
        version: of this file.
        statement: what was judged.
        model: the judge.
        served_by: the model as its server names it; empty where it does not.
        prompt: the version of the instructions that it was asked with.
        confusion: its answers against the labels.
    """

    version: int = CALIBRATION_VERSION
    statement: str
    model: str
    served_by: str = ""
    prompt: int = PROMPT_VERSION
    confusion: Confusion

    def is_of(self, statement: str, model: str) -> bool:
        """Whether it says something of this judge's judgement of a statement."""
        return (self.statement, self.model, self.prompt) == (statement, model, PROMPT_VERSION)

    @property
    def summary(self) -> str:
        """What it comes to, for the sentence of a result."""
        found = self.confusion
        if not found.is_useful:
            return f"calibrated on {found.answered} and USELESS: no better than guessing"
        return f"calibrated: agreed with {found.agreed} of {found.answered} labels"


def counted(answers: Iterable[tuple[bool, bool | None, bool]]) -> Confusion:
    """The confusion matrix of answers.

    Args:
        answers: the label, whether the judge says that it holds (None: it cannot tell), and
            whether there was an answer at all.
    """
    names = {
        (True, True): "true_holds",
        (False, True): "missed",
        (True, False): "false_alarms",
        (False, False): "caught",
    }
    counts: dict[str, int] = {}
    for label, holds, is_answered in answers:
        if not is_answered:
            name = "unanswered"
        else:
            name = "unclear" if holds is None else names[label, holds]
        counts[name] = counts.get(name, 0) + 1
    return Confusion(**counts)


def read_calibration(path: Path) -> Calibration:
    """The calibration in a file.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        found = read_json_as(path.read_bytes(), Calibration)
    except (OSError, NotJson) as error:
        raise UsageError(f"{path} is no calibration of a judge: {error}") from error
    if found.version > CALIBRATION_VERSION:
        raise UsageError(f"{path} was written by a later version of Soundstage")
    return found


def written_calibration(calibration: Calibration) -> str:
    """A calibration as its file keeps it."""
    return msgspec.json.format(msgspec.json.encode(calibration), indent=2).decode() + "\n"
