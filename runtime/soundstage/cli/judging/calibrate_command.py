"""`soundstage calibrate`: holds a language model that judges against labels that people gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

import msgspec
from rich.console import Console
from rich.table import Table

from soundstage.cache import default_folder, open_cache
from soundstage.expectations import ask_labelled, calibration_of, read_calibration_file
from soundstage.expectations import written_calibration as as_text
from soundstage.messages.outcome import EXIT_ENDED, EXIT_FAILED, EXIT_INVALID
from soundstage.printable_text import printable_json, printable_line
from soundstage.results import save_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from soundstage.expectations import Answered, Calibration

_SHOWN: Final = 10


def calibrate(
    file: Path,
    *,
    sets: Sequence[str],
    out: Path | None,
    as_json: bool,
    cached: bool,
    to: TextIO,
) -> int:
    """Ask the judge about every labelled conversation, and show what its judgement is worth.

    Args:
        file: with `[judge]`, `[calibration]` and `[[labelled]]`.
        sets: `PATH=VALUE` each.
        out: gets the calibration, for `calibration` of `[judge]`.
        as_json: whether it is printed as JSON.
        cached: whether answers that were given before are taken.
        to: gets what is printed.

    Returns:
        0 if the answers depend on the labels, 1 if they are no better than guessing, 3 if the
        judge did not answer all.

    Raises:
        ScenarioError: the file is wrong.
        RunFolderError: a run that it names cannot be read.
        RecordingFailed: `out` cannot be written.
    """
    labelled = read_calibration_file(file, sets)
    answers = ask_labelled(labelled, open_cache(default_folder()) if cached else None)
    found = calibration_of(labelled, answers)
    if out is not None:
        save_text(out, as_text(found))
    if as_json:
        to.write(printable_json(msgspec.json.encode(found).decode()) + "\n")
    else:
        _show(found, answers, to)
    if found.confusion.unanswered:
        return EXIT_INVALID
    return EXIT_ENDED if found.confusion.is_useful else EXIT_FAILED


def _show(found: Calibration, answers: Sequence[Answered], to: TextIO) -> None:
    counts = found.confusion
    console = Console(file=to, highlight=False)
    console.print(printable_line(f"judge      {found.model} {found.served_by}".rstrip()))
    console.print(printable_line(f"statement  {found.statement}"), markup=False)
    table = Table("label", "judge: holds", "judge: does not", box=None, pad_edge=False)
    table.add_row("holds", str(counts.true_holds), f"{counts.false_alarms} false alarms")
    table.add_row("does not hold", f"{counts.missed} missed", f"{counts.caught} caught")
    console.print()
    console.print(table)
    console.print()
    if counts.unclear or counts.unanswered:
        console.print(f"{counts.unclear} unclear, {counts.unanswered} without an answer")
    agreed = f"agreed with {counts.agreed} of {counts.answered} labels"
    lines = [
        f"{agreed}; caught {counts.caught} of {counts.faults} faults",
        f"a judge that guesses catches as many with probability {counts.chance:.2g}",
        "useful: its answers depend on the labels"
        if counts.is_useful
        else "USELESS: its answers are no better than guessing",
    ]
    for line in lines:
        console.print(line)
    wrong = [each for each in answers if each.opinion.error or each.opinion.holds != each.label]
    for each in wrong[:_SHOWN]:
        said = each.opinion.error or f"{_word(each.opinion.holds)}: {each.opinion.reason}"
        text = f"labelled {each.number}: {_word(each.label)}, judge {said}"
        console.print(printable_line(text), markup=False)
    if len(wrong) > _SHOWN:
        console.print(f"and {len(wrong) - _SHOWN} more")


def _word(holds: bool | None) -> str:  # noqa: FBT001 - the value of a label
    return {True: "holds", False: "does not hold", None: "cannot tell"}[holds]
