"""How a run is shown."""

from __future__ import annotations

import io
import json

import msgspec
from rich.console import Console

from soundstage.cli.live_view import LiveView, waveform
from soundstage.cli.plain_view import EventLines, Lines, Notices, clock_of, line_of
from soundstage.messages import Cause, events
from soundstage.messages.cause import Owner
from soundstage.units import samples_of_seconds


def turn(said: str, cut_by: str = "") -> events.Turn:
    return events.Turn(
        pts=samples_of_seconds(63.25),
        agent="bob",
        number=1,
        response="r",
        start=0,
        end=10,
        generated="Good day to you.",
        said=said,
        cut_by=cut_by,
    )


def live(width: int) -> tuple[LiveView, Console]:
    console = Console(file=io.StringIO(), width=width, height=24, force_terminal=True)
    return LiveView(console, "A call", ("alice", "bob")), console


def drawn(view: LiveView, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, height=24)
    with console.capture() as capture:
        console.print(view.picture())
    view.close()
    return capture.get()


def test_a_time_is_minutes_seconds_and_tenths() -> None:
    assert clock_of(samples_of_seconds(63.25)) == "1:03.2"


def test_a_cut_turn_is_one_plain_line_that_says_who_cut_it() -> None:
    out = io.StringIO()
    Lines(out).show(turn("Good day", cut_by="alice"))
    assert out.getvalue() == " 1:03.2  bob: Good day  [cut by alice]\n"


def test_a_fault_says_where_it_is_in_the_users_code_or_in_any_code() -> None:
    trace = 'Traceback\n  File "/a/b.py", line 3, in f\n  File "/a/c.py", line 7, in g\nE: no'
    fault = events.Fault(pts=0, agent="desk", error="E: no", traceback=trace, action="end")
    assert line_of(fault) == " 0:00.0     FAULT, desk: E: no at /a/c.py:7 (end)"
    cause = Cause(owner=Owner.AGENT, reason="fault:desk", message="m", place="desk.py:2")
    theirs = msgspec.structs.replace(fault, cause=cause)
    assert line_of(theirs) == " 0:00.0     FAULT, desk: E: no at desk.py:2 (end)"
    bare = msgspec.structs.replace(fault, traceback="")
    assert line_of(bare) == " 0:00.0     FAULT, desk: E: no (end)"


def test_both_views_say_when_a_session_is_lost_and_when_there_is_another_one() -> None:
    lost = events.Dropped(pts=0, agent="bob", error="ConnectionLost: gone")
    again = events.Reconnected(pts=0, agent="bob", gap=samples_of_seconds(0.5), attempts=1)
    assert line_of(lost) == " 0:00.0     bob has lost its session: ConnectionLost: gone"
    assert line_of(again) == " 0:00.0     bob has a session again after 0.50 s"
    view, _ = live(80)
    for event in (lost, again):
        view.show(event)
    assert "has a session again after 0.50 s" in drawn(view, 80)


def test_what_nobody_wants_to_read_is_no_line() -> None:
    out = io.StringIO()
    Lines(out).show(events.VoiceStarted(pts=0, agent="bob", track="said"))
    assert out.getvalue() == ""


def test_a_notice_is_a_line_of_its_own_and_never_among_the_events() -> None:
    out, aside = io.StringIO(), io.StringIO()
    Lines(out).notice("join at http://127.0.0.1:1/x/")
    EventLines(out, aside).notice("and here")
    Notices(aside).notice("and there")
    assert out.getvalue() == "join at http://127.0.0.1:1/x/\n"
    assert aside.getvalue() == "and here\nand there\n"


def test_with_nothing_to_be_shown_events_are_not() -> None:
    out = io.StringIO()
    Notices(out).show(turn("Good day"))
    assert out.getvalue() == ""


def test_the_live_view_keeps_a_notice_in_sight_whole() -> None:
    address = "http://127.0.0.1:54321/" + "x" * 60
    view, _ = live(60)
    view.notice(address)
    for _ in range(30):
        view.show(turn("Good day"))
    picture = drawn(view, 60)
    assert address in "".join(line.strip("│ ") for line in picture.splitlines())


def test_json_shows_every_event_as_it_stands_in_the_log() -> None:
    out = io.StringIO()
    EventLines(out, io.StringIO()).show(events.VoiceStarted(pts=7, agent="bob", track="said"))
    assert json.loads(out.getvalue()) == {
        "type": "voice_started",
        "pts": 7,
        "agent": "bob",
        "track": "said",
    }


class Closed(io.StringIO):
    def write(self, s: str) -> int:
        raise BrokenPipeError(s)


def test_a_reader_that_has_gone_does_not_end_the_run() -> None:
    lines = Lines(Closed())
    lines.show(turn("Good day"))
    lines.show(turn("Good day"))


def test_a_waveform_shows_the_newest_peaks_at_its_right_end() -> None:
    assert waveform([0, 32768], 4) == "   █"
    assert len(waveform([100] * 50, 10)) == 10
    assert waveform([0, 0], 2) == "  "


def test_the_live_view_shows_who_speaks_the_words_and_the_gap() -> None:
    view, _ = live(80)
    view.show(events.Joined(pts=0, agent="alice"))
    view.show(events.VoiceStopped(pts=24_000, agent="alice", track="said"))
    view.show(events.AgentSpeechStarted(pts=0, agent="bob", response="r"))
    view.show(events.VoiceStarted(pts=36_000, agent="bob", track="said"))
    view.show(events.Saying(pts=0, agent="bob", response="r", text="Good day"))
    view.levels({"bob": 20_000})
    text = drawn(view, 80)
    assert "alice listening" in text
    assert "bob   speaking" in text
    assert "gap 0.50 s" in text
    assert "bob: Good day …" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_live_view_shows_interruptions_and_faults() -> None:
    view, _ = live(160)
    view.show(events.Interrupted(pts=0, agent="bob", by="alice", response="r"))
    view.show(turn("Good day", cut_by="alice"))
    view.show(events.Fault(pts=0, agent="bob", error="ValueError: x", traceback="", action="leave"))
    text = drawn(view, 160)
    assert "✂1" in text
    assert "cut by alice" in text
    assert "fault: ValueError: x (leave)" in text
