"""What a model or a tool says may be nested as deep as it likes: the run ends as declared."""

from __future__ import annotations

import pytest
from dummy_chat_server import DummyChatServer, delta, words

from soundstage import run_scenario
from soundstage.messages.events import ToolCalled, ToolReturned

SCENE = """
[agents.ann]
kind = "scripted"
voice = "shimmer"
lines = ["Hello there."]
[agents.ben]
voice = "ash"
tools = ["look"]
[agents.ben.local]
chat = {{ url = "{url}", model = "m" }}
[[links]]
between = ["ann", "ben"]
[tools.look]
{tool}
[record]
wire = true
[[cues]]
after = {{ tool = "look" }}
agent = "ann"
say = "I see {{sight}}."
[end]
turns = 3
max = "20s"
when = [{{ tool = "look", args = {{ at = "the sea" }} }}]
"""

MOCKED = """
description = "Looks."
parameters = { type = "object" }
mock = [{ returns = { sight = "nothing" } }]
"""
NESTED = 'python = "nested_sights:look"'
ARGUMENTS = ["[" * 1_000, "[" * 1_000 + "]" * 1_000, '{"at": ' + "[" * 300 + "]" * 300 + "}"]


def calls(arguments: str) -> list[dict[str, object]]:
    call = {"index": 0, "id": "call_1", "function": {"name": "look", "arguments": arguments}}
    return [delta(role="assistant", tool_calls=[call]), delta(finish="tool_calls")]


def play(server: DummyChatServer, tool: str, out, clock: str):
    scene = SCENE.format(url=server.url, tool=tool)
    return run_scenario(toml=scene, out=out, clock=clock, cache=False, check=False)


@pytest.mark.parametrize("clock", ["virtual", pytest.param("wall", marks=pytest.mark.realtime)])
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=["open", "closed", "object"])
def test_a_model_that_nests_its_arguments_deeply_ends_no_run(tmp_path, clock, arguments):
    answers = (calls(arguments), words("Good to hear you."))
    with DummyChatServer(*answers).serving() as server:
        run = play(server, MOCKED, tmp_path / "run", clock)
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "turns", 0)
    assert run.tool_calls("look")[0].arguments == arguments
    [called] = run.events(ToolCalled)
    assert called.arguments == arguments


@pytest.mark.parametrize("clock", ["virtual", pytest.param("wall", marks=pytest.mark.realtime)])
@pytest.mark.parametrize("kind", ["text", "list"])
def test_a_tool_whose_result_is_nested_deeply_ends_no_run(tmp_path, monkeypatch, clock, kind):
    (tmp_path / "nested_sights.py").write_text(
        '''
from soundstage import tool

@tool
def look(at: str) -> object:
    """Looks."""
    if at == "text":
        return "[" * 1_000
    sight = []
    for _ in range(240):
        sight = [sight]
    return {"sight": sight}
'''
    )
    monkeypatch.syspath_prepend(tmp_path)
    again = calls(f'{{"at": "{kind}"}}')
    with DummyChatServer(again, words("Good to hear you.")).serving() as server:
        run = play(server, NESTED, tmp_path / "run", clock)
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "turns", 0)
    [returned] = run.events(ToolReturned)
    assert not returned.error
    assert "[" * 200 in returned.output
