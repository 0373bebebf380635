"""Orders, metrics, combinations, state; and what every expectation has in common."""

from __future__ import annotations

import msgspec
import pytest
from dummy_log import BOTH, Log, at, demands, verdict_of

from soundstage.expectations import Cast, Demands, judge
from soundstage.expectations.declared.measures import METRICS
from soundstage.expectations.judges.state_answers import StateAnswer
from soundstage.results import Metrics


def refund() -> Log:
    return (
        Log()
        .says("caller", 0, 2, "A refund for order 12, please.")
        .calls("support", 3, "look", 0.5, order=12)
        .says("support", 4, 6, "I refund twenty dollars.")
        .calls("support", 7, "refund", order=12, amount=20)
        .says("support", 8, 9, "Done.")
    )


@pytest.mark.parametrize(
    ("steps", "kind", "when"),
    [
        ([{"tool": "look"}, {"tool": "refund"}, {"said": "done"}], "", 8),
        ([{"tool": "refund"}, {"tool": "look"}], "out_of_order", 7),
        ([{"tool": "look"}, {"tool": "delete"}], "missing", 3),
        ([{"tool": "delete"}, {"tool": "look"}], "missing", None),
        ([{"said": "order {o:number}"}, {"tool": "refund", "args": {"order": "{o}"}}], "", 7),
        ([{"said": "{p:money}"}, {"tool": "refund", "args": {"order": "{p}"}}], "out_of_order", 4),
        ([{"said": "{p:money}"}, {"tool": "refund", "args": {"amount": "{p}"}}], "", 7),
    ],
)
def test_an_order_is_a_chain_of_moments_with_the_same_values(steps, kind, when):
    found = verdict_of(refund().ends(10), {"order": steps})
    assert (found.kind, found.pts) == (kind, None if when is None else at(when))


@pytest.mark.parametrize(
    ("table", "status", "measured"),
    [
        ({"metric": "turns", "agent": "support", "at_least": 2}, "passed", 2),
        ({"metric": "turns", "at_most": 2}, "failed", 3),
        ({"metric": "talk_share", "agent": "support", "at_most": "61%"}, "passed", 0.6),
        ({"metric": "response_gap.p95", "agent": "support", "at_most": "2.5s"}, "passed", 2.0),
        ({"metric": "response_gap.p95", "agent": "support", "at_most": "1s"}, "failed", 2.0),
        ({"metric": "response_gap.p95", "agent": "caller", "at_most": "1s"}, "unknown", None),
        ({"metric": "turns", "at_most": 1, "over": "batch"}, "deferred", 3),
        ({"metric": "span.called.p95", "at_most": "1s"}, "unknown", None),
    ],
)
def test_a_metric_keeps_within_its_limits(table, status, measured):
    found = verdict_of(refund().ends(10), table)
    assert found.status == status, found
    assert found.measured == (None if measured is None else pytest.approx(measured))


PASSES = {"id": "yes", "said": "done"}
FAILS = {"id": "no", "said": "sorry"}
SKIPS = {"id": "never-asked", "said": "a", "after": {"tool": "delete"}}
UNSURE = {"id": "unsure", "metric": "response_gap.p95", "agent": "caller", "at_most": "1s"}


@pytest.mark.parametrize(
    ("table", "status"),
    [
        ({"all": ["yes", "never-asked"]}, "passed"),
        ({"all": ["yes", "no", "unsure"]}, "failed"),
        ({"all": ["yes", "unsure"]}, "unknown"),
        ({"all": ["never-asked"]}, "skipped"),
        ({"any": ["no", "yes", "unsure"]}, "passed"),
        ({"any": ["no", "unsure"]}, "unknown"),
        ({"any": ["no", "never-asked"]}, "failed"),
        ({"none": ["no"]}, "passed"),
        ({"none": ["no", "yes"]}, "failed"),
        ({"none": ["no", "unsure"]}, "unknown"),
        ({"said": "done", "when": "yes"}, "passed"),
        ({"said": "done", "when": "no"}, "skipped"),
        ({"said": "done", "when": "never-asked"}, "skipped"),
        ({"said": "done", "when": "unsure"}, "unknown"),
    ],
)
def test_expectations_are_put_together(table, status):
    found = verdict_of(refund().ends(10), table, PASSES, FAILS, SKIPS, UNSURE)
    assert found.status == status, found


