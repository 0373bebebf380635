"""One event of each type, as the wire has it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

Json = dict[str, Any]


class Place(Struct, frozen=True):
    """Where in a response something is made."""

    response: str = "resp_1"
    item: str = "item_1"

    @property
    def output(self) -> Json:
        return {"response_id": self.response, "item_id": self.item, "output_index": 0}

    @property
    def content(self) -> Json:
        return {**self.output, "content_index": 0}


SYSTEM = {
    "id": "item_s",
    "type": "message",
    "status": "completed",
    "role": "system",
    "content": [{"type": "input_text", "text": "Say hi."}],
}
USER = {
    "id": "item_u",
    "type": "message",
    "status": "completed",
    "role": "user",
    "content": [{"type": "input_audio", "transcript": None}],
}
SHOWN = {
    "id": "item_i",
    "type": "message",
    "object": "realtime.item",
    "role": "user",
    "content": [
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "low"},
        {"type": "input_text", "text": "What is this?"},
    ],
}
ASSISTANT = {
    "id": "item_1",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "output_audio", "transcript": "Hello there."}],
}
CALL = {
    "id": "item_c",
    "type": "function_call",
    "status": "completed",
    "name": "weather",
    "call_id": "call_1",
    "arguments": '\n { "city": "Oslo" } ',
}
OUTPUT = {
    "id": "item_o",
    "type": "function_call_output",
    "call_id": "call_1",
    "output": '{"sky":"clear"}',
}
MCP_TOOLS = {
    "id": "item_m",
    "type": "mcp_list_tools",
    "server_label": "docs",
    "tools": [
        {
            "name": "find",
            "input_schema": {"type": "object"},
            "description": "Finds.",
            "annotations": None,
        }
    ],
}
MCP_CALL = {
    "id": "item_m2",
    "type": "mcp_call",
    "server_label": "docs",
    "name": "find",
    "arguments": "{}",
    "output": None,
    "approval_request_id": None,
    "error": {"type": "http_error", "code": 503, "message": "Unavailable"},
}
MCP_REQUEST = {
    "id": "item_m3",
    "type": "mcp_approval_request",
    "server_label": "docs",
    "name": "find",
    "arguments": "{}",
}
MCP_APPROVAL = {
    "id": "item_m4",
    "type": "mcp_approval_response",
    "approval_request_id": "item_m3",
    "approve": True,
    "reason": None,
}
ITEMS: list[Json] = [
    SYSTEM,
    USER,
    SHOWN,
    ASSISTANT,
    CALL,
    OUTPUT,
    MCP_TOOLS,
    MCP_CALL,
    MCP_REQUEST,
    MCP_APPROVAL,
]

SESSION: Json = {
    "type": "realtime",
    "object": "realtime.session",
    "id": "sess_u0_1",
    "model": "gpt-realtime-2.1",
    "output_modalities": ["audio"],
    "instructions": "Be kind.",
    "tools": [],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
    "tracing": None,
    "prompt": None,
    "expires_at": 1784000000,
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 200,
                "idle_timeout_ms": None,
                "create_response": True,
                "interrupt_response": True,
            },
        },
        "output": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "voice": "alloy",
            "speed": 1.0,
        },
    },
    "include": None,
    "truncation": "auto",
}
RESPONSE: Json = {
    "object": "realtime.response",
    "id": "resp_1",
    "status": "in_progress",
    "status_details": None,
    "output": [],
    "conversation_id": "conv_1",
    "output_modalities": ["audio"],
    "max_output_tokens": "inf",
    "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}},
    "usage": None,
    "metadata": None,
}
FINISHED: Json = {
    **RESPONSE,
    "status": "completed",
    "output": [ASSISTANT],
    "usage": {
        "total_tokens": 120,
        "input_tokens": 80,
        "output_tokens": 40,
        "input_token_details": {
            "text_tokens": 60,
            "audio_tokens": 20,
            "image_tokens": 0,
            "cached_tokens": 16,
            "cached_tokens_details": {"text_tokens": 16, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": 10, "audio_tokens": 30},
    },
    "metadata": {"topic": "greeting"},
}
FAILED: Json = {
    **RESPONSE,
    "status": "failed",
    "status_details": {
        "type": "failed",
        "error": {"type": "server_error", "code": "server_error", "message": "Sorry."},
    },
}

_AT = Place()
_HEARD = {"item_id": "item_u", "content_index": 0}
_TRANSCRIPTION = "conversation.item.input_audio_transcription"
_LOGPROBS = [{"token": "hi", "bytes": [104, 105], "logprob": -0.1}]
_TOKENS = {
    "type": "tokens",
    "total_tokens": 12,
    "input_tokens": 10,
    "output_tokens": 2,
    "input_token_details": {"text_tokens": 0, "audio_tokens": 10},
}
_DELTA = {"delta": "Hel", "obfuscation": "x8Kq2"}

_BODIES: list[tuple[str, Json]] = [
    (
        "error",
        {
            "error": {
                "type": "invalid_request_error",
                "code": None,
                "message": "No.",
                "param": None,
                "event_id": None,
            }
        },
    ),
    ("session.created", {"session": SESSION}),
    ("session.updated", {"session": SESSION}),
    (
        "rate_limits.updated",
        {
            "rate_limits": [
                {"name": "tokens", "limit": 40000, "remaining": 39000, "reset_seconds": 1.5}
            ]
        },
    ),
    ("conversation.created", {"conversation": {"id": "conv_1", "object": "realtime.conversation"}}),
    *[("conversation.item.added", {"previous_item_id": None, "item": item}) for item in ITEMS],
    ("conversation.item.done", {"previous_item_id": None, "item": ASSISTANT}),
    ("conversation.item.retrieved", {"item": ASSISTANT}),
    ("conversation.item.truncated", {"item_id": "item_1", "content_index": 0, "audio_end_ms": 740}),
    ("conversation.item.deleted", {"item_id": "item_1"}),
    (f"{_TRANSCRIPTION}.delta", {**_HEARD, **_DELTA, "logprobs": _LOGPROBS}),
    (
        f"{_TRANSCRIPTION}.segment",
        {**_HEARD, "id": "seg_1", "speaker": "A", "start": 0.0, "end": 1.5, "text": "Hi."},
    ),
    (
        f"{_TRANSCRIPTION}.completed",
        {
            **_HEARD,
            "transcript": "Hi.",
            "usage": _TOKENS,
            "languages": [{"code": "en"}],
            "logprobs": None,
        },
    ),
    (
        f"{_TRANSCRIPTION}.completed",
        {**_HEARD, "transcript": "Hi.", "usage": {"type": "duration", "seconds": 1.5}},
    ),
    (
        f"{_TRANSCRIPTION}.failed",
        {
            **_HEARD,
            "error": {
                "type": "transcription_error",
                "code": "audio_unintelligible",
                "message": "What?",
                "param": None,
            },
        },
    ),
    ("input_audio_buffer.committed", {"item_id": "item_u", "previous_item_id": None}),
    ("input_audio_buffer.cleared", {}),
    ("input_audio_buffer.speech_started", {"item_id": "item_u", "audio_start_ms": 700}),
    ("input_audio_buffer.speech_stopped", {"item_id": "item_u", "audio_end_ms": 1900}),
    (
        "input_audio_buffer.timeout_triggered",
        {"item_id": "item_u", "audio_start_ms": 700, "audio_end_ms": 6700},
    ),
    ("input_audio_buffer.dtmf_event_received", {"event": "9", "received_at": 1784000000}),
    *[
        (f"mcp_list_tools.{step}", {"item_id": "item_m"})
        for step in ("in_progress", "completed", "failed")
    ],
    ("response.created", {"response": RESPONSE}),
    *[("response.done", {"response": response}) for response in (FINISHED, FAILED)],
    *[
        (f"response.output_item.{step}", {"response_id": "resp_1", "output_index": 0, "item": item})
        for step, item in (
            ("added", {**ASSISTANT, "status": "in_progress", "content": []}),
            ("done", CALL),
        )
    ],
    ("response.content_part.added", {**_AT.content, "part": {"type": "audio", "transcript": ""}}),
    (
        "response.content_part.done",
        {**_AT.content, "part": {"type": "text", "text": "Hello there."}},
    ),
    ("response.output_text.delta", {**_AT.content, **_DELTA}),
    ("response.output_text.done", {**_AT.content, "text": "Hello."}),
    ("response.output_audio_transcript.delta", {**_AT.content, **_DELTA}),
    ("response.output_audio_transcript.done", {**_AT.content, "transcript": "Hello."}),
    ("response.output_audio.delta", {**_AT.content, "delta": "AAAA"}),
    ("response.output_audio.done", _AT.content),
    ("response.function_call_arguments.delta", {**_AT.output, "call_id": "call_1", **_DELTA}),
    (
        "response.function_call_arguments.done",
        {**_AT.output, "call_id": "call_1", "name": "weather", "arguments": "{}"},
    ),
    ("response.mcp_call_arguments.delta", {**_AT.output, **_DELTA}),
    ("response.mcp_call_arguments.done", {**_AT.output, "arguments": "{}"}),
    *[
        (f"response.mcp_call.{step}", {"item_id": "item_m2", "output_index": 0})
        for step in ("in_progress", "completed", "failed")
    ],
    *[
        (f"output_audio_buffer.{step}", {"response_id": "resp_1"})
        for step in ("started", "stopped", "cleared")
    ],
]

_WITHOUT_ID = "input_audio_buffer.dtmf_event_received"
SERVER_EVENTS: list[Json] = [
    {"type": kind, **({} if kind == _WITHOUT_ID else {"event_id": f"event_{number}"}), **body}
    for number, (kind, body) in enumerate(_BODIES)
]

CLIENT_EVENTS: list[Json] = [
    {
        "type": "session.update",
        "event_id": "event_1",
        "session": {"type": "realtime", "made_up": 1},
    },
    {"type": "input_audio_buffer.append", "audio": "AAAA"},
    {"type": "input_audio_buffer.commit"},
    {"type": "input_audio_buffer.clear", "event_id": None},
    *[{"type": "conversation.item.create", "item": item} for item in ITEMS],
    {"type": "conversation.item.create", "previous_item_id": "root", "item": SYSTEM},
    {"type": "conversation.item.retrieve", "item_id": "item_1"},
    {
        "type": "conversation.item.truncate",
        "item_id": "item_1",
        "content_index": 0,
        "audio_end_ms": 740,
    },
    {"type": "conversation.item.delete", "item_id": "item_1"},
    {"type": "response.create"},
    {"type": "response.create", "response": {"conversation": "none", "metadata": {"topic": "x"}}},
    {
        "type": "response.create",
        "response": {"input": [{"type": "item_reference", "id": "item_1"}, USER]},
    },
    {"type": "response.cancel", "response_id": "resp_1"},
    {"type": "output_audio_buffer.clear", "event_id": "event_9"},
]
