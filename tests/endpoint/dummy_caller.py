"""A caller on the line with one session of the endpoint, between doubles."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from dummy_engines import LOUD, DummyEngines
from dummy_executor import DummyExecutor, DummyExecutorAtOnce, DummyTimers

from soundstage.endpoint import (
    CallPlan,
    EndpointSession,
    LocalSettings,
    Responder,
    ScriptedResponder,
)
from soundstage.realtime import Transport
from soundstage.seeds import Seeds
from soundstage.units import FRAME_SAMPLES, SILENCE

TURN_MS = 500
DETECTION = {"type": "server_vad", "silence_duration_ms": TURN_MS}


class Line:
    """A caller on the line with one session, a tick at a time."""

    def __init__(
        self,
        local: dict[str, Any],
        *,
        heard: tuple[str, ...] = (),
        at_once: bool = True,
        responder: Responder | None = None,
        voice: str | None = None,
        session: dict[str, Any] | None = None,
        seed: int = 1,
        transport: Transport = "webrtc",
    ) -> None:
        settings = LocalSettings.model_validate(local)
        stream = partial(Seeds(seed).stream, "bob")
        self.engines = DummyEngines(*heard)
        self.timers = DummyTimers()
        self.executor = DummyExecutor(self.timers)
        self.made = DummyExecutorAtOnce(self.timers) if at_once else self.executor
        self.events: list[dict[str, Any]] = []
        self.played: list[bytes] = []
        self.now = 0
        body = {
            "type": "realtime",
            "audio": {"input": {"turn_detection": DETECTION, "transcription": {"model": "w"}}},
        }
        self.session = EndpointSession(
            CallPlan(local=settings, stream=stream, voice=voice),
            responder=responder or ScriptedResponder(settings),
            engines=self.engines,
            host=self.made.host,
            send=lambda event: self.events.append(json.loads(event)),
            session={**body, **(session or {})},
            transport=transport,
        )
        self.session.open()

    def tick(self, frame: bytes = SILENCE, count: int = 1) -> None:
        for _ in range(count):
            self.timers.move_to(self.now)
            self.session.on_frame(frame)
            self.played.append(self.session.on_tick(self.now))
            self.now += FRAME_SAMPLES

    def speak(self, frames: int = 25) -> None:
        """A turn, up to the tick in which it ends."""
        self.tick(LOUD, frames)
        self.tick(SILENCE, TURN_MS // 20)

    def send(self, event: str, **fields: Any) -> None:
        self.session.on_message(json.dumps({"type": event, **fields}))

    def add(self, **item: Any) -> None:
        self.send("conversation.item.create", item=item)

    def prompt(self, text: str = "Say hello.") -> None:
        self.add(type="message", role="system", content=[{"type": "input_text", "text": text}])
        self.send("response.create")

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def last(self, kind: str) -> dict[str, Any]:
        return next(event for event in reversed(self.events) if event["type"] == kind)

    def responses(self) -> list[dict[str, Any]]:
        return [e["response"] for e in self.events if e["type"] == "response.done"]

    def said(self) -> list[str]:
        """What the responses that are done said."""
        return [
            part["transcript"]
            for response in self.responses()
            for item in response["output"]
            for part in item.get("content") or []
        ]
