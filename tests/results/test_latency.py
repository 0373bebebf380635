from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from dummy_run import at, spoken, started, turn
from hypothesis import given
from hypothesis import strategies as st

from soundstage.messages.events import (
    Event,
    HeardText,
    Listening,
    ResponseStarted,
    Saying,
    ToolCalled,
    ToolReturned,
)
from soundstage.results import LATENCY_POINTS, History, measure, metric_value, turns_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def asked() -> list[Event]:
    """Alice asks; Bob hears the last of it at 3.01 s."""
    return [*spoken("alice", "bob", 1, 3), turn(1, "alice", 1, 3, "And you?")]


def answered(response: str = "resp_2") -> list[Event]:
    """Bob answers; Alice hears the first of it at 4.01 s."""
    return [*spoken("bob", "alice", 4, 5), turn(2, "bob", 3.9, 5, "Fine.", response=response)]


def decided(seconds: float, item: str = "item_1") -> Listening:
    return Listening(pts=at(seconds), agent="bob", on=False, item=item, at=at(seconds))


def recognised(seconds: float, item: str = "item_1") -> HeardText:
    start, end = at(1), at(3)
    return HeardText(
        pts=at(seconds), agent="bob", speaker="alice", text="x", start=start, end=end, item=item
    )


def words(seconds: float, response: str = "resp_2") -> Saying:
    return Saying(pts=at(seconds), agent="bob", response=response, text="Fine.")


def begun(seconds: float, response: str = "resp_2") -> ResponseStarted:
    return ResponseStarted(pts=at(seconds), agent="bob", response=response)


def called(seconds: float, call: str = "call_1") -> ToolCalled:
    return ToolCalled(pts=at(seconds), agent="bob", call=call, tool="look_up", arguments="{}")


def returned(seconds: float, call: str = "call_1") -> ToolReturned:
    return ToolReturned(
        pts=at(seconds), agent="bob", call=call, tool="look_up", output="{}", latency=0
    )


def spans(*between: Event) -> dict[str, float]:
    [_, answer] = turns_of(History([started(), *asked(), *between, *answered()]))
    assert answer.gap == pytest.approx(1.0)
    assert math.fsum(answer.spans.values()) == pytest.approx(answer.gap, abs=1e-3)
    return {name: pytest.approx(seconds) for name, seconds in answer.spans.items()}


def test_a_gap_is_divided_at_every_point_that_the_log_has():
    found = spans(decided(3.5), begun(3.5), recognised(3.6), words(3.8))
    assert found == {"decided": 0.49, "recognised": 0.1, "begun": 0.2, "sent": 0.1, "heard": 0.11}
    assert tuple(found) == ("decided", "recognised", "begun", "sent", "heard")


def test_tools_that_the_reply_waited_for_have_pieces_of_their_own():
    log = [decided(3.2), recognised(3.2), begun(3.2, "resp_a"), called(3.3), called(3.35, "call_2")]
    found = spans(*log, returned(3.4, "call_2"), returned(3.5), begun(3.5), words(3.6))
    assert found["called"] == 0.1
    assert found["returned"] == 0.2
    assert found["begun"] == 0.1


def test_a_tool_that_the_reply_did_not_wait_for_has_no_piece():
    assert "called" not in spans(decided(3.2), recognised(3.2), called(3.3), words(3.6))
    late = spans(decided(3.2), recognised(3.2), called(3.3), words(3.6), returned(3.7))
    assert "returned" not in late


def test_a_point_that_is_not_in_the_log_joins_its_piece_to_the_next():
    assert spans(decided(3.5), words(3.8)) == {
        "decided": 0.49,
        "recognised+begun": 0.3,
        "sent": 0.1,
        "heard": 0.11,
    }
    assert spans() == {"decided+recognised+begun+sent": 0.89, "heard": 0.11}


def test_words_that_were_recognised_while_the_reply_was_made_were_not_waited_for():
    found = spans(decided(3.5), words(3.6), recognised(3.7))
    assert found == {"decided": 0.49, "recognised+begun": 0.1, "sent": 0.3, "heard": 0.11}


