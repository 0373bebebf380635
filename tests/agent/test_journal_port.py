"""What an agent hands over is what the log will have."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from soundstage import Agent
from soundstage.agent.journal_port import as_logged
from soundstage.messages import Entry
from soundstage.messages.events import HeardText, Noted, Wire


def noted(**data: object) -> Noted:
    return Noted(pts=1, agent="ann", name="told", data=data)


def test_an_event_that_the_log_can_hold_stays_what_it_is() -> None:
    event = noted(text="good day", number=1.5, none=None, list=[1, {"a": True}])
    assert as_logged(event) == event
    wire = Wire(pts=2, agent="ann", sent=True, event={"type": "x", "n": [1]})
    assert msgspec.json.encode(as_logged(wire)) == msgspec.json.encode(wire)


def test_what_an_agent_changes_afterwards_was_not_logged() -> None:
    data: dict[str, Any] = {"list": [1]}
    event = as_logged(noted(**data))
    data["list"].append(2)
    assert event.data == {"list": [1]}


@pytest.mark.parametrize("value", [object(), {1j}, {"key": object()}])
def test_what_has_no_form_in_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        as_logged(noted(value=value))


@pytest.mark.parametrize("value", [None, 7, math.nan, ["x"]])
def test_a_value_of_the_wrong_type_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(TypeError, match=r"Noted: Expected `str`.*name"):
        as_logged(Noted(pts=1, agent="ann", name=value, data={}))


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(TypeError, match="the log takes events, not str"):
        Agent.bare().log_event("good day")  # type: ignore[arg-type]


def test_half_a_surrogate_pair_is_written_out_and_ends_no_agent() -> None:
    agent = Agent.bare()
    agent.log_event(HeardText(pts=1, agent="bare", speaker="ben", text="caf\udce9", start=0, end=1))
    [entry] = agent.sent
    assert isinstance(entry, Entry)
    assert isinstance(entry.event, HeardText)
    assert entry.event.text == "caf\\udce9"
