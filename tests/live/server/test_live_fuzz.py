"""Messages that went through bad hands: an error event, and the session goes on."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc

import pytest
from dummy_live_call import DummyLiveCall
from dummy_mutations import mutated, mutated_json

TOOL = {"type": "function", "name": "weather"}
BACKEND = {"type": "responses", "responses": {"model": "gpt-5.6", "tools": [TOOL]}}
MESSAGE = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi."}]}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "{}"}
SAMPLES = [
    {"type": "session.start", "session": {"model": "gpt-live-1.1"}},
    {"type": "session.update", "session": {"delegation": BACKEND}},
    {"type": "session.input_audio.append", "audio": "AAAA"},
    {"type": "session.input_audio.mute", "event_id": "mine"},
    {"type": "session.input_audio.unmute"},
    {"type": "session.instructions.append", "content": "Be brief.", "delegation_id": None},
    {"type": "session.thinking.append", "content": "It rains.", "delegation_id": None},
    {"type": "session.commentary.append", "content": "Hello.", "delegation_id": "item_1"},
    {"type": "session.output_audio.fixture.play", "audio": "AAAA"},
    {"type": "response.item.create", "item": MESSAGE},
    {"type": "response.item.create", "item": OUTPUT},
    {"type": "response.create"},
    {"type": "decision.create", "event_id": "mine"},
    {"type": "decision.item.create", "item": MESSAGE},
    {"type": "decision.item.delete", "item_id": "item_1"},
    {"type": "transport.dtmf.send", "event": "5"},
]


def message(rng: random.Random) -> str | bytes:
    event = rng.choice(SAMPLES)
    if rng.random() < 0.5:
        return mutated(rng, json.dumps(event).encode())
    return json.dumps(mutated_json(rng, event))


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(1500, id="some"),
        pytest.param(50_000, id="many", marks=[pytest.mark.prove, pytest.mark.timeout(2400)]),
    ],
)
def test_a_session_survives_mutated_messages_and_keeps_nothing_of_them(times: int) -> None:
    rng = random.Random(5)
    call = DummyLiveCall({"delegation": BACKEND})
    grown: list[int] = []
    for number in range(times):
        call.send_raw(message(rng))
        if number % 50 == 0:
            call.pass_frames(5)
        if number % 500 == 0:
            call.events.clear()
            call.jobs.clear()
            call.played.clear()
            if times > 1500 and number % 10_000 == 0:
                gc.collect()
                grown.append(_memory())
    call.events.clear()
    call.send("session.update", session={})
    assert call.types() == ["session.updated"]
    if grown:
        # Once warm, it does not grow with what it is sent.
        assert grown[-1] - grown[2] < 2_000_000, grown
    tracemalloc.stop()


def _memory() -> int:
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]
