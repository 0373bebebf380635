"""What an update changes of a session, and what it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from soundstage.errors import ClientFault
from soundstage.realtime import VOICES, SessionConfig


def config(**fields: Any) -> SessionConfig:
    made = SessionConfig("sess_1", "gpt-realtime-2.1")
    made.update({"type": "realtime", **fields})
    return made


def reduction(*updates: Any) -> Any:
    made = config()
    for update in updates:
        made.update({"type": "realtime", "audio": {"input": {"noise_reduction": update}}})
    return made.wire()["audio"]["input"]["noise_reduction"]


def test_nulls_change_nothing_of_what_has_no_null():
    before = config(instructions="Be kind.", tools=[{"type": "function", "name": "wave"}])
    session = before.wire()
    nulls = ["instructions", "tools", "tool_choice", "max_output_tokens", "output_modalities"]
    before.update(
        {
            "type": "realtime",
            **dict.fromkeys(nulls),
            "parallel_tool_calls": None,
            "reasoning": None,
            "truncation": None,
            "audio": {"input": {"format": None}, "output": {"voice": None, "speed": None}},
        }
    )
    before.update({"type": "realtime", "audio": {"input": None, "output": None}})
    before.update({"type": "realtime", "audio": None})
    assert before.wire() == session


def test_a_null_is_a_value_where_the_protocol_has_one():
    made = config(audio={"input": {"turn_detection": None}}, tracing="auto")
    assert made.turns is None
    made.update({"type": "realtime", "tracing": None})
    assert made.wire()["tracing"] is None


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh"])
def test_every_effort_that_clients_send_is_taken_and_reported(effort):
    assert config(reasoning={"effort": effort}).wire()["reasoning"] == {"effort": effort}


def test_the_model_is_fixed_unless_a_name_was_in_its_place():
    fixed = config()
    with pytest.raises(ClientFault, match=r"fixed: it is 'gpt-realtime-2\.1'"):
        fixed.update({"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."})
    named = SessionConfig("sess_1", "refunds", model_is_fixed=False)
    named.update({"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."})
    assert named.wire()["model"] == "gpt-realtime"
    assert named.wire()["instructions"] == "Be brief."
    named.update({"type": "realtime", "model": "gpt-realtime-2.1"})
    assert named.wire()["model"] == "gpt-realtime-2.1"


def test_reasoning_may_leave_its_effort_to_the_model():
    assert config(reasoning={}).wire()["reasoning"] == {}
    with pytest.raises(ClientFault, match="Supported values"):
        config(reasoning={"effort": "utmost"})


def test_noise_reduction_keeps_what_an_update_leaves_out():
    near, half = {"type": "near_field"}, {"strength": 0.5}
    assert reduction(near) == near
    assert reduction(half) == half
    assert reduction(near, half) == reduction(half, near) == {**near, **half}
    assert reduction({**near, **half}, {"type": "far_field"}) == {"type": "far_field", **half}
    assert reduction({**near, **half}, None, near) == near


UNKNOWN: dict[str, Any] = {"type": "realtime", "audio": {"output": {"voice": "aloy"}}}


def test_a_voice_that_the_service_lacks_is_refused_in_its_words_where_that_is_wanted():
    with pytest.raises(ClientFault) as refused:
        SessionConfig("sess_1", "gpt-realtime-2.1", strict=True).update(UNKNOWN)
    assert refused.value.code == "invalid_value"
    assert refused.value.param == "session.audio.output.voice"
    assert str(refused.value).startswith("Invalid value: 'aloy'. Supported values are: 'alloy', ")
    loose = config()
    loose.update(UNKNOWN)
    assert loose.wire()["audio"]["output"]["voice"] == "aloy"


def test_a_voice_that_was_made_to_order_is_believed():
    strict = SessionConfig("sess_1", "gpt-realtime-2.1", strict=True)
    for voice in (*VOICES, {"id": "voice_1"}):
        strict.update({"type": "realtime", "audio": {"output": {"voice": voice}}})
        assert strict.wire()["audio"]["output"]["voice"] == voice
