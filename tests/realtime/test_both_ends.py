"""Both ends of a session joined in memory, with no clock but the one given."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundstage.realtime import (
    ClientSession,
    Compose,
    FunctionCall,
    Ids,
    Reply,
    ServerSession,
    SessionReady,
    Speak,
    ToolRequested,
    Transcribe,
    Truncated,
)
from soundstage.realtime import server_events as server
from soundstage.units import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from soundstage.realtime import Notification

SOUND = b"\x01\x00" * FRAME_SAMPLES
BODY: dict[str, Any] = {
    "type": "realtime",
    "audio": {
        "input": {
            "transcription": {"model": "any"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 400},
        },
        "output": {"voice": "ash"},
    },
}


class Pair:
    """A client and a server session, with everything that is asked of them done at once."""

    def __init__(self, *replies: Reply) -> None:
        self.client = ClientSession(BODY, ids=Ids(random.Random(1)))
        self.server = ServerSession(ids=Ids(random.Random(2)), model="gpt-realtime-2.1")
        self.replies = list(replies)
        self.events: list[dict[str, Any]] = []
        self.notifications: list[Notification] = []
        self.now = 0
        self.server.open(0)
        self.settle()

    def settle(self) -> None:
        for _ in range(10):
            for job in self.server.jobs():
                self.do(job)
            for event in self.server.outgoing():
                self.events.append(json.loads(event))
                self.notifications += self.client.receive(event)
            for event in self.client.outgoing():
                self.server.receive(event, self.now)

    def do(self, job: object) -> None:
        match job:
            case Transcribe():
                self.server.transcribed(job.job, "what was said")
            case Compose():
                reply = self.replies.pop(0) if self.replies else Reply()
                self.server.composed(job.job, reply, self.now)
            case Speak():
                words = job.text.split()
                timed = [(word, n * 4800, (n + 1) * 4800) for n, word in enumerate(words)]
                sound = b"\x01\x00" * 4800 * len(words)
                self.server.spoken(job.job, sound, tuple(timed), job.text, self.now)
                self.server.spoken_all(job.job, self.now)
            case _:
                pass

    def run(self, frames: int, *, speech: bool = False) -> None:
        for _ in range(frames):
            self.now += FRAME_SAMPLES
            self.server.advance(self.now)
            self.server.hear(SOUND if speech else SILENCE, 0.9 if speech else 0.0, self.now)
            self.settle()

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def told(self, kind: type[Any]) -> list[Any]:
        return [
            notification for notification in self.notifications if isinstance(notification, kind)
        ]


def test_a_session_is_configured_before_anything_else_happens() -> None:
    pair = Pair()
    assert pair.types() == ["session.created", "session.updated"]
    assert (
        pair.events[0]["session"]["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500
    )
    detection = pair.events[1]["session"]["audio"]["input"]["turn_detection"]
    assert detection["silence_duration_ms"] == 400
    assert pair.events[1]["session"]["audio"]["output"]["voice"] == "ash"
    assert pair.notifications == [SessionReady()]


def test_an_opening_prompt_is_a_system_item_and_a_bare_response() -> None:
    pair = Pair(Reply("Hello there."))
    pair.client.prompt("Say hi.")
    pair.settle()
    pair.run(40)
    assert pair.types()[2:] == [
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio_transcript.delta",
        "output_audio_buffer.started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
        "output_audio_buffer.stopped",
    ]
    [done] = pair.told(server.ResponseDone)
    assert (done.response.status, done.response.said) == ("completed", "Hello there.")
    playback = (server.OutputAudioBufferStarted, server.OutputAudioBufferStopped)
    assert [len(pair.told(kind)) for kind in playback] == [1, 1]


def test_a_spoken_turn_is_committed_written_down_and_answered() -> None:
    pair = Pair(Reply("I see."))
    pair.run(20)
    pair.run(30, speech=True)
    pair.run(30)
    types = pair.types()
    order = [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    places = [types.index(name) for name in order]
    assert places == sorted(places)
    started = next(e for e in pair.events if e["type"] == order[0])
    assert started["audio_start_ms"] == 20 * 20 - 300
    [begun] = pair.told(server.SpeechStarted)
    [words] = pair.told(server.InputTranscriptionCompleted)
    assert (words.item_id, words.transcript) == (begun.item_id, "what was said")


def test_speech_cuts_a_reply_to_the_words_that_were_played() -> None:
    pair = Pair(Reply("one two three four five six"))
    pair.client.prompt("Count.")
    pair.settle()
    pair.run(25)
    assert pair.client.gate_open
    pair.run(2, speech=True)
    assert not pair.client.gate_open
    assert len(pair.told(server.OutputAudioBufferCleared)) == 1
    [cut] = pair.told(Truncated)
    assert cut.text in {"one two", "one two three"}
    assert cut.audio_end_ms <= 27 * 20


def test_a_tool_is_asked_for_once_and_its_result_answered_once() -> None:
    call = FunctionCall("get_weather", '{"city": "Dublin"}')
    pair = Pair(Reply(calls=(call,)), Reply("It rains."))
    pair.client.prompt("Ask.")
    pair.settle()
    [request] = pair.told(ToolRequested)
    assert (request.name, request.arguments) == (call.name, call.arguments)
    pair.client.return_tool(request.call_id, '{"rain": true}')
    pair.client.return_tool(request.call_id, '{"rain": true}')
    pair.settle()
    pair.run(40)
    assert pair.types().count("response.created") == 2
    assert pair.told(server.ResponseDone)[-1].response.said == "It rains."


def test_a_session_that_winds_down_answers_no_more() -> None:
    pair = Pair(Reply("never said"))
    pair.client.stop_answering()
    pair.settle()
    pair.run(30, speech=True)
    pair.run(30)
    assert "response.created" not in pair.types()
    assert len(pair.told(server.InputTranscriptionCompleted)) == 1


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("{", "invalid_json"),
        ("{}", "invalid_event"),
        ('{"type": "no.such"}', "invalid_value"),
        ('{"type": "conversation.item.delete"}', "missing_required_parameter"),
        ('{"type": "response.cancel"}', "response_cancel_not_active"),
        ('{"type": "input_audio_buffer.commit"}', "input_audio_buffer_commit_empty"),
        (
            '{"type": "conversation.item.delete", "item_id": "x"}',
            "item_delete_invalid_item_id",
        ),
        (
            '{"type": "session.update", "session": {"type": "realtime", "colour": 1}}',
            "unknown_parameter",
        ),
    ],
)
def test_a_wrong_event_is_answered_with_the_documented_code(event: str, code: str) -> None:
    pair = Pair()
    pair.server.receive(event, 0)
    pair.settle()
    assert pair.events[-1]["type"] == "error"
    assert pair.events[-1]["error"]["code"] == code


COMMANDS = st.one_of(
    st.sampled_from(
        [
            '{"type": "response.create"}',
            '{"type": "response.cancel"}',
            '{"type": "output_audio_buffer.clear"}',
            '{"type": "input_audio_buffer.commit"}',
            '{"type": "input_audio_buffer.clear"}',
            '{"type": "response.create", "response": {"conversation": "none"}}',
            json.dumps(
                {
                    "type": "conversation.item.create",
                    "item": {
                        "type": "message",
                        "role": "user",
                        "content": [{"type": "input_text", "text": "hi"}],
                    },
                }
            ),
        ]
    ),
    st.text(max_size=20),
    st.sampled_from([True, False]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(COMMANDS, max_size=40))
def test_nothing_a_client_does_raises_and_every_response_is_done_once(
    commands: list[str | bool],
) -> None:
    pair = Pair(*[Reply("one two three")] * 40)
    for command in commands:
        if isinstance(command, bool):
            pair.run(30, speech=command)
        else:
            pair.server.receive(command, pair.now)
            pair.settle()
    pair.run(200)
    types = pair.types()
    assert types.count("response.created") == types.count("response.done")
    assert types.count("response.done") == len(
        {e["response"]["id"] for e in pair.events if e["type"] == "response.done"}
    )
