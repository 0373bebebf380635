"""Whether a moment came as often as it must."""

from __future__ import annotations

import pytest
from dummy_log import Log, at, demands, verdict_of

from soundstage.expectations import Cast, judge
from soundstage.messages.events import Interrupted, Joined, Left


def call() -> Log:
    """The caller asks for two refunds; the agent repeats the first number, not the second."""
    return (
        Log()
        .says("support", 0, 2, "Hello, what is your order number?")
        .says("caller", 3, 5, "It is order number 12.")
        .says("support", 6, 8, "Order number 12, I refund it now.")
        .calls("support", 9, "refund", order="12", amount=20)
        .says("caller", 10, 11, "And order number 15.")
        .calls("support", 12, "refund", order="15", amount=30)
        .says("support", 13, 14, "Done. That is $50 in all, of $150.")
    )


@pytest.fixture
def run():
    return call().ends(20)


@pytest.mark.parametrize(
    ("table", "status", "kind", "when"),
    [
        ({"agent": "support", "said": "order number"}, "passed", "", 0),
        ({"agent": "support", "said": "good morning"}, "failed", "missing", None),
        ({"said": "and order number"}, "passed", "", 10),
        ({"agent": "support", "said": "order number", "times": 2}, "passed", "", 0),
        ({"agent": "support", "said": "order number", "times": [3, 5]}, "failed", "too_few", 6),
        ({"said": "order number", "times": [0, 2]}, "failed", "too_many", 6),
        ({"never_said": "refund"}, "failed", "forbidden", 6),
        ({"never_said": "refund", "agent": "caller"}, "passed", "", None),
        ({"tool": "refund"}, "passed", "", 9),
        ({"tool": "refund", "args": {"order": 15}}, "passed", "", 12),
        ({"tool": "refund", "args": {"order": 16}}, "failed", "missing", None),
        ({"no_tool": "refund"}, "failed", "forbidden", 9),
        ({"no_tool": "delete"}, "passed", "", None),
        ({"tool": "refund", "times": 1}, "failed", "too_many", 12),
        ({"tool": "refund", "times": 1, "args": {"order": "{order}"}}, "passed", "", 9),
        ({"happens": {"event": "joined", "agent": "support"}}, "passed", "", 0),
        ({"never": {"event": "fault"}}, "passed", "", None),
        ({"happens": {"at": "30s"}}, "failed", "missing", None),
    ],
)
def test_a_moment_is_counted(run, table, status, kind, when):
    found = verdict_of(run, table)
    assert (found.status, found.kind) == (status, kind), found
    assert found.pts == (None if when is None else at(when))


@pytest.mark.parametrize(
    ("table", "status"),
    [
        ({"never_said": "{p:money}", "where": {"p": {"above": 100}}}, "failed"),
        ({"never_said": "{p:money}", "where": {"p": {"above": 150}}}, "passed"),
        ({"said": "{p:money}", "where": {"p": {"equals": "$50"}}}, "passed"),
        ({"said": "{p:money}", "where": {"p": {"one_of": [10, 20]}}}, "failed"),
        ({"said": "{p:money}", "where": {"p": {"at_least": 150, "at_most": 150}}}, "passed"),
        (
            {"tool": "refund", "where": {"order": {"equals": 15}}, "args": {"order": "{order}"}},
            "passed",
        ),
        ({"tool": "refund", "where": {"status": {"equals": "done"}}}, "passed"),
        ({"tool": "refund", "where": {"status": {"equals": "lost"}}}, "failed"),
    ],
)
def test_only_values_that_fulfil_the_conditions_count(run, table, status):
    assert verdict_of(run, table).status == status


CONFIRMS = {"agent": "support", "said": "{order:number}", "before": {"tool": "refund"}}


def test_what_must_come_before_must_come_each_time():
    found = verdict_of(call().ends(20), CONFIRMS)
    assert (found.status, found.kind, found.pts) == ("failed", "missing", at(12))


def test_what_must_come_before_is_compared_with_the_arguments():
    bound = {**CONFIRMS, "before": {"tool": "refund", "args": {"order": "{order}"}}}
    both = (
        Log()
        .says("support", 0, 2, "I refund order 12 first.")
        .says("support", 3, 5, "And then order fifteen.")
        .calls("support", 6, "refund", order=15)
        .calls("support", 7, "refund", order=12)
    )
    assert verdict_of(both.ends(9), bound).status == "passed"
    assert (
        verdict_of(both.calls("support", 8, "refund", order=16).ends(9), bound).status == "failed"
    )


