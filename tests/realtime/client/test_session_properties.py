"""Whatever a server says, in whatever order: the client never raises and keeps its word."""

from __future__ import annotations

import copy
import json
from collections import Counter

from dummy_samples import ASSISTANT, SERVER_EVENTS, SESSION
from dummy_server import (
    Call,
    call,
    cancelled,
    created,
    done,
    error,
    event,
    item_added,
    playback,
    retrieved,
    speech,
    truncated,
    words,
)
from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime import SessionReady, ToolRequested, Truncated, decode_client
from soundstage.realtime.protocol.server_events import (
    OutputAudioBufferCleared,
    OutputAudioBufferStarted,
    OutputTextDelta,
    OutputTranscriptDelta,
    ResponseCreated,
    ResponseDone,
)

ONCE = (ResponseCreated, ResponseDone, OutputAudioBufferCleared, SessionReady)

RESPONSES = ("resp_1", "resp_2", "resp_3")
ITEMS = ("item_1", "item_2")
CALLS = ("call_1", "call_2")
ERRORS = (
    "conversation_already_has_active_response",
    "response_cancel_not_active",
    "session_expired",
    "invalid_value",
)

responses = st.sampled_from(RESPONSES)
items = st.sampled_from(ITEMS)
outputs = st.lists(st.sampled_from([ASSISTANT, *(call(one) for one in CALLS)]), max_size=3)
junk = st.sampled_from([None, True, -1, 2**70, 1e300, "", "x", [], {}, [None], {"id": 7}])

plausible = st.one_of(
    st.builds(created, responses, conversation_id=st.sampled_from(["conv_1", None])),
    st.builds(lambda response, output: done(response, *output), responses, outputs),
    st.builds(cancelled, responses, st.sampled_from(["turn_detected", "client_cancelled"])),
    st.builds(item_added, responses, items),
    st.builds(words, st.just("Hello"), responses, items),
    st.builds(playback, st.sampled_from(["started", "stopped", "cleared"]), responses),
    st.builds(truncated, items),
    st.builds(retrieved, items, st.sampled_from(["Hello", "", None])),
    st.builds(speech, st.sampled_from(["started", "stopped"])),
    st.builds(error, st.sampled_from(ERRORS)),
    st.just(event("session.created", session=SESSION)),
    st.just(event("session.updated", session=SESSION)),
)
samples = st.sampled_from(SERVER_EVENTS)


@st.composite
def mutated(draw):
    """A known event with one of its fields gone or replaced."""
    made = copy.deepcopy(draw(plausible | samples))
    place = made
    for _ in range(draw(st.integers(0, 3))):
        inner = [value for value in place.values() if isinstance(value, dict) and value]
        if not inner:
            break
        place = draw(st.sampled_from(inner))
    key = draw(st.sampled_from(sorted(place)))
    if draw(st.booleans()):
        del place[key]
    else:
        place[key] = draw(junk)
    return made


actions = st.sampled_from(
    [
        ("prompt", "Go on."),
        ("add_text", "Hm."),
        ("respond",),
        ("cancel",),
        ("return_tool", "call_1", "{}"),
        ("return_tool", "call_2", "{}"),
        ("stop_answering",),
    ]
)
refusals = st.tuples(st.just("refuse the last event"), st.sampled_from(ERRORS))
frames = st.tuples(st.just("frames"), st.integers(1, 60), st.booleans())
steps = st.lists(plausible | samples | mutated() | actions | refusals | frames, max_size=40)


def name_of(told) -> tuple[object, ...]:
    """What tells one notification from another, whatever else is in it."""
    response = getattr(told, "response", None)
    return type(told), getattr(response, "id", response), getattr(told, "response_id", None)


