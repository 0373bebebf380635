"""No surface that people read obeys what a model, a recogniser, a tool or a file has written."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from dummy_report import hostile_log, hostile_run
from rich.console import Console

from soundstage.cli.live_view import LiveView
from soundstage.cli.plain_view import EventLines, Lines
from soundstage.messages import Verdict
from soundstage.report.page import report_html
from soundstage.results import History, RunFolder, captions, encode_event, shown_verdict, transcript

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHARACTERS = {
    "ESC": "\x1b",
    "NUL": "\0",
    "BEL": "\x07",
    "BS": "\b",
    "DEL": "\x7f",
    "CSI": "\x9b",
    "RLO": "\u202e",
    "RLI": "\u2066",
    "RLM": "\u200f",
    "ZWSP": "\u200b",
    "BOM": "\ufeff",
}
LINE_ENDS = {"LF": "\n", "CR": "\r", "NEL": "\x85", "LS": "\u2028", "PS": "\u2029", "FF": "\f"}
VERDICT = {"need": "required", "status": "failed", "pts": 0}


def lines(text: str, _: Path) -> str:
    out = io.StringIO()
    view = Lines(out)
    for event in hostile_log(text):
        view.show(event)
    view.decided(Verdict(id=text, expected=text, sentence=text, **VERDICT))
    return out.getvalue()


def json_lines(text: str, _: Path) -> str:
    out = io.StringIO()
    view = EventLines(out, io.StringIO())
    for event in hostile_log(text):
        view.show(event)
    view.decided(Verdict(id=text, expected=text, sentence=text, **VERDICT))
    return out.getvalue()


def live(text: str, _: Path) -> str:
    console = Console(file=io.StringIO(), width=200, height=60)
    view = LiveView(console, text, (text, "bob"))
    for event in hostile_log(text):
        view.show(event)
    view.notice(text)
    view.decided(Verdict(id=text, expected=text, sentence=text, **VERDICT))
    with console.capture() as capture:
        console.print(view.picture())
    view.close()
    return capture.get()


def verdict(text: str, folder: Path) -> str:
    found = Verdict(
        id=text, expected=text, sentence=text, why=text, owner=text, agent="bob", **VERDICT
    )
    return shown_verdict(found, RunFolder(folder))


SURFACES: dict[str, Callable[[str, Path], str]] = {
    "plain view": lines,
    "event lines": json_lines,
    "live view": live,
    "verdict": verdict,
    "transcript": lambda text, _: transcript(History(hostile_log(text))),
    "captions": lambda text, _: captions(History(hostile_log(text))),
    "report": lambda text, folder: report_html(hostile_run(folder, text)),
}


@pytest.mark.parametrize("name", CHARACTERS)
@pytest.mark.parametrize("surface", SURFACES)
def test_a_character_that_is_obeyed_is_not_shown(tmp_path: Path, surface: str, name: str) -> None:
    shown = SURFACES[surface](f"be{CHARACTERS[name]}hind", tmp_path)
    assert CHARACTERS[name] not in shown
    assert re.search(r"be\\+(b|[xu][0-9a-f]+)hind", shown)


@pytest.mark.parametrize("name", LINE_ENDS)
@pytest.mark.parametrize("surface", ["plain view", "verdict", "transcript", "captions"])
def test_what_was_said_makes_no_line_of_its_own(tmp_path: Path, surface: str, name: str) -> None:
    show = SURFACES[surface]
    broken = show(f"one{LINE_ENDS[name]}FAILED", tmp_path)
    assert len(broken.splitlines()) == len(show("one FAILED", tmp_path).splitlines())
    assert "one FAILED" in broken
    assert not any(line.startswith("FAILED") for line in broken.splitlines())


@pytest.mark.parametrize("text", [*CHARACTERS.values(), *LINE_ENDS.values(), "caf\u00e9"])
def test_the_log_has_it_as_it_came_and_the_lines_of_json_have_the_same_values(text: str) -> None:
    shown = json_lines(text, None).splitlines()
    for event, line in zip(hostile_log(text), shown, strict=False):
        assert json.loads(line) == json.loads(encode_event(event))
    stored = [encode_event(event) for event in hostile_log(text)]
    assert any(json.loads(line).get("generated") == text * 2 for line in stored)


def test_brackets_in_a_title_are_no_markup_of_the_live_view(tmp_path: Path) -> None:
    assert "[/red] [bold]x" in live("[/red] [bold]x", tmp_path)
