"""A file of conversations that people have labelled, and a judge's answers to them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self

from msgspec import Struct
from pydantic import Field, StrictBool, model_validator

from soundstage.config import (
    Diagnostics,
    SeedPick,
    Validator,
    Variation,
    apply_sets,
    check_numbers,
    check_variables,
    read_document,
)
from soundstage.config.values import (
    AgentName,
    Table,
    ValidationContext,
    folder_of,
    is_table,
    path_of,
)
from soundstage.endpoint import is_chat_key
from soundstage.expectations.llm_judge.calibration import Calibration, counted
from soundstage.expectations.llm_judge.judge_question import JudgeQuestion, written_transcript
from soundstage.expectations.llm_judge.judge_settings import JudgeSettings
from soundstage.expectations.llm_judge.language_judge import LanguageJudge
from soundstage.results import History, RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.cache import Cache
    from soundstage.config import KeyPath
    from soundstage.expectations.llm_judge.language_judge import Judge
    from soundstage.expectations.llm_judge.opinion import Opinion

AT_ONCE: Final = 4
"""Questions that wait for an answer at the same time."""


class Labelled(Table):
    """One conversation, and what people say of it.

    Exactly one of `transcript` and `run` is set.

    Attributes:
        holds: whether the statement is true of it.
        transcript: the conversation, a line for each turn: `NAME: words`.
        run: the folder of a run.
    """

    holds: StrictBool
    transcript: Annotated[str, Field(min_length=1)] | None = None
    run: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _find_the_run(cls, value: object) -> object:
        if is_table(value) and isinstance(name := value.get("run"), str):
            return {**value, "run": folder_of(value, "run") / path_of(name)}
        return value

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.transcript is None) == (self.run is None):
            raise ValueError("a conversation is either a transcript, or the folder of a run")
        return self

    def question(self, asked: CalibrationTable) -> JudgeQuestion:
        """What a judge is asked of it.

        Raises:
            RunFolderError: its run cannot be read.
        """
        if self.run is not None:
            text = written_transcript(History.read(RunFolder.find(self.run).log))
        else:
            lines = filter(None, map(str.strip, (self.transcript or "").splitlines()))
            text = "\n".join(f"[{number}] {line}" for number, line in enumerate(lines, 1))
        return JudgeQuestion(statement=asked.judge, agent=asked.agent or "", transcript=text)


class CalibrationTable(Table):
    """What is judged.

    Attributes:
        judge: the statement, in the words in which `[[expect]]` has it.
        agent: the agent that it is about, if it is about one.
    """

    judge: Annotated[str, Field(min_length=1, max_length=2000)]
    agent: AgentName | None = None


class CalibrationFile(Table):
    """A judge, a statement, and labelled conversations.

    Attributes:
        judge: the language model.
        calibration: what it judges.
        labelled: the conversations.
    """

    judge: JudgeSettings
    calibration: CalibrationTable
    labelled: Annotated[tuple[Labelled, ...], Field(min_length=1)]


class Answered(Struct, frozen=True):
    """A judge's answer to one labelled conversation.

    Attributes:
        number: of the conversation in its file, from 1.
        label: whether the statement is true of it.
        opinion: the answer.
    """

    number: int
    label: bool
    opinion: Opinion


def read_calibration_file(path: Path, sets: Sequence[str] = ()) -> CalibrationFile:
    """The judge, the statement and the conversations of a file.

    Args:
        path: TOML, with `[judge]`, `[calibration]` and `[[labelled]]`.
        sets: `PATH=VALUE` each, values that are changed.

    Raises:
        ScenarioError: the file is wrong; every fault at once, with its line.
    """
    diagnostics = Diagnostics()
    document = read_document(path, diagnostics)
    diagnostics.raise_if_any()
    apply_sets(document, sets, diagnostics)
    check_numbers(document, diagnostics)
    check_variables(document, diagnostics, is_chat_key)
    document.note_folders()

    def report(path: KeyPath, reason: str) -> None:
        diagnostics.add(document.place_of(path), reason)

    names = _names_in(document.tree.get("calibration"))
    variation = Variation(SeedPick(0), report)
    context = ValidationContext({"agents": names})
    validator = Validator(document, diagnostics, context, CalibrationFile, variation)
    validator.check_root()
    for name in ("judge", "calibration"):
        if name not in document.tree:
            diagnostics.add(document.top, f"there is no table [{name}]")
    if not document.tree.get("labelled"):
        diagnostics.add(document.top, "nothing is labelled: there is no [[labelled]]")
    diagnostics.raise_if_any()
    judged_by = validator.table(JudgeSettings, ("judge",))
    asked = validator.table(CalibrationTable, ("calibration",))
    labelled = validator.listed_tables("labelled", Labelled)
    diagnostics.raise_if_any()
    if judged_by is None or asked is None:
        raise AssertionError("a table that is wrong has been noted as a fault")
    conversations = tuple(each for _, each in labelled)
    return CalibrationFile(judge=judged_by, calibration=asked, labelled=conversations)


def _names_in(table: object) -> list[str]:
    """The agent that a calibration is about: nothing declares it, so that it may be any."""
    name = table.get("agent") if is_table(table) else None
    return [name] if isinstance(name, str) else []


def ask_labelled(file: CalibrationFile, cache: Cache | None) -> list[Answered]:
    """Ask the judge about every conversation.

    Raises:
        RunFolderError: a run cannot be read.
    """
    judged_by: Judge = LanguageJudge(file.judge, cache)
    questions = [each.question(file.calibration) for each in file.labelled]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="calibrate") as pool:
        opinions = list(pool.map(judged_by.ask, questions))
    return [
        Answered(number, each.holds, opinion)
        for number, (each, opinion) in enumerate(zip(file.labelled, opinions, strict=True), 1)
    ]


def calibration_of(file: CalibrationFile, answers: Sequence[Answered]) -> Calibration:
    """What the answers say of the judge."""
    served = dict.fromkeys(each.opinion.served_by for each in answers if each.opinion.served_by)
    return Calibration(
        statement=file.calibration.judge,
        model=file.judge.shown_model,
        served_by=", ".join(served),
        confusion=counted(
            (each.label, each.opinion.holds, not each.opinion.error) for each in answers
        ),
    )
