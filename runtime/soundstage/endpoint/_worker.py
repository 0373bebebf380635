"""Who does the jobs of a session: recognition, thinking of an answer, speech."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from soundstage.endpoint._utterance import Utterance
from soundstage.endpoint._workshop import Craft
from soundstage.endpoint.fault_injection import faults_of
from soundstage.endpoint.replies import LanguageModelFailed
from soundstage.realtime import Abandon, Compose, Reply, Speak, Transcribe
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.endpoint._errands import Errands
    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.replies import Responder, StreamedReply
    from soundstage.realtime import Job, ServerSession
    from soundstage.speech import Engines, SpeechPart
    from soundstage.units import Samples

_log = logging.getLogger("soundstage.endpoint")


class Worker:
    """Does what a session has to be done, and gives it the results.

    Args:
        session: whose jobs they are.
        errands: have the slow part done elsewhere.
        plan: how long thinking takes.
        responder: decides what is said.
        engines: recognise and synthesise.
        now: the time.
    """

    def __init__(
        self,
        session: ServerSession,
        errands: Errands,
        plan: CallPlan,
        responder: Responder,
        engines: Engines,
        now: Callable[[], Samples],
    ) -> None:
        self._session = session
        self._errands = errands
        self._responder = responder
        self._engines = engines
        self._think = plan.local.think
        self._thinking = plan.stream("think")
        self._slow = faults_of(plan, "slow_response")
        self._composed = 0
        self._now = now

    def begin(self, job: Job) -> None:
        """Do a job, or give one up."""
        match job:
            case Transcribe():
                # What costs no time is done when it is wanted: the turn may yet go on.
                early = job.wanted_in - FRAME_SAMPLES if self._errands.instant else 0
                self._errands.after(job.job, early, lambda: self._transcribe(job))
            case Compose():
                # Only after the thinking, so that a reply cut off in thought has used no line up.
                delay = self._think.draw(self._thinking) + self._held_up()
                self._errands.after(job.job, delay, lambda: self._compose(job))
            case Speak():
                self._speak(job)
            case Abandon():
                self._errands.give_up(job.job)

    def _held_up(self) -> Samples:
        self._composed += 1
        return sum(each.delay or 0 for each in self._slow if each.concerns(self._composed))

    def _transcribe(self, job: Transcribe) -> None:
        def fail(error: Exception) -> None:
            _log.error("recognition failed", exc_info=error)
            self._session.transcription_failed(job.job, str(error))

        self._errands.submit(
            job.job,
            Craft.RECOGNISE,
            lambda: self._engines.recognizer.recognize(job.pcm),
            lambda heard: self._session.transcribed(job.job, heard.text),
            fail,
        )

    def _compose(self, job: Compose) -> None:
        self._errands.submit(
            job.job,
            Craft.COMPOSE,
            lambda: self._responder.reply(job),
            lambda answer: self._take_answer(job, answer),
            lambda error: self._fail(job.job, error),
        )

    def _take_answer(self, job: Compose, answer: Reply | StreamedReply) -> None:
        if isinstance(answer, Reply):
            self._session.composed(job.job, answer, self._now())
        else:
            self._write_on(job, answer)

    def _write_on(self, job: Compose, dictation: StreamedReply) -> None:
        def take(piece: str | Reply) -> None:
            if isinstance(piece, Reply):
                self._session.composed(job.job, piece, self._now())
                return
            self._session.composing(job.job, piece, self._now())
            self._write_on(job, dictation)

        self._errands.submit(
            job.job,
            Craft.CHAT,
            dictation.next_piece,
            take,
            lambda error: self._fail(job.job, error),
            given_up=dictation.close,
        )

    def _speak(self, job: Speak) -> None:
        utterance = Utterance(job, self._engines)

        def make_next() -> None:
            self._errands.submit(
                job.job,
                Craft.SYNTHESISE,
                utterance.next_part,
                take,
                lambda error: self._fail(job.job, error),
            )

        def take(part: SpeechPart | None) -> None:
            if part is None:
                self._session.spoken_all(job.job, self._now())
                return
            words = [(word.text, word.start, word.end) for word in part.words]
            self._session.spoken(job.job, part.pcm, words, part.text, self._now())
            make_next()

        make_next()

    def _fail(self, job: str, error: Exception) -> None:
        if isinstance(error, LanguageModelFailed):
            _log.warning("a response could not be made: %s", error)
            self._session.failed(job, str(error), self._now(), error.code)
        else:
            _log.error("a response could not be made", exc_info=error)
            self._session.failed(job, str(error), self._now())
