"""The states of a response: whatever is asked of it, in whatever order, it keeps to its table."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime import FunctionCall, Ids, Pacing, Reply
from soundstage.realtime.protocol.session_fields import SessionFields
from soundstage.realtime.server.conversation import Conversation
from soundstage.realtime.server.outbox import ServerOutbox
from soundstage.realtime.server.response import (
    TRANSITIONS,
    InvalidTransition,
    ResponseState,
    ServerResponse,
)
from soundstage.realtime.server.response_settings import response_settings

S = ResponseState
LIVE = [state for state, after in TRANSITIONS.items() if after]
LAST = [state for state, after in TRANSITIONS.items() if not after]
MADE = (S.COMPOSING, S.SPEAKING, S.DELIVERING)
SOUND = b"\1\1" * 4800
CALL = FunctionCall("weather", '{"city": "Oslo"}')

# What can be asked of a response, and the states in which it can.
OPERATIONS: dict[str, tuple[Any, tuple[ResponseState, ...]]] = {
    "compose": (lambda made: made.response.compose("job_0"), (S.WAITING,)),
    "say": (lambda made: made.response.say(" Well, hello."), (S.COMPOSING,)),
    "reply with words": (lambda made: made.reply("And more."), (S.COMPOSING,)),
    "reply with a call": (lambda made: made.reply(None, CALL), (S.COMPOSING,)),
    "reply that is cut": (lambda made: made.reply("Half", cut="content_filter"), (S.COMPOSING,)),
    "speak": (lambda made: made.response.next_speech(made.name), MADE),
    "audio": (lambda made: made.response.add_audio(SOUND, [("Well", 0, 4800)], "Well"), MADE[:2]),
    "end of speech": (lambda made: made.response.finish_speech(), MADE[:2]),
    "tell": (lambda made: made.response.tell(4800), tuple(S)),
    "deliver": (lambda made: made.response.end_if_delivered(), tuple(S)),
    "cancel": (lambda made: made.response.end(S.CANCELLED, reason="turn_detected"), tuple(LIVE)),
    "fail": (lambda made: made.response.fail("job_0", "Sorry."), MADE[:2]),
    "complete": (lambda made: made.response.end(S.COMPLETED), (S.DELIVERING,)),
}


class Made:
    """A response, and everything that it tells its client."""

    def __init__(self, **fields: Any) -> None:
        ids = Ids(random.Random(1))
        self.outbox = ServerOutbox(ids)
        settings = response_settings(SessionFields(model="m"), fields)
        conversation = Conversation("conv_1")
        self.response = ServerResponse(settings, conversation, None, self.outbox, ids, Pacing())
        self.told: list[dict[str, Any]] = []
        self._count = itertools.count(1)
        self.drain()

    def name(self) -> str:
        return f"job_{next(self._count)}"

    def reply(self, text: str | None, *calls: FunctionCall, cut: str = "") -> None:
        self.response.finish_composing(Reply(text, calls, cut))

    def drain(self) -> list[dict[str, Any]]:
        new = [json.loads(event) for event in self.outbox.drain()]
        self.told += new
        return new


@given(
    st.lists(st.sampled_from(list(OPERATIONS)), max_size=25),
    st.sampled_from([{}, {"output_modalities": ["text"]}, {"max_output_tokens": 3}]),
)
def test_a_response_does_what_its_state_allows_and_nothing_else(operations, fields):
    made = Made(**fields)
    for operation in operations:
        do, allowed = OPERATIONS[operation]
        before = made.response.state
        if before in allowed:
            do(made)
            assert made.response.state in TRANSITIONS[before] | {before}
        else:
            with pytest.raises(InvalidTransition):
                do(made)
            assert made.response.state is before
            assert made.drain() == []
        made.drain()
    done = [event["response"] for event in made.told if event["type"] == "response.done"]
    assert [one["status"] for one in done] == (
        [made.response.state.value] if made.response.over else []
    )


def test_every_response_can_end_and_none_that_has_ended_goes_on():
    for state in LIVE:
        reached = {state}
        for _ in S:
            reached |= {after for one in reached for after in TRANSITIONS[one]}
        assert {S.COMPLETED, S.CANCELLED, S.INCOMPLETE} <= reached
    assert [state.value for state in LAST] == ["completed", "cancelled", "incomplete", "failed"]


def test_every_transition_of_the_table_is_taken_by_some_order_of_operations():
    """The table allows no more than can happen."""
    ways = [
        ["cancel"],
        ["compose", "cancel"],
        ["compose", "fail"],
        ["compose", "reply with a call", "deliver"],
        ["compose", "reply with a call", "cancel"],
        ["compose", "reply with words", "cancel"],
        ["compose", "reply with words", "speak", "fail"],
        ["compose", "reply with words", "speak", "audio", "end of speech", "tell"],
        ["compose", "reply that is cut", "speak", "audio", "end of speech", "tell", "deliver"],
        ["compose", "reply with words", "speak", *["audio"] * 9, "deliver"],
        ["compose", "say", "speak", *["audio"] * 9, "deliver"],
    ]
    taken: dict[ResponseState, set[ResponseState]] = {state: set() for state in S}
    for way in ways:
        made = Made(max_output_tokens=32)
        for operation in way:
            before = made.response.state
            OPERATIONS[operation][0](made)
            if made.response.state is not before:
                taken[before].add(made.response.state)
    assert taken == {state: set(after) for state, after in TRANSITIONS.items()}
