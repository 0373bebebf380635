"""When a run is over, judged from events alone."""

from __future__ import annotations

from msgspec.structs import replace

from soundstage.config.values import Moment
from soundstage.messages import events
from soundstage.run.endings import Due, Endings
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


def test_turns_that_were_found_in_sound_are_no_replies_that_end_a_run() -> None:
    judge = endings(turns=1)
    assert judge.observe(replace(turn(1), response="")) is None
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


def test_it_is_not_quiet_while_an_agent_has_lost_its_session_and_may_have_another() -> None:
    judge = endings(silence=100)
    judge.observe(events.Dropped(pts=10, agent="a", error="gone"))
    assert judge.quiet_since is None
    judge.observe(events.Reconnected(pts=60, agent="a", gap=50, attempts=1))
    assert judge.quiet_since == 60
    judge.observe(events.Dropped(pts=70, agent="a", error="gone"))
    judge.observe(events.Left(pts=80, agent="a", reason="fault"))
    assert judge.quiet_since == 80
