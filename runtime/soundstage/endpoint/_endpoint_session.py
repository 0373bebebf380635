"""One conversation of the local endpoint, whatever door it came through."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.realtime import (
    Abandon,
    Compose,
    Ids,
    Reply,
    ServerSession,
    Speak,
    Transcribe,
)
from soundstage.speech import voice_for
from soundstage.values import LocalSettings

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from soundstage.endpoint._responder import Responder
    from soundstage.endpoint._workshop import Workshop
    from soundstage.realtime import Job
    from soundstage.speech import Engines, Recognition, SpeechPart
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")


class CallPlan(Struct, frozen=True, kw_only=True):
    """How one call is answered.

    Attributes:
        local: what is said.
        stream: a random stream of the call's own, by purpose.
    """

    local: LocalSettings
    stream: Callable[[str], random.Random]


class EndpointSession:
    """A server session with ears, a voice, and something to say.

    Everything happens on the caller's thread; only the workshop goes elsewhere.

    Args:
        plan: how the call is answered.
        responder: decides what is said.
        engines: recognise and synthesise.
        workshop: where they work.
        send: sends an event to the client.
        session: configuration that came with the call.

    Raises:
        ClientFault: that configuration is wrong.
    """

    def __init__(
        self,
        plan: CallPlan,
        *,
        responder: Responder,
        engines: Engines,
        workshop: Workshop,
        send: Callable[[bytes], None],
        session: dict[str, Any] | None,
    ) -> None:
        self._plan = plan
        self._responder = responder
        self._engines = engines
        self._workshop = workshop
        self._send = send
        self._thinking = plan.stream("think")
        self._abandoned: set[str] = set()
        self._now: Samples = 0
        model = str((session or {}).get("model", "gpt-realtime-2.1"))
        ids = Ids(plan.stream("endpoint"))
        self._session = ServerSession(ids=ids, model=model, session=session)
        self._activity = engines.vad.open()
        self._open = True

    @property
    def closed(self) -> bool:
        """Whether the session has expired."""
        return self._session.closed

    def open(self) -> None:
        """The client can be told things."""
        self._session.open(self._now)
        self._flush()

    def on_message(self, text: str | bytes) -> None:
        """One event of the client."""
        self._session.receive(text, self._now)
        self._flush()

    def on_frame(self, pcm: bytes) -> None:
        """One frame of the caller."""
        self._session.hear(pcm, self._activity.hear(pcm), self._now)
        self._flush()

    def on_tick(self, now: Samples) -> bytes:
        """Time has advanced by a frame; the next one to play."""
        self._now = now
        frame = self._session.tick(now)
        self._flush()
        return frame

    def close(self) -> None:
        """Nothing that is still under way matters any more."""
        self._open = False

    def _flush(self) -> None:
        if not self._open:
            return
        while jobs := self._session.jobs():
            for job in jobs:
                self._do(job)
        for event in self._session.outgoing():
            self._send(event)

    def _do(self, job: Job) -> None:
        match job:
            case Transcribe():
                pcm = job.pcm
                recognizer = self._engines.recognizer
                self._workshop.hear(
                    lambda: recognizer.recognize(pcm), lambda heard: self._heard(job, heard)
                )
            case Compose():
                wait = self._plan.local.think.draw(self._thinking)
                if wait:
                    self._workshop.after(wait, lambda: self._compose(job))
                else:
                    self._compose(job)
            case Speak():
                self._speak(job)
            case Abandon():
                self._abandoned.add(job.job)

    def _heard(self, job: Transcribe, heard: Recognition | Exception) -> None:
        if isinstance(heard, Exception):
            _log.error("recognition failed: %s", heard, exc_info=heard)
            self._session.transcription_failed(job.job, str(heard), self._now)
        elif job.job not in self._abandoned:
            self._session.transcribed(job.job, heard.text, self._now)
        self._abandoned.discard(job.job)
        self._flush()

    def _compose(self, job: Compose) -> None:
        if job.job in self._abandoned:
            self._abandoned.discard(job.job)
            return
        try:
            reply: Reply = self._responder.reply(job)
        except Exception as error:  # noqa: BLE001 - told to the client as a failed response
            _log.exception("the responder failed")
            self._session.failed(job.job, str(error), self._now)
        else:
            self._session.composed(job.job, reply, self._now)
        self._flush()

    def _speak(self, job: Speak) -> None:
        synthesizer = self._engines.synthesizer
        voice, _ = voice_for(job.voice, synthesizer.voices)
        parts: list[Iterator[SpeechPart]] = []

        def next_part() -> SpeechPart | None:
            if not parts:
                parts.append(iter(synthesizer.synthesize(job.text, voice, job.speed)))
            return next(parts[0], None)

        def take(part: SpeechPart | Exception | None) -> None:
            if job.job in self._abandoned or not self._open:
                self._abandoned.discard(job.job)
                return
            if isinstance(part, Exception):
                _log.error("synthesis failed: %s", part, exc_info=part)
                self._session.failed(job.job, str(part), self._now)
            elif part is None:
                self._session.spoken_all(job.job, self._now)
            else:
                words = tuple((word.text, word.start, word.end) for word in part.words)
                self._session.spoken(job.job, part.pcm, words, part.text, self._now)
                self._workshop.speak(next_part, take)
            self._flush()

        self._workshop.speak(next_part, take)
