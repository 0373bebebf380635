"""The owner of a Live server session: gives it time, audio and the results of its jobs.

Every event that comes out is checked against the models of the official SDK, those that are nested
in `response.event` too.
"""

from __future__ import annotations

import base64
import itertools
import json
import random
from typing import Annotated, Any, get_args

from openai.types.live import ConnectServerEvent, ServerEvent
from openai.types.responses import ResponseStreamEvent
from pydantic import Field, TypeAdapter

from soundstage.audio import TelephoneCoders
from soundstage.live import ServerSession
from soundstage.realtime import Compose, Ids, Reply, Speak, Transcribe
from soundstage.units import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SILENCE


def _adapter(union: Any) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[get_args(union)[0], Field(discriminator="type")])


_EVENT = _adapter(ServerEvent)
_SIDEBAND_EVENT = _adapter(ConnectServerEvent)
_NESTED = _adapter(ResponseStreamEvent)
_RESTING = {"session.paused", "session.resumed"}

WORD = 4800
"""Samples of a spoken word: 200 ms."""


def checked(raw: str | bytes) -> dict[str, Any]:
    """The event as JSON.

    Raises:
        pydantic.ValidationError: the SDK does not take it.
    """
    event: dict[str, Any] = json.loads(raw)
    # Of these the SDK types the sideband alone, though a channel has them too.
    adapter = _SIDEBAND_EVENT if event["type"] in _RESTING else _EVENT
    # On the wire a code may be null, which the SDK's type denies.
    error = event.get("error")
    if isinstance(error, dict) and error.get("code") is None:
        adapter.validate_python({**event, "error": {**error, "code": ""}})
    else:
        adapter.validate_json(raw)
    if event["type"] == "response.event":
        _NESTED.validate_python(event["event"])
    return event


class DummyLiveCall:
    """A session whose client is the test."""

    def __init__(self, session: dict[str, Any] | None = None, door="websocket", **given: Any):
        self.server = ServerSession(
            ids=Ids(random.Random(7)),
            session={"model": "gpt-live-1.1", **(session or {})},
            door=door,
            stream=lambda name: random.Random(f"1 {name}"),
            coders=TelephoneCoders(),
            **given,
        )
        self.now = 0
        self.events: list[dict[str, Any]] = []
        self.jobs: list[Any] = []
        self.played: list[bytes] = []
        self._count = itertools.count(1)
        self.server.open(0)
        self.drain()

    def send(self, type: str, **fields: Any) -> str:  # noqa: A002 - the protocol's name
        """Send an event; returns its id."""
        event_id = fields.setdefault("event_id", f"client_{next(self._count)}")
        self.send_raw(json.dumps({"type": type, **fields}))
        return event_id

    def send_raw(self, text: str | bytes) -> None:
        self.server.receive(text, self.now)
        self.drain()

    def append(self, pcm: bytes) -> str:
        return self.send("session.input_audio.append", audio=base64.b64encode(pcm).decode())

    def pass_frames(self, count: int, probability: float = 0.0, level: int = 0) -> None:
        """Twenty milliseconds, so many times: the user is heard, the assistant is played."""
        for _ in range(count):
            pcm = bytes([level, 0]) * (FRAME_BYTES // 2) if level else SILENCE
            self.server.hear(pcm, probability, self.now)
            self.now += FRAME_SAMPLES
            self.played.append(self.server.advance(self.now))
            self.drain()

    def tick(self, ms: int) -> None:
        """Time passes, and what was appended is heard as it falls due."""
        for _ in range(ms // FRAME_MS):
            self.now += FRAME_SAMPLES
            for frame in self.server.due(self.now):
                self.server.hear(frame, 0.0, self.now)
            self.server.advance(self.now)
            self.drain()

    def speak(self, ms: int) -> None:
        """The user speaks."""
        self.pass_frames(ms // FRAME_MS, 0.9, level=50)

    def pause(self, ms: int) -> None:
        """No one speaks."""
        self.pass_frames(ms // FRAME_MS)

    def ask(self, text: str, ms: int = 1000) -> Compose:
        """The user says something, which is understood; what is to be composed."""
        self.speak(ms)
        self.pause(1000)
        self.transcribe(text)
        return self.last_job(Compose)

    def transcribe(self, text: str) -> None:
        self.server.transcribed(self.last_job(Transcribe).job, text)
        self.drain()

    def compose(self, text: str | None = None, *, calls=(), unfinished="") -> None:
        job = self.last_job(Compose)
        self.server.composed(job.job, Reply(text, tuple(calls), unfinished), self.now)
        self.drain()

    def synthesise(self, spoken: Speak | None = None) -> None:
        """Give the sound of an utterance: 200 ms a word."""
        job = spoken or self.last_job(Speak)
        words = [(word, at * WORD, (at + 1) * WORD) for at, word in enumerate(job.text.split())]
        pcm = b"\x40\x00" * (WORD * len(words))
        self.server.spoken(job.job, pcm, words, job.text, self.now)
        self.server.spoken_all(job.job, self.now)
        self.drain()

    def say(self, text: str) -> None:
        """Have the assistant say something."""
        self.compose(text)
        self.synthesise()

    def last_job(self, kind: type) -> Any:
        return next(job for job in reversed(self.jobs) if isinstance(job, kind))

    def drain(self) -> None:
        self.events += [checked(raw) for raw in self.server.outgoing()]
        self.jobs += self.server.jobs()

    def types(self) -> list[str]:
        audio = "session.output_audio.delta"
        return [event["type"] for event in self.events if event["type"] != audio]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    def nested(self) -> list[dict[str, Any]]:
        return [event["event"] for event in self.of("response.event")]

    def said(self) -> str:
        return "".join(each["delta"] for each in self.of("session.output_transcript.delta"))

    def heard(self) -> str:
        return "".join(each["delta"] for each in self.of("session.input_transcript.delta"))

    def errors(self) -> list[tuple[str | None, str | None]]:
        return [(e["error"]["code"], e["error"].get("param")) for e in self.of("error")]
