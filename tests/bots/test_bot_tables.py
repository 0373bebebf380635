"""Bots and servers in scenario files."""

import pytest

from soundstage.errors import KeyMissing, ScenarioError
from soundstage.scenario import load_scenario

BASE = """
[servers.desk]
command = ["python", "bot.py", "{port}"]

[agents.desk]
kind = "bot"
server = "desk"
url = "ws://127.0.0.1:{port}/"

[agents.caller]
kind = "scripted"
lines = ["Hello."]

[[links]]
between = ["caller", "desk"]

[end]
max = "1m"
"""


def load(toml=BASE, clock="wall", **changed):
    return load_scenario(toml=toml, clock=clock, sets=[f"{k}={v}" for k, v in changed.items()])


def with_line(table, line):
    return BASE.replace(f"[{table}]\n", f"[{table}]\n{line}\n")


def test_a_bot_is_what_is_tested_unless_the_file_says_otherwise():
    assert load().under_test == {"desk"}
    assert load().demands.cast.under_test == {"desk"}
    said = '[scenario]\nunder_test = ["caller"]\n' + BASE
    assert load(said).under_test == {"caller"}


def test_a_bot_keeps_the_wall_clock_only():
    with pytest.raises(ScenarioError, match="keep the wall clock only"):
        load(clock="virtual")


@pytest.mark.parametrize(
    ("table", "line", "told"),
    [
        ("agents.desk", 'transport = "websockets"', 'did you mean "websocket"'),
        ("agents.desk", "rate = 12345", "rate is one of 8000"),
        ("agents.desk", 'frame = "30ms"', "frame is a multiple of 20ms"),
        ("agents.desk", 'webhook = "http://x/"', "webhook has no meaning"),
        ("servers.desk", 'ready = { log = "(a+)+" }', "repeats without limit"),
        ("servers.desk", 'ready = { log = "x", url = "http://x" }', "ready is one thing"),
        ("servers.desk", "reuse = true", "reuse needs port"),
        ("servers.desk", 'cwd = "no/such"', "there is no folder no/such"),
        ("servers.desk", f'cwd = "{"x" * 300}"', "there is no folder xxx"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(table, line, told):
    with pytest.raises(ScenarioError, match=r"inline|<|toml") as caught:
        load(with_line(table, line))
    assert told in str(caught.value)


def test_a_bot_must_say_where_it_is_called():
    with pytest.raises(ScenarioError, match="says nowhere where the bot takes calls"):
        load(BASE.replace('url = "ws://127.0.0.1:{port}/"\n', ""))
    with pytest.raises(ScenarioError, match="is the port of a server"):
        load(BASE.replace('server = "desk"\n', ""))


def test_a_server_that_is_not_declared_is_told():
    with pytest.raises(ScenarioError, match='there is no server "dask"; did you mean "desk"'):
        load(BASE.replace('server = "desk"', 'server = "dask"'))


def test_variables_of_a_server_are_filled_in_and_never_shown(monkeypatch):
    monkeypatch.setenv("BOT_KEY", "sk-very-secret-key")
    scenario = load(with_line("servers.desk", 'env = { KEY = "${BOT_KEY}" }'))
    assert scenario.servers["desk"].env["KEY"].reveal() == "sk-very-secret-key"
    assert "sk-very" not in repr(scenario.servers)
    monkeypatch.delenv("BOT_KEY")
    with pytest.raises(KeyMissing, match=r"the server desk needs .* BOT_KEY"):
        load(with_line("servers.desk", 'env = { KEY = "${BOT_KEY}" }'))


def test_a_program_that_is_not_told_its_port_is_warned_of():
    scenario = load(BASE.replace(', "{port}"]', "]"))
    assert any("read the variable PORT" in warning for warning in scenario.warnings)


def test_a_transport_of_ones_own_comes_from_a_file():
    # The file is looked for when the run begins.
    assert load(with_line("agents.desk", 'transport = "./mine.py:Call"')).agents["desk"]


ENDS = 'max = "1m"'


def ending_when(moment, transport="websocket"):
    toml = BASE.replace(ENDS, f"{ENDS}\nwhen = [{{ {moment} }}]")
    toml = toml.replace('kind = "bot"\n', f'kind = "bot"\ntransport = "{transport}"\n')
    return toml if transport != "livekit-console" else as_console(toml)


def as_console(toml):
    return toml.replace('url = "ws://127.0.0.1:{port}/"\n', "").replace(
        '"{port}"]', '"{port}"]\nready = { dials_in = true }'
    )


@pytest.mark.parametrize(
    ("transport", "event"),
    [
        ("websocket", "voice_stopped"),
        ("twilio", "voice_stopped"),
        ("twilio", "bot_message"),
        ("livekit-console", "voice_started"),
        ("livekit-console", "agent_state_chanjed"),
        ("pipecat-websocket", "voice_stopped"),
    ],
)
def test_an_event_that_no_bot_of_the_transport_emits_is_refused(transport, event):
    with pytest.raises(ScenarioError, match=f'there is no event "{event}"'):
        load(ending_when(f'agent = "desk", event = "{event}"', transport))


@pytest.mark.parametrize("event", ["speech_stopped", "response_done", "interrupted", "dropped"])
def test_an_event_of_utterances_that_only_a_session_knows_is_refused(event):
    with pytest.raises(ScenarioError, match=f'"bot" never has the event "{event}"'):
        load(ending_when(f'agent = "desk", event = "{event}"'))
    expected = f'\n[[expect]]\nid = "x"\nhappens = {{ agent = "desk", event = "{event}" }}\n'
    with pytest.raises(ScenarioError, match="never has the event"):
        load(BASE + expected)


@pytest.mark.parametrize(
    ("transport", "event"),
    [
        *(("websocket", event) for event in ("bot_message", "bot_call", "turn", "left", "dtmf")),
        ("livekit-console", "function_tools_executed"),
        ("pipecat-websocket", "bot_tts_text"),
    ],
)
def test_an_event_that_a_bot_may_have_can_be_waited_for(transport, event):
    assert load(ending_when(f'agent = "desk", event = "{event}"', transport)).agents


def test_a_tool_within_a_bot_is_never_seen_and_that_is_told():
    tool = '\n[tools.look]\npython = "os:getcwd"\n'
    expected = '\n[[expect]]\nid = "x"\nagent = "desk"\ntool = "look"\n'
    scenario = load(BASE + tool + expected)
    assert any("desk has no tool look" in warning for warning in scenario.warnings)
