from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from soundstage.config.values import TurnDetection


class Agent(BaseModel):
    turn_detection: TurnDetection = TurnDetection()


def test_the_silence_is_always_said_and_the_rest_only_where_it_is_written():
    assert TurnDetection().wire() == {"type": "server_vad", "silence_duration_ms": 500}
    detection = TurnDetection.model_validate(
        {
            "type": "server_vad",
            "threshold": 0.6,
            "prefix_padding": "250ms",
            "silence_duration": "1s",
            "idle_timeout": "6s",
            "create_response": True,
            "interrupt_response": False,
        }
    )
    assert detection.wire() == {
        "type": "server_vad",
        "threshold": 0.6,
        "prefix_padding_ms": 250,
        "silence_duration_ms": 1000,
        "idle_timeout_ms": 6000,
        "create_response": True,
        "interrupt_response": False,
    }


def test_semantic_detection_has_no_silence_and_none_is_null():
    semantic = TurnDetection.model_validate({"type": "semantic_vad", "eagerness": "low"})
    assert semantic.wire() == {"type": "semantic_vad", "eagerness": "low"}
    assert Agent.model_validate({"turn_detection": "none"}).turn_detection.wire() is None


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"eagerness": "low"}, "semantic_vad"),
        ({"type": "semantic_vad", "silence_duration": "1s"}, "server_vad"),
        ({"type": "none", "threshold": 0.5}, "does not go with"),
        ({"idle_timeout": "1s"}, "between 5s and 30s"),
        ({"threshold": 1.5}, "less than or equal to 1"),
        ({"threshold": float("nan")}, "finite number|less than or equal|greater than or equal"),
        ({"silence_duration_ms": 500}, "Extra inputs"),
        ("off", "valid dictionary"),
    ],
)
def test_a_wrong_turn_detection_is_refused(table, why):
    with pytest.raises(ValidationError, match=why):
        TurnDetection.model_validate(table)