def test_what_refers_to_itself_is_unknown_and_not_an_endless_search():
    circle = demands({"id": "a", "all": ["b"]}, {"id": "b", "when": "a", "said": "done"})
    statuses = {each.id: each.status for each in judge(circle, refund().ends(10))}
    assert statuses == {"a": "unknown", "b": "unknown"}


STATE = {"state": "./shop.py:orders", "equals": {"12": "refunded"}}


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [
        (StateAnswer({"12": "refunded", "13": "paid"}), "passed", ""),
        (StateAnswer({"12": "paid"}), "failed", "state_differs"),
        (StateAnswer(None), "failed", "state_differs"),
        (StateAnswer(error="it raised"), "unknown", "state_unavailable"),
        (None, "unknown", "state_unavailable"),
    ],
)
def test_a_state_is_compared_with_what_was_answered(answer, status, kind):
    states = {} if answer is None else {"./shop.py:orders": answer}
    found = verdict_of(refund().ends(10), STATE, states=states)
    assert (found.status, found.kind) == (status, kind)


def test_during_a_run_only_what_nothing_can_change_is_told():
    tables = demands(
        {"id": "said", "said": "refund"},
        {"id": "once", "said": "refund", "times": 1},
        {"id": "never", "never_said": "sorry"},
        {"id": "broken", "never_said": "done"},
        {"id": "soon", "said": "sorry", "within": "3s"},
        {"id": "turns", "metric": "turns", "at_least": 1},
    )
    log = refund().says("caller", 15, 16, "Thank you.")
    told = {each.id: each.status for each in judge(tables, log.ends(20), running=True)}
    assert told == {"said": "passed", "once": "failed", "broken": "failed", "soon": "failed"}


def test_what_is_expected_is_written_and_read_again():
    tables = demands(
        {"said": {"pattern": "a+"}, "agent": "support", "times": [1, 3], "within": "1500ms"},
        {"never_said": "{p:money}", "where": {"p": {"above": 100, "one_of": [1, "$2"]}}},
        {"metric": "talk_share", "agent": "support", "at_most": "60%"},
        {"reacts": "continues", "for": "2s", "agent": "support", "after": {"cue": "x"}},
        {"order": [{"tool": "a", "args": {"b": [1]}}, {"heard": "c", "by": "support"}]},
        STATE,
        {"said": "a", "after": {"silence": "5s", "nth": 3}, "until": {"turns": 2}},
        {"all": ["e0"], "need": "advisory", "why": "because"},
        answers=True,
    )
    again = Demands.read(tables.written())
    assert again == tables
    assert again.written() == tables.written()


def test_a_failure_shows_the_remark_of_the_scenario():
    found = verdict_of(refund().ends(10), {**FAILS, "why": "people like it", "need": "advisory"})
    assert (found.why, found.need) == ("people like it", "advisory")


@pytest.mark.parametrize(
    ("table", "owner"),
    [
        ({"order": [{"said": "refund"}, {"tool": "delete"}]}, "agent"),
        ({"order": [{"tool": "look"}, {"agent": "caller", "said": "sorry"}]}, "simulator"),
        (
            {"agent": "support", "said": "sorry", "before": {"agent": "caller", "said": "a"}},
            "agent",
        ),
        ({"agent": "caller", "said": "sorry", "before": {"tool": "refund"}}, "simulator"),
        ({"agent": "caller", "said": "sorry", "fault_of": "support"}, "agent"),
        ({"agent": "support", "said": "sorry", "fault_of": "caller"}, "simulator"),
    ],
)
def test_the_agent_whose_moment_is_missing_has_failed_and_not_the_one_before_it(table, owner):
    cast = Cast(under_test=frozenset({"support"}), speakers=frozenset(BOTH), answerers=frozenset())
    [found] = judge(demands(table, cast=cast), refund().ends(10))
    assert (found.status, found.owner) == ("failed", owner)


def test_every_number_of_the_metrics_can_be_limited():
    spreads = {name.partition(".")[0] for name in METRICS if "." in name}
    known = {*METRICS, *spreads, "frames", "spans"}
    assert {field.name for field in msgspec.structs.fields(Metrics)} - known == set()
