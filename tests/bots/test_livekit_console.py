"""Calls over LiveKit's console: an agent that dials in, on the wall clock."""

import pytest
from dummy_bot_call import logged, noted, play, scenario

from soundstage.bots import BotTarget
from soundstage.bots.livekit_console import ConsoleDialect
from soundstage.bots.protobuf_fields import bytes_field, number_field, text_field
from soundstage.errors import BotFailed, ScenarioError
from soundstage.scenario import load_scenario

live = [
    pytest.mark.realtime,
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("nothing_is_left"),
]


def marked(function):
    for mark in live:
        function = mark(function)
    return function


@marked
def test_an_agent_that_dials_in_is_heard_and_told_when_its_words_have_been_heard(tmp_path):
    run = play(tmp_path, "livekit-console", "--speaks", 1, **{"agents.caller.tones": 2})
    assert run.outcome == "ended"
    assert run.metrics["desk"].talk_time == pytest.approx(2.0, abs=0.5)
    (told,) = noted(run, "bot_call")
    assert told["buffered_ms"] > 800
    assert told["dropped_ms"] == 0
    assert noted(run, "agent_state_changed")[0] == {"old": "thinking", "new": "speaking"}
    said = {"role": "assistant", "text": "Good day.", "interrupted": False}
    assert noted(run, "conversation_item_added") == [said, said]
    assert (run.folder / "servers" / "desk.log").read_text().count("finished") == 2


@marked
def test_what_an_agent_clears_is_not_heard_and_is_not_finished(tmp_path):
    toml_keys = {"agents.caller.tones": 1, "agents.caller.over": False, "end.max": "8s"}
    run = play(
        tmp_path, "livekit-console", "--speaks", 4, **toml_keys, **{"agents.caller.again": 2.0}
    )
    assert noted(run, "bot_call")[0]["dropped_ms"] > 1000
    log = (run.folder / "servers" / "desk.log").read_text()
    assert log.startswith("interrupted")


@marked
@pytest.mark.parametrize(
    ("then", "owner", "exit_code", "told"),
    [
        ("--then=die", "agent", 1, "the model is gone"),
        ("--then=garbage", "agent", 1, "no protobuf message"),
        ("--then=flood", "agent", 1, "minutes of audio"),
        ("--then=stillborn", "infrastructure", 3, "No module named"),
        ("--then=never ready", "infrastructure", 3, "has not connected to port"),
        ("--version=1.9.0", "infrastructure", 3, "speaks with 1.8.x in Python"),
    ],
)
def test_an_agent_that_breaks_has_an_outcome_that_says_whose_fault_it_is(
    tmp_path, then, owner, exit_code, told
):
    patience = {"servers.desk.timeout": "1s"} if "ready" in then else {}
    run = play(tmp_path, "livekit-console", then, **patience, **{"agents.caller.over": False})
    assert run.cause is not None
    assert (run.cause.owner, run.exit_code) == (owner, exit_code)
    assert told in run.cause.message


@marked
def test_an_agent_that_hangs_up_has_left_by_its_own_hand(tmp_path):
    run = play(tmp_path, "livekit-console", "--then=bye", **{"agents.caller.over": False})
    left = logged(run, "left")[0]
    assert (left["agent"], left["reason"], left["by"]) == ("desk", "hung_up", "desk")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ready = { dials_in = true }", 'ready = { log = "x" }', "needs ready = { dials_in"),
        ('transport = "livekit-console"', 'url = "ws://127.0.0.1/"', "websocket calls it"),
        ('server = "desk"\n', "", "needs a server, which dials in"),
        ("true }", 'true }\nper = "batch"', "dials in takes one call"),
        ('"livekit-console"', '"livekit-console"\nurl = "ws://x/"', "url has no meaning"),
    ],
)
def test_a_server_that_does_not_fit_its_transport_is_told(old, new, told):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(toml=scenario("livekit-console").replace(old, new, 1), clock="wall")
    assert told in str(caught.value)


def test_two_agents_cannot_have_the_one_call_of_a_program_that_dials_in():
    other = '[agents.other]\nkind = "bot"\nserver = "desk"\ntransport = "livekit-console"\n'
    toml = scenario("livekit-console") + other + '[[links]]\nbetween = ["caller", "other"]\n'
    with pytest.raises(ScenarioError, match="2 agents use it"):
        load_scenario(toml=toml, clock="wall")


class Line:
    """Takes what a dialect tells."""

    def __init__(self):
        self.told = []
        self.is_played = False

    def audio(self, audio):
        self.told.append(len(audio))

    def form(self, form):
        raise AssertionError(form)

    def mark(self, name):
        self.told.append(name)
        return self.is_played

    def clear(self):
        self.told.append("clear")
        return ["1"]

    def keys(self, keys):
        raise AssertionError(keys)

    def note(self, name, data):
        self.told.append((name, data))


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def dialect(line):
    return ConsoleDialect(BotTarget(), line)


def frame(rate=48_000, channels=1):
    shape = number_field(2, rate) + number_field(3, channels) + number_field(4, 2)
    return bytes_field(2, bytes_field(1, b"\1\0\2\0") + shape)


def test_a_segment_is_finished_when_it_has_been_heard(dialect, line):
    finished = bytes_field(8, b"")
    assert dialect.receive(frame() + bytes_field(6, b"")) == []
    assert dialect.played("1") == [finished]
    line.is_played = True
    assert dialect.receive(bytes_field(6, b"")) == [finished]
    assert line.told == [4, "1", "2"]


def test_a_cleared_segment_is_never_finished(dialect, line):
    assert dialect.receive(bytes_field(7, b"")) == []
    assert line.told == ["clear"]


@pytest.mark.parametrize("wrong", [frame(rate=24_000), frame(channels=2)])
def test_audio_of_another_format_is_refused(dialect, wrong):
    with pytest.raises(BotFailed, match="where the console has 48000 Hz and 1"):
        dialect.receive(wrong)


def test_what_an_agent_believes_is_noted_and_what_is_not_known_is_passed_over(dialect, line):
    call = text_field(4, "look") + text_field(3, '{"at": "x"}')
    dialect.receive(bytes_field(3, bytes_field(20, bytes_field(1, call))))
    dialect.receive(bytes_field(3, bytes_field(99, b"new")) + bytes_field(77, b""))
    calls = [{"tool": "look", "arguments": '{"at": "x"}'}]
    assert line.told == [("function_tools_started", {"calls": calls})]


@pytest.mark.parametrize(("version", "known"), [("1.8.9", True), ("1.80.0", False)])
def test_only_a_version_whose_console_is_known_is_spoken_with(dialect, version, known):
    info = text_field(1, "python") + text_field(2, version)
    dialect.receive(bytes_field(5, text_field(1, "version") + bytes_field(11, info)))
    assert dialect.framework == f"python {version}"
    assert dialect.is_known is known
