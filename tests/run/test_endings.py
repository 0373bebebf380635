"""When a run is over, judged from events alone."""

from __future__ import annotations

from soundstage.config.values import Moment
from soundstage.messages import Faulted, events
from soundstage.run.endings import Due, Endings
from soundstage.run.verdict import (
    verdict_of_end,
    verdict_of_fault,
    verdict_of_hang_up,
)
from soundstage.units import samples_of_seconds


def turn(number: int) -> events.Turn:
    return events.Turn(
        pts=number * 1000,
        agent="bob",
        number=number,
        response="r",
        start=0,
        end=10,
        generated="hi",
        said="hi",
    )


def endings(**given: object) -> Endings:
    when = [Moment.model_validate(moment) for moment in given.pop("when", [])]  # type: ignore[attr-defined]
    return Endings(
        turns=given.get("turns"),  # type: ignore[arg-type]
        silence=given.get("silence"),  # type: ignore[arg-type]
        when=when,
    )


def heard(speaker: str, text: str) -> events.HeardText:
    return events.HeardText(pts=5, agent="alice", speaker=speaker, text=text, start=0, end=1)


def test_a_run_ends_with_its_last_turn() -> None:
    judge = endings(turns=2)
    assert judge.observe(turn(1)) is None
    assert judge.observe(turn(2)) == Due("turns")


def test_words_end_a_run_when_somebody_has_heard_the_right_one_say_them() -> None:
    judge = endings(when=[{"agent": "bob", "said": "goodbye", "delay": "1s"}])
    assert judge.observe(heard("alice", "Goodbye!")) is None
    assert judge.observe(heard("bob", "Well, goodbye.")) == Due("when[0]", samples_of_seconds(1))


def test_only_the_nth_event_ends_a_run() -> None:
    judge = endings(when=[{"event": "interrupted", "nth": 2}])
    cut = events.Interrupted(pts=0, agent="bob", by="alice", response="r")
    assert judge.observe(cut) is None
    assert judge.observe(cut) == Due("when[0]")
    assert judge.observe(cut) is None


def test_a_tools_result_ends_a_run_when_it_was_called_with_the_right_arguments() -> None:
    judge = endings(when=[{"tool": "refund", "args": {"order": "X"}}])
    for order, due in (("Y", None), ("X", Due("when[0]"))):
        judge.observe(
            events.ToolCalled(
                pts=0, agent="a", call=order, tool="refund", arguments=f'{{"order": "{order}"}}'
            )
        )
        returned = events.ToolReturned(
            pts=1, agent="a", call=order, tool="refund", output="{}", latency=1
        )
        assert judge.observe(returned) == due


def test_it_is_quiet_when_nobody_is_audible_or_replying() -> None:
    judge = endings(silence=100)
    judge.observe(events.VoiceStarted(pts=10, agent="a", track="said"))
    assert judge.quiet_since is None
    judge.observe(events.ResponseStarted(pts=20, agent="b", response="r"))
    judge.observe(events.VoiceStopped(pts=30, agent="a", track="said"))
    assert judge.quiet_since is None
    judge.observe(events.ResponseDone(pts=40, agent="b", response="r", status="completed", text=""))
    assert judge.quiet_since == 40


def test_what_is_heard_does_not_break_the_silence() -> None:
    judge = endings(silence=100)
    judge.observe(events.VoiceStarted(pts=10, agent="a", track="heard"))
    assert judge.quiet_since == 0


def fault(actor: str, error: str) -> Faulted:
    return Faulted(actor, error, "Traceback …", "leave")


def test_a_guard_that_is_reached_fails_the_run_and_alone_it_ends_it() -> None:
    assert verdict_of_end("max", guarded=True).exit_code == 1
    assert verdict_of_end("max", guarded=False).exit_code == 0
    assert verdict_of_end("turns", guarded=True).exit_code == 0


def test_a_fault_fails_the_run_only_if_its_agent_is_under_test() -> None:
    tested = frozenset({"bob"})
    assert verdict_of_fault(fault("bob", "ValueError: x"), tested).exit_code == 1
    assert verdict_of_fault(fault("eve", "ValueError: x"), tested).exit_code == 3
    assert verdict_of_fault(fault("bob", "ValueError: x"), tested).reason == "fault:bob"


def test_weather_is_nobodys_failure() -> None:
    verdict = verdict_of_fault(fault("bob", "CallRefused: HTTP 401: no"), frozenset({"bob"}))
    assert (verdict.outcome, verdict.reason, verdict.exit_code) == ("invalid", "provider:401", 3)


def test_hanging_up_is_an_end_only_where_it_is_declared() -> None:
    assert verdict_of_hang_up("interrupt", declared=False).exit_code == 130
    assert verdict_of_hang_up("terminate", declared=False).exit_code == 143
    assert verdict_of_hang_up("interrupt", declared=True).exit_code == 0
