"""Six turns with a tool and an interruption, over each transport, judged by sound alone.

The same with words, a model and a tool that answers is in `test_conversations.py`, and with bots of
real frameworks in `test_pipecat_bots.py` and `test_livekit_agents.py`.
"""

import pytest
from dummy_bot_call import BOTS, play, told_of_call

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.timeout(200),
    pytest.mark.usefixtures("nothing_is_left"),
]

TOOL = {
    "websocket": "bot_message",
    "pipecat-websocket": "llm_function_call_started",
    "pipecat-webrtc": "llm_function_call_started",
    "livekit-console": "function_tools_executed",
}
"""The event by which a transport tells of a tool; Twilio has none."""

EXPECTED = """
[[expect]]
id = "is-cut"
metric = "talk_time"
agent = "desk"
at_least = "2s"
at_most = "5500ms"

[[expect]]
id = "answers"
happens = { agent = "desk", event = "bot_call", args = { answers = "{n}" } }
where = { n = { at_least = 4, at_most = 6 } }
"""
"""Six answers of half a second, of which one would last for four seconds.

On a machine that is late, an answer may come into the next tone, and is none then.
"""

ASKS = """
[[expect]]
id = "asks-its-tool"
happens = { agent = "desk", event = "EVENT" }
times = 1
"""

SOON = ("websocket", "pipecat-webrtc")
"""What is cheap enough to be tried each time: a socket, and a peer connection."""


@pytest.mark.parametrize(
    "transport",
    [each if each in SOON else pytest.param(each, marks=pytest.mark.prove) for each in BOTS],
)
def test_six_turns_with_a_tool_and_an_interruption_are_judged_by_their_sound(tmp_path, transport):
    more = EXPECTED
    if transport in TOOL:
        more += ASKS.replace("EVENT", TOOL[transport])
    changed = {"agents.caller.tones": 6, "agents.caller.interrupts": 3}
    run = play(tmp_path, transport, "--then", "six", "--speaks", 0.5, more=more, **changed)
    judged = {each.id: each.status for each in run.expectations if each.id != "unanswered"}
    assert judged == dict.fromkeys(judged, "passed")
    assert len(judged) == 2 + (transport in TOOL)
    assert run.outcome == "ended"
    if transport != "pipecat-webrtc":  # there, a bot stops by itself
        assert told_of_call(run)["dropped_ms"] > 0
    if transport == "twilio":
        log = (run.folder / "servers" / "desk.log").read_text()
        assert (log.count("tool look"), log.count("interrupted")) == (1, 1)