class Witness:
    """Watches one session, and objects when it breaks its word."""

    def __init__(self) -> None:
        self.spoken = Call()
        self.session = self.spoken.session
        self.told: list[object] = []
        self.ids: list[str] = []
        self.cuts = 0
        self.may_ask = True

    def step(self, step) -> None:
        if isinstance(step, dict):
            self.hear(step)
        elif step[0] == "refuse the last event":
            self.hear(error(step[1], self.ids[-1] if self.ids else None))
        elif step[0] == "frames":
            for _ in range(step[1]):
                for notification in self.session.hear_frame(audible=step[2]):
                    self.watch_told(notification)
        else:
            getattr(self.session, step[0])(*step[1:])
            self.watch_sent()

    def hear(self, said) -> None:
        self.cuts += said.get("type") == "conversation.item.truncated"
        notifications = self.session.receive(json.dumps(said))
        for notification in notifications:
            self.watch_told(notification)
        kind = said.get("type")
        self.may_ask |= kind in ["response.created", "response.done", "error"]
        self.watch_sent()
        if any(
            isinstance(notification, OutputAudioBufferCleared) for notification in notifications
        ):
            assert not self.session.gate_open or self.session.playing is not None

    def watch_told(self, notification) -> None:
        count = Counter(map(name_of, self.told))
        ended = {
            told.response.id: told.response for told in self.told if isinstance(told, ResponseDone)
        }
        match notification:
            case ResponseCreated() | ResponseDone():
                assert notification.response.id not in ended
            case OutputTextDelta() | OutputTranscriptDelta():
                assert notification.response_id not in ended
            case ToolRequested():
                assert ended[notification.response].status == "completed"
                calls = [t.call_id for t in self.told if isinstance(t, ToolRequested)]
                assert notification.call_id not in calls
            case OutputAudioBufferStarted():
                assert notification.response_id not in self.cleared()
            case Truncated():
                self.cuts -= 1
                assert self.cuts >= 0
            case _:
                pass
        if isinstance(notification, ONCE):
            assert count[name_of(notification)] == 0
        self.told.append(notification)

    def watch_sent(self) -> None:
        for text in self.session.outgoing():
            sent = decode_client(text)
            kind = json.loads(text)["type"]
            assert self.session.ready or kind == "session.update"
            assert sent.event_id not in self.ids
            self.ids.append(sent.event_id)
            if kind == "response.create":
                assert self.may_ask
                assert not self.being_made()
                self.may_ask = False

    def being_made(self) -> set[str]:
        begun = {told.response.id for told in self.told if isinstance(told, ResponseCreated)}
        return begun - {told.response.id for told in self.told if isinstance(told, ResponseDone)}

    def cleared(self) -> set[str]:
        cleared = (told for told in self.told if isinstance(told, OutputAudioBufferCleared))
        return {told.response_id for told in cleared}


@given(steps)
def test_a_session_keeps_its_word_from_the_first_event_on(steps):
    witness = Witness()
    for step in steps:
        witness.step(step)


@given(steps)
def test_a_configured_session_keeps_its_word(steps):
    witness = Witness()
    for kind in ("session.created", "session.updated"):
        witness.hear(event(kind, session=SESSION))
    for step in steps:
        witness.step(step)


@given(st.lists(st.binary(max_size=40) | st.text(max_size=40), max_size=5))
def test_a_session_takes_any_text(texts):
    session = Call.configured().session
    for text in texts:
        session.receive(text)
    assert session.ready


@given(steps)
def test_a_session_answers_again_when_all_responses_have_ended(steps):
    witness = Witness()
    for kind in ("session.created", "session.updated"):
        witness.hear(event(kind, session=SESSION))
    for step in steps:
        if step != ("stop_answering",):
            witness.step(step)
    witness.step(("prompt", "Are you there?"))
    for number in range(60):
        if not witness.session.replying:
            break
        for response in witness.being_made():
            witness.hear(done(response))
        witness.hear(created(f"resp_late_{number}"))
        witness.hear(done(f"resp_late_{number}"))
    assert not witness.session.replying
