"""Calls with Pipecat's protobuf frames: a bot of our own, on the wall clock."""

import json

import pytest
from dummy_bot_call import logged, noted, play, scenario

from soundstage.bots import BotTarget, WireFormat
from soundstage.bots.pipecat import FrameDialect
from soundstage.bots.protobuf_fields import bytes_field, fields_of, number_field, text_field
from soundstage.errors import BotFailed, BotUnreachable, ScenarioError
from soundstage.scenario import load_scenario
from soundstage.units import SILENCE


def called(function):
    for mark in (
        pytest.mark.realtime,
        pytest.mark.timeout(120),
        pytest.mark.usefixtures("nothing_is_left"),
    ):
        function = mark(function)
    return function


@called
def test_a_bot_of_pipecat_is_heard_at_the_pace_of_speech_and_says_what_it_believes(tmp_path):
    run = play(tmp_path, "pipecat-websocket", "--speaks", 2, "--rate", 16_000)
    assert run.outcome == "ended"
    assert run.metrics["desk"].talk_time == pytest.approx(2.0, abs=0.4)
    (told,) = noted(run, "bot_call")
    assert told["buffered_ms"] == pytest.approx(2000, abs=25)
    assert noted(run, "bot_ready") == [{"version": "2.2.0"}]
    assert noted(run, "bot_text") == [{"text": "Good day."}]
    log = (run.folder / "servers" / "desk.log").read_text()
    assert log.splitlines()[:2] == ["ready", "client-ready"]


@pytest.mark.prove
@called
def test_what_a_bot_of_pipecat_interrupts_is_not_heard(tmp_path):
    changed = {"agents.caller.over": False, "agents.caller.again": 2.0, "end.max": "8s"}
    run = play(tmp_path, "pipecat-websocket", "--speaks", 4, **changed)
    assert noted(run, "bot_call")[0]["dropped_ms"] > 1000
    assert noted(run, "bot_interrupted") == [{}]


@called
def test_a_bot_of_pipecat_that_hangs_up_has_left_by_its_own_hand(tmp_path):
    run = play(tmp_path, "pipecat-websocket", "--then", "bye", **{"agents.caller.over": False})
    left = next(e for e in logged(run, "left") if e["agent"] == "desk")
    assert (left["reason"], left["by"]) == ("hung_up", "desk")
    assert run.metrics["desk"].talk_time == pytest.approx(0.5, abs=0.3)


@called
@pytest.mark.parametrize(
    ("then", "owner", "exit_code", "told"),
    [
        ("--then=garbage", "agent", 1, "no protobuf message"),
        pytest.param("--channels=2", "agent", 1, "audio of 2 channels", marks=pytest.mark.prove),
        pytest.param(
            "--version=3.0.0", "infrastructure", 3, "speaks RTVI 3.0.0", marks=pytest.mark.prove
        ),
    ],
)
def test_a_bot_of_pipecat_that_breaks_has_an_outcome_that_says_whose_fault_it_is(
    tmp_path, then, owner, exit_code, told
):
    run = play(tmp_path, "pipecat-websocket", then, **{"agents.caller.over": False})
    assert run.cause is not None
    assert (run.cause.owner, run.exit_code) == (owner, exit_code)
    assert told in run.cause.message


def test_parameters_are_refused_where_a_transport_has_no_place_for_them():
    toml = scenario("pipecat-websocket").replace(
        '/ws-client"', '/ws-client"\nparameters = { tier = "gold" }'
    )
    with pytest.raises(ScenarioError, match="parameters has no meaning"):
        load_scenario(toml=toml, clock="wall")


class Line:
    """Takes what a dialect tells."""

    def __init__(self):
        self.told = []

    def form(self, form):
        self.told.append(form)

    def audio(self, audio):
        self.told.append(audio)

    def mark(self, name):
        raise AssertionError(name)

    def clear(self):
        self.told.append("clear")
        return []

    def keys(self, keys):
        raise AssertionError(keys)

    def note(self, name, data):
        self.told.append((name, data))


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def dialect(line):
    return FrameDialect(BotTarget(), line)


def frame(audio, rate=24_000, channels=1):
    shape = number_field(4, rate) + number_field(5, channels)
    return bytes_field(2, bytes_field(3, audio) + shape)


def test_a_frame_of_a_caller_has_20_ms_of_16_khz(dialect):
    (sent,) = dialect.audio(SILENCE)
    audio = fields_of(fields_of(sent)[2])
    assert (len(audio[3]), audio[4], audio[5]) == (640, 16_000, 1)


def test_a_frame_of_a_bot_says_its_rate(dialect, line):
    dialect.receive(frame(b"\1\0", rate=44_100))
    assert line.told == [WireFormat("pcm16", 44_100), b"\1\0"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (frame(b"\1\0", rate=0), "audio of 0 Hz"),
        (frame(b"\1\0\2\0", channels=2), "audio_out_channels=1"),
        (frame(b"\1"), "half of a sample"),
        ("text", "sent a text"),
        (bytes_field(4, bytes_field(1, b"\xff")), "no UTF-8"),
    ],
)
def test_a_frame_that_cannot_be_played_is_refused(dialect, wrong, told):
    with pytest.raises(BotFailed, match=told):
        dialect.receive(wrong)


def message(text):
    return bytes_field(4, text_field(1, text))


def test_what_is_not_known_is_passed_over_and_what_is_not_rtvi_is_noted(dialect, line):
    dialect.receive(bytes_field(9, b"") + message('{"label": "rtvi-ai", "type": "new"}'))
    dialect.receive(message("hello"))
    dialect.receive(message('{"kind": "hello"}'))
    told = [("bot_message", {"text": text}) for text in ("hello", '{"kind": "hello"}')]
    assert line.told == told


def test_another_version_of_rtvi_is_no_fault_of_the_bot(dialect):
    ready = '{"label": "rtvi-ai", "type": "bot-ready", "data": {"version": "3.1"}}'
    with pytest.raises(BotUnreachable, match=r"speaks RTVI 3\.1"):
        dialect.receive(message(ready))


def test_a_bot_is_told_of_the_beginning_and_of_the_end(dialect):
    told = [json.loads(fields_of(fields_of(each)[4])[1]) for each in dialect.opening()]
    assert [(each["type"], each["data"]["version"]) for each in told] == [("client-ready", "2.2.0")]
    (sent,) = dialect.closing()
    assert json.loads(fields_of(fields_of(sent)[4])[1])["type"] == "disconnect-bot"


def test_keys_are_told_to_a_bot_as_rtvi_has_them(dialect):
    (sent,) = dialect.press("1#")
    told = json.loads(fields_of(fields_of(sent)[4])[1])
    assert (told["type"], told["data"]) == ("dtmf", {"buttons": ["1", "#"]})
    assert dialect.press("A") is None
