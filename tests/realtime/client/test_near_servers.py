"""Conversations in the shapes of servers that are nearly OpenAI's: no word, no call is lost.

Each is made after what was recorded of such a server, or after what its users reported.
"""

from __future__ import annotations

from typing import Any

import pytest
from dummy_server import Call, event, item_added, speech, words

from soundstage.realtime import OddField, ToolRequested, server_events

PLACE = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
SPOKEN = {
    "id": "item_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_audio", "transcript": "It rains in Oslo."}],
}
ASKED = {
    "id": "item_2",
    "type": "function_call",
    "status": "completed",
    "name": "weather",
    "call_id": "call_1",
    "arguments": '{"city": "Oslo"}',
}
HEARD = "conversation.item.input_audio_transcription.completed"
BEGUN = {"id": "resp_1", "object": "realtime.response", "status": "in_progress", "output": []}
ENDED = {**BEGUN, "status": "completed", "output": [SPOKEN, ASKED]}


def turn(done: dict[str, Any], *said: dict[str, Any], **heard: Any) -> list[dict[str, Any]]:
    """A turn of the user, written down, and what a server makes of it."""
    told = {"item_id": "item_u", "content_index": 0, "transcript": "Does it rain?", **heard}
    return [
        speech("started"),
        speech("stopped", 1900),
        event(HEARD, **{"usage": {"type": "duration", "seconds": 2}, **told}),
        event("response.created", response=BEGUN),
        item_added(),
        *(said or [words("It rains"), words(" in Oslo.")]),
        event("response.done", response=done),
    ]


def renamed(name: str, old: str, **fields: Any) -> dict[str, Any]:
    return {**words(old), "type": name, **fields}


SERVERS: dict[str, tuple[list[dict[str, Any]], set[tuple[str, str]]]] = {
    "OpenAI, gpt-realtime-2.1, with a comment before the call": (
        turn({**ENDED, "output": [{**SPOKEN, "phase": "commentary"}, ASKED]}),
        set(),
    ),
    "Azure, with the content of a part told twice and rate limits left out": (
        turn(
            ENDED,
            event(
                "response.content_part.added",
                **PLACE,
                part={"type": "audio", "transcript": ""},
                content={"type": "audio"},
            ),
            words("It rains"),
            words(" in Oslo."),
        ),
        set(),
    ),
    "xAI, with details that say nothing": (
        turn({**ENDED, "status_details": "unimplemented", "usage": "unimplemented"}),
        {("response.done", "response.status_details"), ("response.done", "response.usage")},
    ),
    "Azure Voice Live, with the names of the beta": (
        turn(
            {**ENDED, "modalities": ["text", "audio"]},
            renamed("response.audio_transcript.delta", "It rains"),
            renamed("response.audio_transcript.delta", " in Oslo."),
        ),
        {("response.output_audio_transcript.delta", "type")},
    ),
    "a gateway that drops what it takes for noise": (
        turn(
            {"id": "resp_1", "output": [SPOKEN, {**ASKED, "arguments": {"city": "Oslo"}}]},
            {k: v for k, v in words("It rains").items() if k not in ("event_id", "content_index")},
            {k: v for k, v in words(" in Oslo.").items() if k not in ("event_id", "obfuscation")},
            usage=None,
        ),
        {
            ("response.output_audio_transcript.delta", "content_index"),
            ("response.done", "response.output[].arguments"),
            (HEARD, "usage"),
        },
    ),
    "a server with events of its own between the others": (
        turn(
            ENDED,
            event("conversation.created", conversation=None),
            words("It rains"),
            event("response.animation.delta", frames=[1, 2]),
            event("ping"),
            words(" in Oslo."),
        ),
        set(),
    ),
}


@pytest.mark.parametrize(("said", "odd"), SERVERS.values(), ids=SERVERS)
def test_no_word_and_no_call_of_a_server_is_lost(said, odd):
    spoken = Call.configured()
    told = [note for one in said for note in spoken.hear(one)]
    deltas = [one.delta for one in told if isinstance(one, server_events.OutputTranscriptDelta)]
    assert "".join(deltas) == "It rains in Oslo."
    [done] = [one.response for one in told if isinstance(one, server_events.ResponseDone)]
    assert (done.status, done.said) == ("completed", "It rains in Oslo.")
    [request] = [one for one in told if isinstance(one, ToolRequested)]
    assert (request.name, request.arguments.replace(" ", "")) == ("weather", '{"city":"Oslo"}')
    heard = [one for one in told if isinstance(one, server_events.InputTranscriptionCompleted)]
    assert [one.transcript for one in heard] == ["Does it rain?"]
    assert {(one.event, one.field) for one in told if isinstance(one, OddField)} == odd


@pytest.mark.parametrize(("said", "odd"), SERVERS.values(), ids=SERVERS)
def test_the_events_of_a_server_are_told_in_its_order(said, odd):
    spoken = Call.configured()
    told = [note for one in said for note in spoken.hear(one)]
    kinds = [type(one) for one in told if isinstance(one, server_events.ServerEventBase)]
    order = [
        server_events.SpeechStarted,
        server_events.SpeechStopped,
        server_events.InputTranscriptionCompleted,
        server_events.ResponseCreated,
        server_events.OutputTranscriptDelta,
        server_events.OutputTranscriptDelta,
        server_events.ResponseDone,
    ]
    assert [kind for kind in kinds if kind in order] == order