def test_what_may_come_before_is_counted_too():
    twice = Log().says("support", 0, 1, "Order 12.").says("support", 2, 3, "Order 12.")
    run = twice.calls("support", 4, "refund", order=12).ends(9)
    assert verdict_of(run, {**CONFIRMS, "times": [0, 1]}).kind == "too_many"
    assert verdict_of(run, {**CONFIRMS, "times": [0, 2]}).status == "passed"
    none = Log().calls("support", 4, "refund", order=12).ends(9)
    assert verdict_of(none, {**CONFIRMS, "times": [0, 1]}).status == "passed"


def test_words_that_are_still_being_said_do_not_come_before_a_call():
    log = Log().says("support", 0, 3, "Order 12.").calls("support", 2, "refund", order=12)
    assert verdict_of(log.ends(9), CONFIRMS).kind == "missing"


def test_without_an_occasion_an_expectation_is_skipped():
    quiet = Log().says("support", 0, 2, "Order 12.").ends(5)
    found = verdict_of(quiet, CONFIRMS)
    assert (found.status, found.kind, found.owner) == ("skipped", "no_occasion", "")
    assert verdict_of(quiet, {"said": "a", "after": {"tool": "refund"}}).status == "skipped"


def test_what_must_not_come_before_must_not_come_at_all_without_it():
    not_before = {"no_tool": "refund", "before": {"agent": "caller", "said": "yes"}}
    early = Log().calls("support", 1, "refund").says("caller", 2, 3, "Yes.")
    assert verdict_of(early.ends(5), not_before).kind == "forbidden"
    never = Log().calls("support", 1, "refund")
    assert verdict_of(never.ends(5), not_before).kind == "forbidden"
    later = Log().says("caller", 2, 3, "Yes.").calls("support", 4, "refund")
    assert verdict_of(later.ends(5), not_before).status == "passed"


def test_after_opens_a_time_and_within_and_until_close_it():
    log = (
        Log()
        .says("caller", 0, 1, "Please hang up.")
        .says("support", 2, 3, "One moment.")
        .says("support", 14, 15, "Goodbye.")
    )
    bye = {"agent": "support", "said": "goodbye", "after": {"agent": "caller", "said": "hang up"}}
    assert verdict_of(log.ends(20), bye).status == "passed"
    assert verdict_of(log.ends(20), {**bye, "within": "14s"}).status == "passed"
    late = verdict_of(log.ends(20), {**bye, "within": "5s"})
    assert (late.kind, late.pts) == ("late", at(14))
    assert verdict_of(log.ends(20), {**bye, "until": {"turns": 1}}).status == "failed"
    assert verdict_of(log.ends(20), {**bye, "until": {"turns": 2}}).status == "passed"
    until = {**bye, "until": {"said": "one moment"}}
    assert verdict_of(log.ends(20), until).status == "failed"


def test_every_occasion_counts_unless_one_is_chosen():
    log = (
        Log()
        .says("caller", 0, 1, "What is the price?")
        .says("support", 2, 3, "Ten dollars.")
        .says("caller", 4, 5, "What is the price?")
        .says("support", 6, 7, "I said it.")
    )
    told = {"said": "dollars", "within": "3s", "after": {"said": "the price"}}
    assert verdict_of(log.ends(9), told).status == "failed"
    first = {**told, "after": {"said": "the price", "nth": 1}}
    assert verdict_of(log.ends(9), first).status == "passed"


def test_an_answer_may_begin_before_the_last_word_of_what_it_answers():
    log = Log().says("caller", 0, 2, "What is the price?").says("support", 1.9, 3, "Ten dollars.")
    told = {"agent": "support", "said": "dollars", "after": {"agent": "caller", "said": "price"}}
    assert verdict_of(log.ends(9), told).status == "passed"


def test_the_owner_of_a_failure_is_whose_words_they_are():
    log = Log().says("caller", 0, 1, "Damn.").ends(2)
    tested = {"never_said": "damn"}
    assert verdict_of(log, tested).owner == "agent"
    cast = Cast(under_test=frozenset({"support"}))
    [found] = judge(demands(tested, cast=cast), log)
    assert (found.owner, found.agent) == ("simulator", "caller")


