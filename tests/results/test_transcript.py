from __future__ import annotations

from pathlib import Path

import pytest
from dummy_run import at, call, started, turn

from soundstage.messages.events import Dropped, Reconnected, RunEnded
from soundstage.results import History, captions, transcript

GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize(
    ("write", "name"), [(transcript, "transcript.md"), (captions, "transcript.vtt")]
)
def test_a_call_is_written_as_it_should_be(write, name):
    assert write(History(call())) == (GOLDEN / name).read_text("utf-8")


def test_a_run_that_was_broken_off_says_so():
    assert transcript(History(call()[:5])).endswith("Broken off, after 0:03.0.\n")


def test_a_run_without_a_beginning_has_a_transcript():
    assert transcript(History([])) == (
        "# A run without a beginning\n\nSeed 0, unknown clock.\n\nBroken off, after 0:00.0.\n"
    )
    assert captions(History([])) == "WEBVTT\n"


def test_a_minute_is_not_sixty_seconds():
    text = transcript(History([started(), turn(1, "alice", 59.96, 3599.99, "Hm.")]))
    assert "**Alice** 1:00.0 to 60:00.0" in text


def test_markup_in_what_was_said_is_shown_and_does_nothing():
    said = "# 1 *two*\n[three](x) <b>`four`</b> a_b & c --> d"
    history = History([started(), turn(1, "alice", 0, 1, said)])
    assert r"\# 1 \*two\* \[three\](x) \<b\>\`four\`\</b\> a\_b & c --\> d" in transcript(history)
    assert "<v Alice># 1 *two* [three](x) &lt;b&gt;`four`&lt;/b&gt; a_b &amp; c --&gt; d\n" in (
        captions(history)
    )


def test_words_that_were_heard_as_they_were_said_are_not_repeated():
    assert "Bob heard" not in transcript(History(call()))


def test_a_turn_cut_before_its_first_word_is_a_dash():
    event = turn(1, "alice", 1, 1, "", generated="Hello.", cut_by="bob")
    assert "\n00:00:01.000 --> 00:00:01.001\n<v Alice>\N{EM DASH}\n" in captions(
        History([started(), event])
    )


def test_a_turn_cut_after_its_last_word_is_whole():
    event = turn(1, "alice", 1, 2, "Hello.", cut_by="bob")
    text = transcript(History([started(), event]))
    assert "Hello.  \n*cut by Bob*\n" in text
    assert "would have said" not in text


def test_hours_are_counted_in_captions():
    assert "02:46:40.500 --> 02:46:41.250" in captions(
        History([started(), turn(1, "alice", 10_000.5, 10_001.25, "Still here.")])
    )


def test_the_heading_is_the_name_of_the_scenario():
    assert transcript(History([started(title="A refund by phone")])).startswith(
        "# A refund by phone\n"
    )


def test_what_an_agent_did_not_hear_at_all_is_told():
    log = [
        started(recognizers=("bob",)),
        turn(1, "alice", 0, 1, "Hello?"),
        turn(2, "bob", 2, 3, "Yes."),
        RunEnded(pts=at(9), outcome="ended", reason="silence", exit_code=0),
    ]
    text = transcript(History(log))
    assert "*Bob heard nothing*" in text
    assert "Alice heard nothing" not in text


def test_the_calls_of_tools_stand_where_they_were_made():
    text = transcript(History(call()))
    called = text.index(r"*Bob called get\_weather* 0:08.5")
    assert text.index("you poor thing") < called < text.index("It rains.")


def test_a_session_that_was_lost_is_told_and_whether_there_was_another_one():
    events = [
        Dropped(pts=at(1), agent="alice", error="ConnectionLost: gone"),
        Reconnected(pts=at(1.5), agent="alice", gap=at(0.5), attempts=2),
        Dropped(pts=at(3), agent="bob", error="ConnectionLost: gone"),
    ]
    text = transcript(History([started(), *events]))
    assert "*Alice lost its session* 0:01.0: ConnectionLost: gone  \n*again after 0.50 s*" in text
    assert "*Bob lost its session* 0:03.0: ConnectionLost: gone  \n*there was no other one*" in text
