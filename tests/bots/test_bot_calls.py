"""Calls to bots: real processes and sockets, on the wall clock."""

import pytest
from dummy_bot_call import logged, noted, play, told_of_call

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("nothing_is_left"),
]


def test_a_bot_answers_and_its_reply_is_heard_at_the_pace_of_speech(tmp_path):
    run = play(tmp_path, "websocket", "--wait", 0.5, "--speaks", 2, check=True)
    noted = told_of_call(run)
    assert noted["buffered_ms"] == pytest.approx(2000, abs=25)
    assert noted["dropped_ms"] == 0
    said = run.metrics["desk"].talk_time
    assert said == pytest.approx(2.0, abs=0.4)
    assert (run.folder / "servers" / "desk.log").read_text().startswith("ready")


def test_a_cleared_reply_is_not_heard(tmp_path):
    run = play(tmp_path, "websocket", "--speaks", 5, "--then", "clear", check=True)
    noted = told_of_call(run)
    assert noted["dropped_ms"] > 2000
    assert run.metrics["desk"].talk_time < 3.0


def test_a_bot_that_hangs_up_has_left_by_its_own_hand(tmp_path):
    run = play(tmp_path, "websocket", "--then", "bye", **{"agents.caller.tones": 2})
    left = next(e for e in logged(run, "left") if e["agent"] == "desk")
    assert (left["reason"], left["by"]) == ("hung_up", "desk")
    assert run.outcome == "ended"
    assert run.metrics["desk"].talk_time == pytest.approx(0.5, abs=0.3)


@pytest.mark.parametrize(
    ("then", "owner", "exit_code", "told"),
    [
        ("die", "agent", 1, "the model is gone"),
        ("raise", "agent", 1, "code 1011"),
        ("stillborn", "infrastructure", 3, "No module named"),
        ("never ready", "infrastructure", 3, "not ready within 1 s"),
        ("flood", "agent", 1, "minutes of audio"),
        ("text flood", "agent", 1, "sends too much"),
        ("die at once", "agent", 1, "has ended"),
    ],
)
def test_a_bot_that_breaks_has_an_outcome_that_says_whose_fault_it_is(
    tmp_path, then, owner, exit_code, told
):
    patience = {"servers.desk.timeout": "1s"} if then == "never ready" else {}
    patience["agents.caller.over"] = False
    run = play(tmp_path, "websocket", "--then", then, **patience)
    assert run.exit_code == exit_code
    assert run.cause is not None
    assert run.cause.owner == owner
    assert told in run.cause.message


@pytest.mark.prove
@pytest.mark.parametrize(
    ("transport", "then", "told"),
    [
        ("twilio", "text flood", "too many messages"),
        ("pipecat-websocket", "text flood", "sends too much"),
        ("livekit-console", "text flood", "sends too much"),
        ("websocket", "never reads", "answered nothing for 15 s"),
        ("twilio", "never reads", "answered nothing for 15 s"),
        ("pipecat-websocket", "never reads", "answered nothing for 15 s"),
        ("livekit-console", "never reads", "answered nothing for 15 s"),
    ],
)
def test_a_bot_that_floods_with_texts_or_never_reads_has_failed(tmp_path, transport, then, told):
    run = play(tmp_path, transport, "--then", then, **{"agents.caller.over": False})
    assert run.cause is not None
    assert (run.cause.owner, run.exit_code) == ("agent", 1)
    assert told in run.cause.message
    assert run.duration < 30


def test_a_bot_that_is_not_there_cannot_be_judged(tmp_path):
    run = play(tmp_path, "websocket", **{"agents.desk.url": "ws://127.0.0.1:9/"})
    assert (run.exit_code, run.reason) == (3, "bot")


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_bot_may_speak_at_another_rate(tmp_path, rate):
    run = play(tmp_path, "websocket", "--rate", rate, check=True, **{"agents.desk.rate": rate})
    assert run.metrics["desk"].talk_time == pytest.approx(0.5, abs=0.3)


def test_a_bot_behind_twilio_hears_plays_and_marks(tmp_path):
    run = play(tmp_path, "twilio", **{"agents.desk.parameters": {"tier": "gold"}})
    assert run.outcome == "ended"
    assert run.metrics["desk"].talk_time == pytest.approx(1.0, abs=0.4)
    log = (run.folder / "servers" / "desk.log").read_text()
    assert log.startswith('ready\nconnected {}\nstart {"tier": "gold"}\nmark {"name": "end"}\n')
    assert "stop" in log


def test_a_key_of_the_caller_reaches_a_bot_behind_twilio_as_a_message(tmp_path):
    more = '\n[[cues]]\nafter = { at = "1s" }\nagent = "caller"\nkeys = "#"\n'
    changed = {"agents.caller.tones": 0, "agents.caller.over": False}
    run = play(tmp_path, "twilio", more=more, **changed)
    assert "key #" in (run.folder / "servers" / "desk.log").read_text()
    assert next(e for e in logged(run, "left") if e["agent"] == "desk")["by"] == "desk"


def test_a_text_of_a_bot_may_have_a_name(tmp_path):
    run = play(tmp_path, "websocket", "--then", "six", **{"agents.caller.tones": 2})
    assert run.outcome == "ended"
    assert noted(run, "bot_message") == [{"type": "tool", "name": "look"}]