def test_a_point_within_the_other_voice_leaves_a_piece_of_no_time():
    found = spans(decided(2.9), recognised(3.2), words(3.8))
    assert found["decided"] == 0
    assert found["recognised"] == 0.19


def test_an_agent_that_has_its_words_at_once_begins_with_its_response():
    assert spans(begun(3.6)) == {"decided+recognised+begun": 0.59, "sent": 0.3, "heard": 0.11}


def test_what_was_decided_before_the_turn_that_is_answered_is_not_its_end():
    early = Listening(pts=at(0.9), agent="bob", on=False, item="item_0", at=at(0.9))
    assert "decided" not in spans(early, words(3.8))


def test_words_without_an_item_belong_to_the_turn_that_they_overlap():
    assert spans(recognised(3.6, item=""), words(3.8))["decided+recognised"] == 0.59


def test_turns_that_answer_none_or_begin_too_early_have_no_pieces():
    log = [*asked(), *spoken("bob", "alice", 2.5, 4), turn(2, "bob", 2.5, 4, "")]
    assert [turn.spans for turn in turns_of(History([started(), *log]))] == [{}, {}]
    assert measure(History([started(), *log])).answers == ()


def test_metrics_have_each_answer_and_the_spread_of_each_piece():
    log = [*asked(), decided(3.5), recognised(3.6), words(3.8), *answered()]
    found = measure(History([started(), *log]))
    [answer] = found.answers
    assert (answer.turn, answer.agent, answer.gap) == (2, "bob", 1.0)
    assert found.agents["alice"].spans == {}
    assert list(found.agents["bob"].spans) == list(answer.spans)
    assert {name: each.p95 for name, each in found.run.spans.items()} == answer.spans


def test_a_metric_is_found_by_its_name():
    log = [*asked(), decided(3.5), words(3.8), *answered()]
    metrics = measure(History([started(), *log])).agents["bob"]
    assert metric_value(metrics, "turns") == 1
    assert metric_value(metrics, "response_gap.p95") == pytest.approx(1)
    assert metric_value(metrics, "frames.sent") == 0
    assert metric_value(metrics, "span.recognised+begun.p95") == pytest.approx(0.3)
    assert metric_value(metrics, "span.decided.count") == 1
    # That it could be measured on nothing is neither 0 nor an error.
    assert metric_value(metrics, "span.recognised.p95") is None
    assert metric_value(metrics, "time_to_silence.median") is None


UNKNOWN = """
, turn, response_gap, response_gap.p99, turns.p95, span, span.x.p95, spans, span.decided, frames,
span.decided.p95.p95, span..p95, response_gap.__class__
"""


@pytest.mark.parametrize("name", [name.strip() for name in UNKNOWN.split(",")])
def test_a_name_that_no_metric_has_is_refused(name: str):
    with pytest.raises(KeyError):
        metric_value(measure(History([started()])).run, name)


moments = st.integers(0, 6 * 24_000).map(lambda pts: pts / 24_000)
happened = st.one_of(
    st.builds(decided, moments),
    st.builds(recognised, moments),
    st.builds(begun, moments),
    st.builds(words, moments),
    st.builds(called, moments),
    st.builds(returned, moments),
)


@given(st.lists(happened, max_size=12))
def test_whatever_the_log_has_the_pieces_add_up_to_the_gap(between: Sequence[Event]):
    [_, answer] = turns_of(History([started(), *asked(), *between, *answered()]))
    assert answer.gap is not None
    assert math.fsum(answer.spans.values()) == pytest.approx(answer.gap, abs=1e-3)
    assert all(seconds >= 0 for seconds in answer.spans.values())
    names = [name for piece in answer.spans for name in piece.split("+")]
    assert names == [name for name in LATENCY_POINTS if name in names]
    assert {"decided", "recognised", "begun", "sent", "heard"} <= set(names)
