"""Whatever clients, callers and jobs do, in whatever order, the session keeps its rules."""

from __future__ import annotations

import base64
import json
import random
import re
from typing import Any

import pytest
from dummy_call import SDK_EVENT
from dummy_images import png
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from soundstage.realtime import (
    Abandon,
    Compose,
    FunctionCall,
    Ids,
    Reply,
    ServerSession,
    Speak,
    Transcribe,
)
from soundstage.realtime.server.responses import MOST_AT_ONCE
from soundstage.realtime.server.transcriptions import MOST_WAITING_BYTES
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_BYTES, SILENCE, ms_of

TEXTS = st.text(alphabet="ab .?é\n", max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
DETECTION = (
    st.none()
    | st.fixed_dictionaries(
        {"type": st.just("server_vad")},
        optional={
            "silence_duration_ms": st.sampled_from([0, 100, 200, 500]),
            "interrupt_response": st.booleans(),
            "create_response": st.booleans(),
            "idle_timeout_ms": st.sampled_from([None, 5000]),
            "threshold": st.floats(0, 1),
        },
    )
    | st.just({"type": "semantic_vad"})
)
SESSION = st.fixed_dictionaries(
    {"type": st.just("realtime")},
    optional={
        "instructions": TEXTS,
        "output_modalities": st.sampled_from([["audio"], ["text"]]),
        "max_output_tokens": st.sampled_from(["inf", 1, 20]),
        "audio": st.fixed_dictionaries(
            {},
            optional={
                "input": st.fixed_dictionaries(
                    {},
                    optional={
                        "turn_detection": DETECTION,
                        "transcription": st.sampled_from([None, {"model": "whisper-1"}, {}]),
                    },
                ),
                "output": st.fixed_dictionaries(
                    {}, optional={"voice": st.sampled_from(["alloy", "ash"]), "speed": st.floats()}
                ),
            },
        ),
    },
)
PART = st.sampled_from(
    [
        {"type": "input_text", "text": "Hello there."},
        {"type": "input_audio", "audio": base64.b64encode(bytes(5000)).decode()},
        {"type": "input_audio", "transcript": "Known."},
        {"type": "input_image", "image_url": png(64, 64)},
        {"type": "output_text", "text": "Good."},
    ]
)
ITEM = st.fixed_dictionaries(
    {
        "type": st.just("message"),
        "role": st.sampled_from(["user", "system", "assistant"]),
        "content": st.lists(PART, max_size=2),
    },
    optional={"id": st.sampled_from(["a", "b", "c"])},
)

LETTERS = {
    "output_item.added": "A",
    "content_part.added": "P",
    "content_part.done": "p",
    "output_item.done": "Z",
    "done": "E",
}
"""What the events of a response are called in its record; deltas are d, their ends D."""
LIFE = re.compile(r"(A(Pd*DD?p|d*D)Z)*E")
"""The life of a response of an older model: one item after the other."""

TOGETHER = re.compile(r"((APd*)?(Ad*)*(DD?pZ)?(DZ)*)E")
"""That of a newer model: its message and its calls are closed when all deltas are out."""


class Session(RuleBasedStateMachine):
    """One session, driven at random, with a record of what it has told."""

    transport = "webrtc"
    model = "gpt-realtime-2.1"
    life = TOGETHER

    def __init__(self) -> None:
        super().__init__()
        ids = Ids(random.Random(3))
        self.server = ServerSession(ids=ids, model=self.model, transport=self.transport)  # type: ignore[arg-type] # a class attribute is no literal
        self.now = 0
        self.jobs: list[Any] = []
        self.items: list[str] = []
        self.calls: list[str] = []
        self.responses: dict[str, dict[str, Any]] = {}
        self.lives: dict[str, str] = {}
        self.response_of: dict[str, str] = {}
        self.playing: str | None = None
        self.played: dict[str, int] = {}
        self.made: dict[str, int] = {}
        self.truncating = False
        self.server.open(0)
        self.look()

    # What happens.

    def send(self, kind: str, **fields: Any) -> None:
        self.truncating = kind == "conversation.item.truncate"
        self.server.receive(json.dumps({"type": kind, **fields}), self.now)
        self.look()
        self.truncating = False
        for frame in self.server.appended():
            self.server.hear(frame, 0.2, self.now)
            self.look()

    @rule(count=st.integers(1, 40), probability=st.sampled_from([0.0, 0.0, 0.4, 0.9]))
    def time_passes(self, count, probability):
        for _ in range(count):
            self.server.hear(bytes(FRAME_BYTES), probability, self.now)
            self.look()
            frame = self.server.advance(self.now)
            self.look()
            assert len(frame) == FRAME_BYTES
            if frame is not SILENCE:
                assert self.playing is not None
                self.played[self.playing] = self.played.get(self.playing, 0) + FRAME_SAMPLES
            self.now += FRAME_SAMPLES

    @rule(session=SESSION)
    def update(self, session):
        self.send("session.update", session=session)

    @rule(item=ITEM, after=st.sampled_from([None, "root", "a", "missing"]))
    def create_item(self, item, after):
        self.send("conversation.item.create", item=item, previous_item_id=after)

    @rule(data=st.data())
    def return_from_a_function(self, data):
        call_id = data.draw(st.sampled_from([*self.calls, "call_x"]))
        item = {"type": "function_call_output", "call_id": call_id, "output": "{}"}
        self.send("conversation.item.create", item=item)

    @rule(data=st.data(), kind=st.sampled_from(["retrieve", "delete"]))
    def ask_for_an_item(self, data, kind):
        ident = data.draw(st.sampled_from([*self.items, "missing"]))
        self.send(f"conversation.item.{kind}", item_id=ident)

    @rule(data=st.data(), end=st.integers(-1, 3000), index=st.sampled_from([0, 0, 0, 1]))
    def truncate(self, data, end, index):
        ident = data.draw(st.sampled_from([*self.items, "missing"]))
        self.send(
            "conversation.item.truncate", item_id=ident, content_index=index, audio_end_ms=end
        )

    @rule(
        response=st.fixed_dictionaries(
            {},
            optional={
                "conversation": st.sampled_from(["auto", "none"]),
                "output_modalities": st.sampled_from([["audio"], ["text"]]),
                "metadata": st.dictionaries(st.text("k", max_size=66), TEXTS, max_size=2),
                "max_output_tokens": st.sampled_from([1, 8, "inf"]),
                "input": st.lists(ITEM, max_size=1),
                "audio": st.just({"output": {"voice": "verse"}}),
            },
        )
    )
    def create_response(self, response):
        self.send("response.create", response=response)

    @rule(data=st.data())
    def cancel_response(self, data):
        ident = data.draw(st.sampled_from([None, *self.responses]))
        self.send("response.cancel", response_id=ident)

    @rule(
        kind=st.sampled_from(
            ["input_audio_buffer.commit", "input_audio_buffer.clear", "output_audio_buffer.clear"]
        )
    )
    def use_a_buffer(self, kind):
        self.send(kind)

    @rule(pcm=st.integers(0, 6000).map(bytes))
    def append(self, pcm):
        self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    @rule(
        kind=st.sampled_from(["session.update", "response.create", "x", ""]), body=JSON, key=TEXTS
    )
    def send_nonsense(self, kind, body, key):
        self.send(kind, **{key or "session": body, "response": body})

    @rule(raw=st.binary(max_size=20) | TEXTS)
    def send_garbage(self, raw):
        self.server.receive(raw, self.now)
        self.look()

    @rule(data=st.data(), text=TEXTS, fails=st.sampled_from([False, False, False, True]))
    def finish_a_job(self, data, text, fails):
        if not self.jobs:
            return
        job = data.draw(st.sampled_from(self.jobs[-4:]))
        server, now = self.server, self.now
        match job:
            case Transcribe() if fails:
                server.transcription_failed(job.job, text)
            case Transcribe():
                server.transcribed(job.job, text)
            case _ if fails:
                server.failed(job.job, text, now)
            case Compose() if data.draw(st.integers(0, 3)) == 0:
                server.composing(job.job, text, now)
            case Compose():
                calls = data.draw(st.lists(st.builds(FunctionCall, TEXTS, TEXTS), max_size=2))
                why = data.draw(st.sampled_from(["", "", "content_filter", "max_output_tokens"]))
                reply = Reply(data.draw(st.none() | TEXTS), tuple(calls), why)
                server.composed(job.job, reply, now)
            case Speak():
                samples = data.draw(st.integers(0, 20_000))
                self.speak(job, samples, ends=data.draw(st.booleans()))
        self.look()

    def speak(self, job: Speak, samples: int, *, ends: bool) -> None:
        done = self.made.get(job.response, 0)
        words = [("a", done, done + samples // 2), ("b", done + samples // 2, done + samples)]
        self.server.spoken(job.job, bytes(2 * samples), words, job.text, self.now)
        self.made[job.response] = done + samples
        if ends:
            self.server.spoken_all(job.job, self.now)

    # What it has told.

    def look(self) -> None:
        for raw in self.server.outgoing():
            SDK_EVENT.validate_json(raw)
            self.note(json.loads(raw))
        self.jobs += [job for job in self.server.jobs() if not isinstance(job, Abandon)]

    def note(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "conversation.item.added":
            before = event["previous_item_id"]
            place = 0 if before is None else self.items.index(before) + 1
            self.items.insert(place, event["item"]["id"])
            self.calls += [event["item"][key] for key in ("call_id",) if key in event["item"]]
        elif kind == "conversation.item.deleted":
            self.items.remove(event["item_id"])
        elif kind == "conversation.item.truncated":
            self.note_truncation(event)
        elif kind.startswith("output_audio_buffer."):
            self.note_playing(kind.rpartition(".")[2], event["response_id"])
        elif kind.startswith("response."):
            self.note_response(kind, event)

    def note_truncation(self, event: dict[str, Any]) -> None:
        response = self.response_of[event["item_id"]]
        source = self.sent() if self.truncating else self.played
        assert 0 <= event["audio_end_ms"] <= ms_of(source.get(response, 0))

    def sent(self) -> dict[str, int]:
        """Samples of each response that the client may know of."""
        return self.made

    def note_playing(self, what: str, response: str) -> None:
        if what == "started":
            assert self.playing is None
            assert response not in self.played
            self.playing = response
        else:
            assert self.playing == response
            self.playing = None

    def note_response(self, kind: str, event: dict[str, Any]) -> None:
        if kind == "response.created":
            assert event["response"]["id"] not in self.responses
            self.responses[event["response"]["id"]] = event["response"]
            self.lives[event["response"]["id"]] = ""
            return
        ident = event.get("response_id") or event["response"]["id"]
        assert self.responses[ident]["status"] == "in_progress"
        letter = "d" if kind.endswith(".delta") else "D"
        self.lives[ident] += LETTERS.get(kind.removeprefix("response."), letter)
        if kind == "response.output_item.added":
            self.response_of[event["item"]["id"]] = ident
        if kind == "response.done":
            self.responses[ident] = event["response"]
            assert event["response"]["status"] != "in_progress"
            assert self.life.fullmatch(self.lives[ident])

    # What must hold.

    @invariant()
    def one_response_at_most_is_made_in_the_conversation(self):
        active = [
            response
            for response in self.responses.values()
            if response["status"] == "in_progress" and response["conversation_id"] is not None
        ]
        assert len(active) <= 1

    @invariant()
    def the_items_form_the_list_that_was_told(self):
        entries = self.server._commands._conversation.entries
        assert [entry.ident for entry in entries] == self.items
        assert len(set(self.items)) == len(self.items)

    @invariant()
    def no_item_is_longer_than_its_audio(self):
        for entry in self.server._commands._conversation.entries:
            if entry.ident in self.response_of:
                assert entry.samples <= self.sent().get(self.response_of[entry.ident], 0)

    @invariant()
    def nothing_grows_without_bound(self):
        assert len(self.server._responses._active) <= MOST_AT_ONCE
        waiting = self.server._input_turns.transcriptions._open.values()
        assert sum(each.size for each in waiting if not each.over) <= MOST_WAITING_BYTES
        assert not self.server.outgoing()

    def teardown(self) -> None:
        for ident, response in list(self.responses.items()):
            if response["status"] == "in_progress":
                self.send("response.cancel", response_id=ident)
        assert all(response["status"] != "in_progress" for response in self.responses.values())
        assert not self.server._responses._active


class WebSocketSession(Session):
    """The same where audio comes in events."""

    transport = "websocket"
    model = "gpt-realtime"
    life = LIFE

    def __init__(self) -> None:
        self.came: dict[str, int] = {}
        super().__init__()

    def sent(self) -> dict[str, int]:
        return self.came

    def note(self, event: dict[str, Any]) -> None:
        if event["type"] == "response.output_audio.delta":
            samples = len(base64.b64decode(event["delta"])) // SAMPLE_BYTES
            response = event["response_id"]
            self.came[response] = self.came.get(response, 0) + samples
            assert self.came[response] <= self.made[response]
        super().note(event)


def long(machine: type[Session]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10_000,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


TestOverWebRtc = Session.TestCase
TestOverWebRtc.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
TestOverWebSocket = WebSocketSession.TestCase
TestOverWebSocket.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)


@pytest.mark.prove
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("machine", [Session, WebSocketSession])
def test_half_a_million_steps_each(machine):
    long(machine)
