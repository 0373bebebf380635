"""What a Live session may be configured to be, and what of it may change."""

from __future__ import annotations

import pytest
from openai.types.live.session_resource import SessionResource

from soundstage.audio import TelephoneCoders
from soundstage.errors import ClientFault
from soundstage.live import SessionConfig
from soundstage.realtime import Coding

MINIMAL = {"model": "gpt-live-1.1"}
WEATHER = {"type": "function", "name": "weather"}
BACKEND = {"type": "responses", "responses": {"model": "gpt-5.6", "tools": [WEATHER]}}


def config(given: dict | None = None, door="websocket", **options) -> SessionConfig:
    return SessionConfig(
        "live_1",
        {**MINIMAL, **(given or {})},
        door=door,
        expires_at=7200,
        coding=Coding(TelephoneCoders()),
        **options,
    )


def refused(given: dict, door="websocket", **options) -> tuple[str, str | None]:
    with pytest.raises(ClientFault) as caught:
        config(given, door, **options)
    return caught.value.code, caught.value.param


def test_a_session_has_the_documented_defaults() -> None:
    wire = config().wire()
    SessionResource.model_validate(wire, strict=True)
    assert wire["audio"] == {
        "format": {"type": "audio/pcm", "rate": 24000},
        "output": {"voice": "marin"},
    }
    assert wire["delegation"] == {"type": "client", "acknowledgement_delay_ms": 0}
    assert (wire["store"], wire["input"], wire["instructions"]) == (False, [], None)
    assert (wire["id"], wire["status"], wire["expires_at"]) == ("live_1", "active", 7200)


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_no_instructions_are_those_of_the_service(empty: str | None) -> None:
    assert config({"instructions": empty}).fields.instructions is None


def test_a_backend_reports_its_tools() -> None:
    made = config({"delegation": BACKEND})
    SessionResource.model_validate(made.wire(), strict=True)
    assert made.tools == (WEATHER,)


@pytest.mark.parametrize(
    ("audio_format", "is_taken"),
    [
        ({"type": "audio/pcm", "rate": 16000}, True),
        ({"type": "audio/pcmu", "rate": 8000}, True),
        ({"type": "audio/pcma", "rate": 8000}, True),
        ({"type": "audio/pcm", "rate": 8000}, False),
        ({"type": "audio/pcmu", "rate": 16000}, False),
        ({"type": "audio/opus", "rate": 48000}, False),
    ],
)
def test_formats_are_those_of_the_guide(audio_format: dict, *, is_taken: bool) -> None:
    given = {"audio": {"format": audio_format}}
    if is_taken:
        assert config(given).wire()["audio"]["format"] == audio_format
    else:
        assert refused(given)[0] == "invalid_value"


def test_a_session_begins_with_a_history() -> None:
    said = {"role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]}
    asked = {"role": "user", "content": [{"text": "Hi."}]}
    made = config({"input": [said, asked]})
    SessionResource.model_validate(made.wire(), strict=True)
    assert [each.content[0].text for each in made.fields.input] == ["Hello.", "Hi."]


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"temperature": 1}, "unknown_parameter", "session.temperature"),
        ({"model": None}, "invalid_type", "session.model"),
        ({"type": "live"}, "unknown_parameter", "session.type"),
        ({"store": True}, "invalid_value", "session.store"),
        ({"triggers": [{}]}, "invalid_value", "session.triggers"),
        ({"idle_timeout_s": 5}, "unknown_parameter", "session.idle_timeout_s"),
        ({"input": [{"role": "system", "content": []}]}, "invalid_value", "session.input[0].role"),
        ({"input": [{"role": "user", "content": []}]}, "invalid_value", "session.input[0].content"),
        ({"instructions": "x" * 70_000}, "invalid_value", "session.instructions"),
        ({"delegation": {"type": "decisions"}}, "invalid_value", "session.delegation.type"),
        ({"delegation": {}}, "missing_required_parameter", "session.delegation.type"),
        (
            {"delegation": {"type": "responses", "responses": {}}},
            "missing_required_parameter",
            "session.delegation.responses.model",
        ),
    ],
)
def test_what_is_wrong_is_told_with_code_and_path(given: dict, code: str, param: str) -> None:
    assert refused(given) == (code, param)


def test_tools_that_a_service_hosts_are_refused_by_name() -> None:
    backend = {"model": "m", "tools": [WEATHER, {"type": "web_search"}]}
    path = "session.delegation.responses.tools[1].type"
    assert refused({"delegation": {"type": "responses", "responses": backend}}) == (
        "invalid_value",
        path,
    )


def test_a_call_has_no_audio_format_and_may_pause() -> None:
    audio = {"audio": {"format": {"type": "audio/pcm", "rate": 24000}}}
    assert refused(audio, "webrtc") == ("unknown_parameter", "session.audio.format")
    made = config({"idle_timeout_s": 30, "wake_policy": {"type": "speech"}}, "webrtc")
    assert made.wire()["wake_policy"] == {"type": "speech", "vad_threshold": 0.5}
    assert "format" not in made.wire()["audio"]


def test_a_strict_session_forbids_a_voice_that_the_service_does_not_have() -> None:
    audio = {"audio": {"output": {"voice": "robot"}}}
    assert refused(audio, strict=True) == ("forbidden", "session.audio.output.voice")
    assert config(audio).voice == "robot"


def test_an_update_changes_the_backend_alone() -> None:
    made = config({"delegation": BACKEND})
    made.update({})
    made.update({"triggers": []})
    made.update({"delegation": {"type": "responses", "responses": {"tools": []}}})
    assert made.tools == ()
    assert made.responses is not None
    assert made.responses.responses.model == "gpt-5.6"


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"model": "other"}, "immutable_field_update", "session.model"),
        ({"instructions": "x"}, "immutable_field_update", "session.instructions"),
        ({"delegation": None}, "immutable_field_update", "session.delegation.type"),
        ({"mood": 1}, "unknown_parameter", "session.mood"),
        (
            {"delegation": {"type": "responses", "responses": {"mood": 1}}},
            "unknown_parameter",
            "session.delegation.responses.mood",
        ),
    ],
)
def test_an_update_of_anything_else_is_refused_as_a_whole(
    changes: dict, code: str, param: str
) -> None:
    made = config({"delegation": BACKEND})
    before = made.wire()
    with pytest.raises(ClientFault) as caught:
        made.update(changes)
    assert (caught.value.code, caught.value.param) == (code, param)
    assert made.wire() == before
