"""Whatever clients, callers and jobs do, in whatever order, a Live session keeps its rules."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from dummy_live_call import checked
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from soundstage.audio import TelephoneCoders
from soundstage.live import ClientSession, ServerSession
from soundstage.realtime import Compose, FunctionCall, Ids, Reply, Speak, Transcribe
from soundstage.units import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SILENCE

TEXTS = st.text(alphabet="ab .?é\n", max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TOOLS = [{"type": "function", "name": "weather"}]
DELEGATIONS = st.sampled_from(
    [
        None,
        {"type": "client"},
        {"type": "responses", "responses": {"model": "m", "tools": TOOLS}},
        {"type": "responses", "responses": {"model": "m"}, "acknowledgement_delay_ms": 500},
    ]
)
FORMATS = st.sampled_from(
    [
        {"type": "audio/pcm", "rate": 24000},
        {"type": "audio/pcm", "rate": 16000},
        {"type": "audio/pcmu", "rate": 8000},
    ]
)
KINDS = [
    *("session.start", "session.update", "session.input_audio.mute", "session.input_audio.unmute"),
    *("session.instructions.append", "session.thinking.append", "session.commentary.append"),
    *("response.item.create", "response.create", "decision.create", "transport.dtmf.send"),
    "session.output_audio.fixture.play",
]
LONGEST = 250
"""Steps of a session: a step of a long one costs two thirds of one of a short one, and it gets to
states that a short one does not."""

steps_taken = [0]
CALLS = st.lists(st.just(FunctionCall("weather", "{}")), max_size=2)


class LiveSession(RuleBasedStateMachine):
    """A session whose client, caller and engines do anything."""

    server: ServerSession

    @initialize(delegation=DELEGATIONS, audio_format=FORMATS, call=st.booleans())
    def begin(self, delegation: Any, audio_format: Any, *, call: bool) -> None:
        session: dict[str, Any] = {"model": "gpt-live-1.1", "delegation": delegation}
        if call:
            session["idle_timeout_s"] = 2
        else:
            session["audio"] = {"format": audio_format}
        self.is_call = call
        self.server = ServerSession(
            ids=Ids(random.Random(1)),
            session=session,
            door="webrtc" if call else "websocket",
            stream=random.Random,
            coders=TelephoneCoders(),
            delegates=tuple(TOOLS),
        )
        self.client = ClientSession(session, ids=Ids(random.Random(2)))
        self.now = 0
        self.heard = 0
        self.jobs: list[Any] = []
        self.calls: list[str] = []
        self.delegations: list[str] = []
        self.last_said = -1
        self.is_closed = False
        self.server.open(0)
        self.take()

    def take(self) -> None:
        """What the session sends: right by the SDK, in order, and nothing after its end."""
        for raw in self.server.outgoing():
            event = checked(raw)
            assert not self.is_closed, event
            self.is_closed = event["type"] == "session.closed"
            if event["type"] == "session.output_transcript.delta":
                assert event["start_ms"] >= self.last_said
                self.last_said = event["end_ms"]
                assert event["end_ms"] <= self.heard * FRAME_MS
            if event["type"].endswith("appended"):
                assert event["end_ms"] <= self.heard * FRAME_MS
            if event["type"] == "session.delegation.created":
                self.delegations.append(event["delegation"]["id"])
            for told in self.client.receive(raw):
                self.calls += [told.call_id] if hasattr(told, "call_id") else []
        self.jobs += self.server.jobs()
        assert self.server.closed == self.is_closed

    @rule(kind=st.sampled_from(KINDS), fields=st.dictionaries(st.sampled_from(["x", "item"]), JSON))
    def send_anything(self, kind: str, fields: dict[str, Any]) -> None:
        self.server.receive(json.dumps({"type": kind, **fields}), self.now)
        self.take()

    @rule(
        kind=st.sampled_from(["instructions", "thinking", "commentary"]),
        text=TEXTS,
        about=st.booleans(),
    )
    def append_text(self, kind: str, text: str, *, about: bool) -> None:
        ident = self.delegations[-1] if about and self.delegations else None
        event = {"type": f"session.{kind}.append", "content": text, "delegation_id": ident}
        self.server.receive(json.dumps(event), self.now)
        self.take()

    @rule(answer=st.booleans(), text=TEXTS)
    def go_on_with_the_backend(self, text: str, *, answer: bool) -> None:
        item: dict[str, Any] = {"type": "message", "role": "user", "content": text}
        if answer and self.calls:
            call_id = self.calls.pop(0)
            item = {"type": "function_call_output", "call_id": call_id, "output": text}
        for event in ({"type": "response.item.create", "item": item}, {"type": "response.create"}):
            self.server.receive(json.dumps(event), self.now)
            self.take()

    @rule(length=st.integers(0, 20_000))
    def append_audio(self, length: int) -> None:
        audio = base64.b64encode(bytes(length)).decode()
        event = {"type": "session.input_audio.append", "audio": audio}
        self.server.receive(json.dumps(event), self.now)
        self.take()

    @rule(frames=st.integers(1, 60), voiced=st.booleans())
    def pass_time(self, frames: int, *, voiced: bool) -> None:
        pcm = b"\x00\x20" * (FRAME_BYTES // 2) if voiced else SILENCE
        for _ in range(frames):
            self.now += FRAME_SAMPLES
            due = [pcm] if self.is_call else [*self.server.due(self.now), pcm]
            for frame in due:
                self.server.hear(frame, 0.9 if voiced else 0.0, self.now)
                self.heard += 1
            played = self.server.advance(self.now)
            assert len(played) == FRAME_BYTES
            self.take()

    @rule(place=st.integers(0, 5), text=TEXTS, calls=CALLS, unfinished=st.booleans())
    def do_a_job(self, place: int, text: str, calls: list[Any], *, unfinished: bool) -> None:
        if not self.jobs:
            return
        job = self.jobs.pop(min(place, len(self.jobs) - 1))
        match job:
            case Transcribe():
                self.server.transcribed(job.job, text)
            case Compose():
                why = "max_output_tokens" if unfinished else ""
                self.server.composed(job.job, Reply(text or None, tuple(calls), why), self.now)
            case Speak():
                self.server.spoken(job.job, b"\x40\x00" * 9600, [], job.text, self.now)
                self.server.spoken_all(job.job, self.now)
            case _:
                pass
        self.take()

    @rule(place=st.integers(0, 5))
    def let_a_job_fail(self, place: int) -> None:
        if not self.jobs:
            return
        job = self.jobs.pop(min(place, len(self.jobs) - 1))
        if isinstance(job, Transcribe):
            self.server.transcription_failed(job.job, "no")
        elif isinstance(job, Compose | Speak):
            self.server.failed(job.job, "no", self.now)
        self.take()

    @rule(sure=st.integers(0, 20))
    def close(self, sure: int) -> None:
        if sure == 0:
            self.server.receive('{"type": "session.close"}', self.now)
            self.take()

    @invariant()
    def what_is_closed_wants_nothing(self) -> None:
        # Asked once before the first rule, and after each.
        steps_taken[0] += 1
        if self.is_closed:
            assert self.server.outgoing() == []


def run(steps: int) -> None:
    """Until so many rules were applied: hypothesis ends many an example before its last step."""
    steps_taken[0] = 0
    while steps_taken[0] < steps:
        # No more at once: hypothesis remembers each of them.
        examples = min(200, -(-(steps - steps_taken[0]) // LONGEST))
        run_state_machine_as_test(
            LiveSession,
            settings=settings(
                max_examples=examples,
                stateful_step_count=LONGEST,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        steps_taken[0] -= examples


def test_a_session_keeps_its_rules_for_ten_thousand_steps() -> None:
    run(10_000)


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_a_session_keeps_its_rules_for_half_a_million_steps() -> None:
    run(500_000)
