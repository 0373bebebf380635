"""`report.html` of a batch: one file that asks no network and runs no script."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.report import PageTemplate
from soundstage.results import save_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from soundstage.batch_report.expectation_counts import ExpectationCase
    from soundstage.sweep import Summary

PAGE: Final = "report.html"
"""Of a batch, in its folder."""

_template: Final = PageTemplate(
    files("soundstage.batch_report").joinpath("page"), "batch.html", filters={}
)

_HEADS: Final = {0: ("Passed", "passed"), 1: ("Failed", "failed"), 3: ("Not judged", "doubt")}
"""The word and the tone by the exit code, so that the page is never greener than that."""


class _Row(Struct, frozen=True):
    """An expectation over all cells."""

    id: str
    advisory: bool
    cells: dict[str, ExpectationCase]


class _Missed(Struct, frozen=True):
    """An expectation that did not pass in every run, with its first such run."""

    case: ExpectationCase
    sentence: str
    seed: int
    at: float | None
    link: str
    again: str


def write_batch_page(
    folder: Path,
    summary: Summary,
    cases: Sequence[ExpectationCase],
    again: Callable[[str, int], str],
) -> Path:
    """Write the page.

    Args:
        folder: of the batch.
        summary: of it.
        cases: what became of its expectations.
        again: the command that plays the run of a cell and seed once more; empty where it is not
            known.

    Returns:
        The file.

    Raises:
        RecordingFailed: it cannot be written.
    """
    word, tone = _HEADS.get(summary.exit_code, ("Broken off", "doubt"))
    page = _template.render(
        policy=f"default-src 'none'; style-src '{_template.digest('batch.css')}'; "
        "base-uri 'none'; form-action 'none'",
        style=_template.part("batch.css"),
        word=word,
        tone=tone,
        summary=summary,
        rows=_rows(cases),
        missed=_missed(folder, cases, again),
        failing=[
            (each, again(each.cell, each.seed), _link(folder, each.cell, each.seed))
            for each in summary.failing
        ],
    )
    path = folder / PAGE
    save_text(path, page)
    return path


def _rows(cases: Sequence[ExpectationCase]) -> list[_Row]:
    rows: dict[str, _Row] = {}
    for case in cases:
        row = rows.setdefault(case.id, _Row(case.id, case.need == "advisory", {}))
        row.cells[case.cell] = case
    return sorted(rows.values(), key=lambda row: not _has_missed(row.cells))


def _has_missed(cells: Mapping[str, ExpectationCase]) -> bool:
    return any(case.failed or case.unknown for case in cells.values())


def _missed(
    folder: Path, cases: Sequence[ExpectationCase], again: Callable[[str, int], str]
) -> list[_Missed]:
    return [
        _Missed(
            case,
            run.sentence,
            run.seed,
            run.at,
            _link(folder, case.cell, run.seed),
            again(case.cell, run.seed),
        )
        for case in sorted(cases, key=lambda each: (each.failed is None, each.need != "required"))
        if (run := case.failed or case.unknown) is not None
    ]


def _link(folder: Path, cell: str, seed: int) -> str:
    """The page of a run, if it is kept."""
    path = "/".join(filter(None, (cell, f"seed-{seed}", PAGE)))
    return path if (folder / path).is_file() else ""