def test_of_a_run_that_was_cut_short_only_what_nothing_could_change_is_known():
    log = call()
    said = {"agent": "support", "said": "order number"}
    missing = {"agent": "support", "said": "good morning"}
    never = {"never_said": "good morning"}
    broken = {"never_said": "order number"}
    history = log.ends(15, "connection_lost", "invalid")
    assert verdict_of(history, said).status == "passed"
    assert verdict_of(history, broken).kind == "forbidden"
    for table in (missing, never):
        found = verdict_of(history, table)
        assert (found.status, found.kind, found.owner) == ("unknown", "cut_short", "infrastructure")


def test_words_heard_need_a_recogniser_that_was_sure():
    heard = {"agent": "support", "heard": "order number", "by": "caller"}
    log = Log().says("support", 0, 2, "Your order number?")
    clear = log.hears("caller", "support", 0, 2, "your order number").ends(5)
    assert verdict_of(clear, heard).status == "passed"
    deaf = Log(recognizers=()).says("support", 0, 2, "Your order number?").ends(5)
    assert verdict_of(deaf, heard).kind == "not_recognized"
    misheard = Log().says("support", 0, 2, "Your order number?")
    misheard.hears("caller", "support", 0, 2, "your odour")
    found = verdict_of(misheard.ends(5), heard)
    assert (found.status, found.owner, found.pts) == ("failed", "simulator", at(0))
    unsaid = Log().says("support", 0, 2, "Hello.").hears("caller", "support", 0, 2, "hello")
    assert verdict_of(unsaid.ends(5), heard).owner == "agent"


def test_interruptions_backchannels_and_handoffs_are_moments():
    log = (
        Log()
        .voice("caller", 2, 2.3)
        .says("support", 0, 4, "We deliver at six.")
        .add(Interrupted(pts=at(7), agent="support", by="caller", response="r"))
    )
    events = sorted(log.events, key=lambda event: event.pts)
    log.events = events
    short = {"happens": {"agent": "caller", "event": "backchannel"}}
    assert (verdict_of(log.ends(9), short).status, verdict_of(log.ends(9), short).pts) == (
        "passed",
        at(2),
    )
    cut = verdict_of(log.ends(9), {"happens": {"agent": "caller", "event": "interruption"}})
    assert (cut.status, cut.pts) == ("passed", at(7))
    assert verdict_of(log.ends(9), {"never": {"event": "handoff"}}).status == "passed"


def test_words_of_which_the_recogniser_was_not_sure_say_nothing():
    heard = {"agent": "support", "heard": "order number", "by": "caller"}
    log = Log().says("support", 0, 2, "Your order number?")
    doubtful = log.hears("caller", "support", 0, 2, "your order number", score=-1.2).ends(5)
    found = verdict_of(doubtful, heard)
    assert (found.status, found.kind, found.owner) == ("unknown", "low_score", "simulator")
    never = {"agent": "support", "heard": "sorry", "by": "caller", "times": [0, 1]}
    assert verdict_of(doubtful, never).kind == "low_score"
    sure = log.hears("caller", "support", 3, 4, "your order number", score=-0.3).ends(5)
    assert verdict_of(sure, heard).status == "passed"


def test_an_agent_that_leaves_because_the_run_is_over_has_not_left():
    left = {"happens": {"agent": "support", "event": "left"}}
    over = (
        Log().says("support", 0, 1, "Hi.").add(Left(pts=at(5), agent="support", reason="stopped"))
    )
    assert verdict_of(over.ends(5), left).kind == "missing"
    own = Log().says("support", 0, 1, "Hi.").add(Left(pts=at(4), agent="support", reason="its own"))
    assert verdict_of(own.ends(5), left).status == "passed"


def test_without_a_moment_the_time_counts_from_when_all_agents_were_ready():
    """A live run makes its calls first, which takes as long as the machine and the network need."""
    greets = {"agent": "support", "said": "hi", "within": "5s"}
    log = Log()
    log.events[1:] = [Joined(pts=at(7), agent="caller"), Joined(pts=at(9), agent="support")]
    assert verdict_of(log.says("support", 10, 11, "Hi.").ends(20), greets).status == "passed"
    late = Log().says("support", 10, 11, "Hi.").ends(20)
    assert verdict_of(late, greets).kind == "late"
