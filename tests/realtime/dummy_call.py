"""The owner of a server session: gives it time, audio and the results of its jobs.

Every event that comes out is checked against the models of the official SDK.
"""

from __future__ import annotations

import itertools
import json
import random
from typing import Annotated, Any, get_args

from openai.types.realtime import RealtimeServerEvent
from pydantic import Field, TypeAdapter

from soundstage.realtime import Compose, Ids, Reply, ServerSession, Speak, Transcribe
from soundstage.units import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES

SDK_EVENT = TypeAdapter(
    Annotated[get_args(RealtimeServerEvent)[0], Field(discriminator="type")],
)
WORD = 4800
"""Samples of a spoken word: 200 ms."""


class DummyCall:
    """A call whose client is the test."""

    def __init__(
        self, session: dict[str, Any] | None = None, *, model: str = "gpt-realtime", **given: Any
    ) -> None:
        ids = Ids(random.Random(7))
        self.server = ServerSession(ids=ids, model=model, session=session, **given)
        self.now = 0
        self.events: list[dict[str, Any]] = []
        self.jobs: list[Any] = []
        self.played: list[bytes] = []
        self._seen = 0
        self._voiced: dict[str, int] = {}
        self._count = itertools.count(1)
        self.server.open(0)
        self.drain()

    # What the client and time do.

    def send(self, type: str, **fields: Any) -> str:  # noqa: A002 - the protocol's name
        """Send an event; returns its id."""
        event_id = fields.setdefault("event_id", f"client_{next(self._count)}")
        self.send_raw(json.dumps({"type": type, **fields}))
        return event_id

    def send_raw(self, text: str | bytes) -> None:
        self.server.receive(text, self.now)
        self.drain()
        for frame in self.server.appended():
            self.server.hear(frame, 0.0, self.now)
            self.drain()

    def update(self, **session: Any) -> None:
        self.send("session.update", session={"type": "realtime", **session})

    def say(self, text: str, role: str = "user") -> None:
        part = {"type": "input_text", "text": text}
        item = {"type": "message", "role": role, "content": [part]}
        self.send("conversation.item.create", item=item)

    def pass_frames(self, count: int, probability: float = 0.0, level: int = 0) -> None:
        """Twenty milliseconds, so many times: the caller is heard, the assistant is played."""
        for _ in range(count):
            pcm = bytes([level, 0]) * (FRAME_BYTES // 2)
            self.server.hear(pcm, probability, self.now)
            self.played.append(self.server.advance(self.now))
            self.now += FRAME_SAMPLES
            self.drain()

    def speak(self, ms: int) -> None:
        """The caller speaks."""
        self.pass_frames(ms // FRAME_MS, 0.9, level=50)

    def pause(self, ms: int) -> None:
        """The caller is silent."""
        self.pass_frames(ms // FRAME_MS)

    # What becomes of the jobs.

    def job(self, kind: type) -> Any:
        """The latest job of a kind."""
        return next(job for job in reversed(self.jobs) if isinstance(job, kind))

    def job_name(self) -> str:
        """The name of the job that composes a response."""
        return str(self.job(Compose).job)

    def speech_job(self) -> str:
        """The name of the job that speaks a response."""
        return str(self.job(Speak).job)

    def transcribe(self, text: str = "Hello there.") -> None:
        self.server.transcribed(self.job(Transcribe).job, text)
        self.drain()

    def compose(self, text: str | None = None, *calls: Any) -> None:
        self.server.composed(self.job(Compose).job, Reply(text, calls), self.now)
        self.drain()

    def voice(self, text: str | None = None, *, all_of_it: bool = True) -> None:
        """Give the audio of the response that is to be spoken, or of some words of it."""
        job = self.job(Speak)
        said = job.text if text is None else text
        first = self._voiced.get(job.job, 0)
        words = [
            (word, at * WORD, (at + 1) * WORD) for at, word in enumerate(said.split(), start=first)
        ]
        self._voiced[job.job] = first + len(words)
        self.server.spoken(job.job, b"\1\1" * WORD * len(words), words, said, self.now)
        if all_of_it:
            self.server.spoken_all(job.job, self.now)
        self.drain()

    def reply(self, text: str) -> None:
        """Compose and voice, and begin to play."""
        self.compose(text)
        self.voice()
        self.pass_frames(1)

    # What came of it.

    def drain(self) -> None:
        for raw in self.server.outgoing():
            SDK_EVENT.validate_json(raw)
            self.events.append(json.loads(raw))
        self.jobs += self.server.jobs()

    def new(self) -> list[dict[str, Any]]:
        """The events since the last look."""
        new, self._seen = self.events[self._seen :], len(self.events)
        return new

    def order(self) -> list[str]:
        """The types of the events since the last look, several of one type in a row as one."""
        return [kind for kind, _ in itertools.groupby(event["type"] for event in self.new())]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """All events of a type."""
        return [event for event in self.events if event["type"] == kind]

    def last(self, kind: str) -> dict[str, Any]:
        """The latest event of a type."""
        return self.all(kind)[-1]

    def fault(self) -> dict[str, Any]:
        """The body of the latest `error` event."""
        return self.last("error")["error"]

    def item(self, ident: str) -> dict[str, Any]:
        """An item as the server has it."""
        self.send("conversation.item.retrieve", item_id=ident)
        return self.last("conversation.item.retrieved")["item"]
