"""A server as a client session sees it: what it says, one event at a time."""

from __future__ import annotations

import json
import random
from typing import Any

from dummy_samples import ASSISTANT, RESPONSE, SESSION

from soundstage.realtime import ClientSession, Ids

Json = dict[str, Any]

TRANSCRIPTION = "conversation.item.input_audio_transcription"


def event(kind: str, **fields: Any) -> Json:
    return {"type": kind, "event_id": "event_of_the_server", **fields}


def error(code: str, event_id: str | None = None, **fields: Any) -> Json:
    body = {"type": "invalid_request_error", "code": code, "message": "No.", **fields}
    return event("error", error={**body, "event_id": event_id})


def created(response: str = "resp_1", **fields: Any) -> Json:
    return event("response.created", response={**RESPONSE, "id": response, **fields})


def done(response: str = "resp_1", *output: Json, **fields: Any) -> Json:
    body = {**RESPONSE, "id": response, "status": "completed", "output": [*output], **fields}
    return event("response.done", response=body)


def cancelled(response: str = "resp_1", reason: str = "turn_detected") -> Json:
    return done(
        response, status="cancelled", status_details={"type": "cancelled", "reason": reason}
    )


def item_added(response: str = "resp_1", item: str = "item_1") -> Json:
    begun = {**ASSISTANT, "id": item, "status": "in_progress", "content": []}
    return event("response.output_item.added", response_id=response, output_index=0, item=begun)


def words(delta: str, response: str = "resp_1", item: str = "item_1") -> Json:
    place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
    return event("response.output_audio_transcript.delta", **place, delta=delta, obfuscation="x")


def playback(step: str, response: str = "resp_1") -> Json:
    return event(f"output_audio_buffer.{step}", response_id=response)


def truncated(item: str = "item_1", audio_end_ms: int = 740) -> Json:
    place = {"item_id": item, "content_index": 0, "audio_end_ms": audio_end_ms}
    return event("conversation.item.truncated", **place)


def retrieved(item: str = "item_1", transcript: str | None = "Hello") -> Json:
    content = [{"type": "output_audio", "transcript": transcript}]
    return event("conversation.item.retrieved", item={**ASSISTANT, "id": item, "content": content})


def speech(step: str, at: int = 700, item: str = "item_u") -> Json:
    name = "audio_start_ms" if step == "started" else "audio_end_ms"
    return event(f"input_audio_buffer.speech_{step}", item_id=item, **{name: at})


def call(call_id: str = "call_1", name: str = "weather", arguments: str = "{}") -> Json:
    fields = {"name": name, "arguments": arguments, "call_id": call_id}
    return {"id": f"item_{call_id}", "type": "function_call", "status": "completed", **fields}


class Call:
    """A client session with whatever it says written down."""

    def __init__(self, session: Json | None = None) -> None:
        body = {"type": "realtime", "model": "gpt-realtime-2.1"} if session is None else session
        self.session = ClientSession(body, ids=Ids(random.Random(1)))
        self.sent: list[Json] = []

    @classmethod
    def configured(cls, session: Json | None = None) -> Call:
        """One that is ready, with its configuration behind it."""
        made = cls(session)
        made.hear(event("session.created", session=SESSION))
        made.hear(event("session.updated", session=SESSION))
        made.says()
        return made

    def hear(self, *events: Json) -> list[Any]:
        """Let the server say something; the notifications."""
        found = [
            notification
            for said in events
            for notification in self.session.receive(json.dumps(said))
        ]
        self.sent += [json.loads(text) for text in self.session.outgoing()]
        return found

    def says(self) -> list[Json]:
        """What the client has said since the last time."""
        sent = self.sent + [json.loads(text) for text in self.session.outgoing()]
        self.sent = []
        return sent

    def kinds(self) -> list[str]:
        """The types of what the client has said since the last time."""
        return [said["type"] for said in self.says()]
