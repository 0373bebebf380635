"""A run as spans: what is in them, what adds up, and what is told only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dummy_log import Log, at

from soundstage import run_scenario
from soundstage.messages import Verdict
from soundstage.messages.events import Fault
from soundstage.results import History, Result, RunFolder, read_expectations, read_result, turns_of
from soundstage.telemetry import Span, call_trace
from soundstage.units import samples_of_seconds


def everything(span: Span) -> Iterator[Span]:
    yield span
    for part in span.parts:
        yield from everything(part)


def trace_of(history: History, *verdicts: Verdict, words: bool = False) -> Span:
    ended = history.ended
    result = Result(
        scenario="call",
        seed=1,
        clock="virtual",
        outcome=ended.outcome if ended else "invalid",
        reason=ended.reason if ended else "broken off",
        exit_code=ended.exit_code if ended else 3,
        duration=0.0,
        wall=0.0,
        speed=0.0,
        providers={},
        versions={},
        resolved={},
    )
    return call_trace(history, result, verdicts, name="run-1", words=words)


def call() -> Log:
    log = Log().says("caller", 1, 2, "Refund order twelve.")
    return log.calls("support", 2.2, "refund", took=0.3, order=12).says("support", 3, 4, "Done.")


def verdict(status: str, **fields) -> Verdict:
    return Verdict(
        id="polite", status=status, need="required", expected="", sentence="It was.", **fields
    )


def test_a_call_has_its_agents_and_these_their_turns_and_tools():
    trace = trace_of(call().ends(5))

    assert trace.name == "call call"
    assert [part.name for part in trace.parts] == ["invoke_agent caller", "invoke_agent support"]
    assert [part.name for part in trace.parts[1].parts] == [
        "gap before turn 2",
        "execute_tool refund",
        "turn 2 Support",
    ]


def test_every_span_lies_in_the_one_that_it_is_part_of():
    trace = trace_of(call().ends(5))

    for span in everything(trace):
        assert span.start <= span.end
        for part in span.parts:
            assert span.start <= part.start <= part.end <= span.end, (span.name, part.name)


def test_words_arguments_results_and_sentences_are_told_only_where_asked_for():
    history = call().ends(5)
    secret = ("Refund order", "12", "done", "It was.")

    silent = repr(trace_of(history, verdict("failed", kind="missing", turn=2)))
    told = repr(trace_of(history, verdict("failed", kind="missing", turn=2), words=True))
    assert not any(words in silent for words in secret[:1] + secret[2:])
    assert all(words in told for words in secret)


def test_an_expectation_is_an_event_of_its_turn_or_of_the_call():
    trace = trace_of(
        call().ends(5), verdict("failed", kind="missing", owner="agent", turn=2), verdict("passed")
    )
    turn = next(span for span in everything(trace) if span.name == "turn 2 Support")

    (event,) = turn.events
    assert event.name == "gen_ai.evaluation.result"
    assert event.attributes["gen_ai.evaluation.name"] == "polite"
    assert event.attributes["gen_ai.evaluation.score.label"] == "failed"
    assert event.attributes["gen_ai.evaluation.score.value"] == 0.0
    assert event.attributes["soundstage.evaluation.owner"] == "agent"
    (other,) = trace.events
    assert other.attributes["gen_ai.evaluation.score.value"] == 1.0


def test_what_could_not_be_judged_has_no_score():
    (event,) = trace_of(call().ends(5), verdict("unknown")).events

    assert "gen_ai.evaluation.score.value" not in event.attributes


@pytest.mark.parametrize("outcome", ["failed", "invalid", "interrupted"])
def test_a_run_that_did_not_end_well_is_an_error(outcome):
    assert trace_of(call().ends(5, "why", outcome)).error == f"{outcome}: why"
    assert trace_of(call().ends(5)).error == ""


def test_an_agent_that_failed_and_a_tool_that_did_not_answer_are_errors():
    log = call().add(
        Fault(pts=at(4.5), agent="support", error="ValueError: no", traceback="", action="leave")
    )
    trace = trace_of(log.ends(5))

    assert trace.parts[1].error == "the agent failed"
    assert trace.parts[1].events[0].name == "exception"


def test_a_log_that_breaks_off_is_a_trace_all_the_same():
    history = History(call().events)

    assert trace_of(history).error == "invalid: broken off"


def test_the_parts_of_each_gap_add_up_to_it_within_a_millisecond(tmp_path):
    run = run_scenario("refund", out=tmp_path / "run", check=False)
    folder = RunFolder.find(run.folder)
    history = History.read(folder.events)
    trace = call_trace(
        history, read_result(folder, history), read_expectations(folder).verdicts, name="run"
    )
    gaps = [span for span in everything(trace) if span.name.startswith("gap before")]
    known = {turn.number: turn for turn in turns_of(history) if turn.gap and turn.gap > 0}

    assert len(gaps) == len(known) >= 3
    for gap in gaps:
        turn = known[gap.attributes["soundstage.turn"]]
        assert abs((gap.end - gap.start) - samples_of_seconds(turn.gap)) <= 24
        assert [part.start for part in gap.parts[1:]] == [part.end for part in gap.parts[:-1]]
        assert gap.parts[0].start == gap.start
        assert abs(gap.parts[-1].end - gap.end) <= 24
