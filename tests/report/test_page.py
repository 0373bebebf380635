"""The page as text: what is in it, and that nothing in it is more than text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from dummy_report import HOSTILE, expect, hostile_run, record
from dummy_run import at, call, started

from soundstage.errors import RunFolderError
from soundstage.messages.events import Noted
from soundstage.report import write_report
from soundstage.report.page import report_html
from soundstage.results import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

VOID = {"meta", "rect", "br"}


class Elements(HTMLParser):
    """The elements of a page, with their attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.sources: dict[str, str] = {}
        self._open = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data):
        if self._open in {"style", "script"}:
            self.sources[self._open] = self.sources.get(self._open, "") + data
        else:
            self.texts.append(data)

    def handle_endtag(self, tag):
        self._open = ""

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.found}


@pytest.fixture
def call_folder(tmp_path: Path) -> RunFolder:
    return record(tmp_path / "run", call(), ("alice", "bob"), tone=8000)


def test_the_verdict_comes_first_and_then_what_was_said(call_folder: RunFolder):
    page = report_html(call_folder)
    said = "".join(Elements(page).texts)
    order = ["Ended", "exit code 0", "Time line", "Transcript", "Hi Bob!", "cut by Alice"]
    order += ["get_weather", "returned:", "It rains.", "Where the response gaps go", "Measures"]
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_what_is_loaded_is_inside_the_page_and_named_by_its_digest(call_folder: RunFolder):
    page = report_html(call_folder)
    elements = Elements(page)
    [policy] = [
        found["content"]
        for tag, found in elements.found
        if tag == "meta" and found.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for tag, source in elements.sources.items():
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?://|@import|url\(", page.replace("http://www.w3.org", ""))
    # A style attribute would need leave for all of them.
    assert not [found for _, found in elements.found if "style" in found]


def test_sound_is_beside_the_page(call_folder: RunFolder):
    sources = [
        found.get("src") or found.get("value")
        for tag, found in Elements(report_html(call_folder)).found
        if tag in {"audio", "option"}
    ]
    assert sources[0] == "audio/mix.wav"
    assert set(sources) == {f"audio/{path.name}" for path in call_folder.sounds.iterdir()}
    assert all((call_folder.path / source).is_file() for source in sources if source)


def test_a_page_that_holds_its_sound_needs_no_file(call_folder: RunFolder):
    page = report_html(call_folder, embed_audio=True)
    assert "audio/webm;base64," in page
    assert "audio/mix.wav" not in page
    assert "media-src data:;" in page


def test_a_run_without_recordings_has_a_page_and_no_sound_to_embed(tmp_path: Path):
    folder = RunFolder.at(tmp_path / "run")
    folder.events.write_bytes((record(tmp_path / "other", call(), ("alice",))).events.read_bytes())
    page = report_html(folder)
    assert "Nothing was recorded." in page
    assert "data-peaks" not in page
    assert "data-audible" in page
    with pytest.raises(RunFolderError, match="no sound"):
        report_html(folder, embed_audio=True)


def test_each_answer_shows_what_its_gap_was_spent_on(call_folder: RunFolder):
    page = report_html(call_folder)
    said = " ".join("".join(Elements(page).texts).split())
    assert "end of turn decided + words recognised" in said
    assert "first sound heard" in said


def test_expectations_stand_in_the_page_where_there_are_any(call_folder: RunFolder):
    assert 'id="expectations"' not in report_html(call_folder)
    expect(
        call_folder,
        {"id": "greets", "status": "passed", "sentence": "said at once", "pts": at(1)},
        {"id": "yields", "status": "failed", "sentence": "went on for 0.6 s", "later": [1]},
    )
    said = "".join(Elements(report_html(call_folder)).texts)
    assert "1 of 2 required expectations failed: yields." in said
    assert said.index("went on for 0.6 s") < said.index("said at once") < said.index("Time line")


@pytest.mark.parametrize(
    "content",
    ["{", "[1]", '{"verdicts": {}}', '{"verdicts": [{"id": 1}]}', "null", '{"version": 9}'],
)
def test_expectations_that_cannot_be_read_leave_the_run_unjudged(
    call_folder: RunFolder, content: str
):
    call_folder.expectations.write_text(content)
    page = report_html(call_folder)
    assert 'data-tone="invalid"' in page
    assert "expectations.json" in page


def test_a_run_that_was_broken_off_is_not_green(tmp_path: Path):
    folder = record(tmp_path / "run", call()[:-1], ("alice", "bob"))
    page = report_html(folder)
    assert 'data-tone="invalid"' in page
    assert "broken off" in page


def test_a_log_with_nothing_in_it_has_a_page(tmp_path: Path):
    folder = RunFolder.at(tmp_path / "run")
    folder.events.write_bytes(b"")
    assert "Nothing was said." in report_html(folder)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_stands_in_a_run_is_text_in_its_page(tmp_path: Path, text: str):
    plain = Elements(report_html(hostile_run(tmp_path / "plain", "harmless")))
    page = report_html(hostile_run(tmp_path / "hostile", text))
    hostile = Elements(page)
    assert [tag for tag, _ in hostile.found] == [tag for tag, _ in plain.found]
    assert [sorted(found) for _, found in hostile.found] == [
        sorted(found) for _, found in plain.found
    ]
    assert hostile.sources == plain.sources
    links = [found["href"] for tag, found in hostile.found if tag == "a"]
    assert all(link is not None and link.startswith("#") for link in links)


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/etc/outside", "\0", ""])
def test_a_name_that_leads_out_of_the_folder_has_no_recording(tmp_path: Path, name: str):
    folder = record(tmp_path / "run", [started(agents=(name,)), *call()[1:]], ("alice",), tone=9)
    (folder.path / "outside.wav").write_bytes(folder.audio("alice").read_bytes())
    page = report_html(folder)
    assert "outside.wav" not in page
    assert "data-peaks" not in page


def test_a_session_that_was_lost_and_came_again_is_told(tmp_path: Path):
    page = report_html(hostile_run(tmp_path / "run", "the far end went"))
    said = " ".join("".join(Elements(page).texts).split())
    assert "The far end went dropped the far end went" in said
    assert "reconnected after 0.50 s and 2 calls" in said


def test_a_long_result_of_a_tool_is_cut_with_a_word_of_how_much_is_left(tmp_path: Path):
    log = call()
    place = next(n for n, event in enumerate(log) if event.type == "tool_returned")
    log[place] = type(log[place])(
        pts=at(8.9), agent="bob", call="call_1", tool="x", output="y" * 100_000, latency=1
    )
    page = report_html(record(tmp_path / "run", log, ("alice", "bob")))
    assert "(98,000 more)" in page
    assert len(page) < 100_000


def test_the_same_folder_makes_the_same_page(call_folder: RunFolder):
    first = write_report(call_folder).read_bytes()
    assert write_report(call_folder).read_bytes() == first
    embedded = report_html(call_folder, embed_audio=True)
    assert report_html(call_folder, embed_audio=True) == embedded


def test_a_call_to_a_bot_has_its_gap_beside_what_the_transport_adds(tmp_path: Path):
    told = {"transport": "<b>x", "answers": 3, "answer_gap_ms": 520}
    told |= {"transport_delay_ms": 23, "transport_delay_source": "measured 2026-11-28"}
    log = [*call(), Noted(pts=at(4.9), agent="bob", name="bot_call", data=told)]
    page = Elements(report_html(record(tmp_path / "run", log, ("alice", "bob"))))
    texts = [text for text in page.texts if text.strip()]
    place = texts.index("Calls to bots")
    row = texts[texts.index("<b>x", place) - 1 :]
    assert row[:5] == ["Bob", "<b>x", "3", "520 ms", "23 ms, measured 2026-11-28"]


def test_a_run_with_no_call_to_a_bot_has_no_table_of_them(call_folder: RunFolder):
    assert "Calls to bots" not in report_html(call_folder)
