"""Reading the answer of a judge, and what it makes of an expectation."""

from __future__ import annotations

import pytest
from dummy_log import Log
from hypothesis import given
from hypothesis import strategies as st

from soundstage.expectations.judges.timeline import Timeline
from soundstage.expectations.llm_judge.opinion import Opinion, judge_opinion, read_answer
from soundstage.messages import Owner

LINE = Timeline(Log().says("caller", 1, 2, "Hurry!").says("support", 3, 4, "No.").ends(5))


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ('{"reason": "It says so.", "turn": 2, "holds": true}', (True, "It says so.", 2)),
        ('```json\n{"holds": false, "reason": "No."}\n```', (False, "No.", None)),
        (
            'Let me see. {"holds": null, "reason": "Unclear."} That is all.',
            (None, "Unclear.", None),
        ),
        ('{"holds": true} No, wait: {"holds": false}', (False, "", None)),
        ('{"holds": "yes", "reason": 7, "turn": "2"}', (None, "", None)),
        ('{"holds": true, "turn": true}', (True, "", None)),
        ('{"note": {"holds": true}}', (None, "", None)),
        ("It holds.", (None, "", None)),
        ("", (None, "", None)),
        ('{"holds": true', (None, "", None)),
    ],
)
def test_the_last_object_that_says_whether_it_holds_counts(answer, read):
    assert read_answer(answer) == read


def test_a_reason_is_one_line_without_control_characters():
    _, reason, _ = read_answer('{"holds": true, "reason": "one\\ntwo\\u001b[31m"}')

    assert reason.startswith("one two")
    assert "\x1b" not in reason


@given(st.text())
def test_any_answer_is_read(answer):
    holds, reason, turn = read_answer(answer)

    assert holds in {True, False, None}
    assert isinstance(reason, str)
    assert turn is None or isinstance(turn, int)


def test_what_holds_passes_at_the_turn_that_decides_it():
    found = judge_opinion(Opinion(model="m", holds=True, reason="Calm.", turn=2), LINE)

    assert (found.status, found.turn, found.agent) == ("passed", 2, "support")
    assert found.sentence == "it holds, says m (not calibrated): Calm."


def test_what_does_not_hold_fails_and_names_the_turn_and_the_worth_of_the_judge():
    opinion = Opinion(model="m", holds=False, reason="Rude.", turn=2, calibration="calibrated: …")
    found = judge_opinion(opinion, LINE)

    assert (found.status, found.kind, found.turn) == ("failed", "judged_false", 2)
    assert found.sentence == "it does not hold, says m (calibrated: …): Rude."


@pytest.mark.parametrize(
    ("opinion", "kind"),
    [
        (None, "judge_unavailable"),
        (Opinion(model="m", error="the judge gave no answer: refused"), "judge_unavailable"),
        (Opinion(model="m", holds=None, reason="Who knows."), "judge_unclear"),
    ],
)
def test_what_no_judge_decided_is_unknown_and_not_the_agents_fault(opinion, kind):
    found = judge_opinion(opinion, LINE)

    assert (found.status, found.kind, found.owner) == ("unknown", kind, Owner.SIMULATOR)


def test_a_turn_that_does_not_exist_points_nowhere():
    found = judge_opinion(Opinion(model="m", holds=False, turn=9), LINE)

    assert (found.status, found.turn, found.pts) == ("failed", None, None)
