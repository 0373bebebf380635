"""What a session has to be done: recognition, thinking of an answer, speech."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from soundstage.endpoint.fault_injection import faults_of
from soundstage.endpoint.replies import PlannedFailure
from soundstage.errors import InfrastructureError, JobLate, JobRefused, LanguageModelFailed
from soundstage.kernel import Executor, JobKind, Timer
from soundstage.realtime import VOICES, Abandon, Compose, Reply, Speak, Transcribe
from soundstage.speech import voice_for
from soundstage.units import FRAME_SAMPLES, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.endpoint.call_plan import CallPlan
    from soundstage.endpoint.replies import PendingReply, Responder, WrittenReply
    from soundstage.endpoint.served_session import ServedSession
    from soundstage.realtime import Job
    from soundstage.speech import Engines, SpeechPart

T = TypeVar("T")

_log = logging.getLogger("soundstage.endpoint")


class SessionHost(Struct, frozen=True):
    """What sessions live on: one thread, with timers, and an executor beside it.

    Attributes:
        executor: does their slow work.
        call: calls a function on their thread, from any thread.
        after: calls a function on their thread when a delay has passed; called there itself.
    """

    executor: Executor
    call: Callable[[Callable[[], object]], None]
    after: Callable[[Samples, Callable[[], None]], Timer]


class NotWanted(Exception):
    """A job has been given up: what it would still bring is of no use."""


class PendingJobs:
    """The jobs of a session that are under way, by name; each waits for one thing at a time.

    Args:
        host: where they are done, and their delays pass.
        settled: called after the result of a job was taken.
    """

    def __init__(self, host: SessionHost, settled: Callable[[], None]) -> None:
        self._host = host
        self._settled = settled
        self._under_way: dict[str, Timer] = {}

    @property
    def is_instant(self) -> bool:
        """Whether no time passes for the session while a job is done."""
        return self._host.executor.is_instant

    def submit(
        self,
        name: str,
        kind: JobKind,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Have something done outside the session's thread.

        Args:
            name: the job it belongs to.
            kind: which others it may have to wait for.
            job: what is to be done.
            done: gets what that returned.
            failed: gets what it raised.
        """

        def settle(then: Callable[[], None]) -> Callable[[], None]:
            def take() -> None:
                self._under_way.pop(name, None)
                then()
                self._settled()

            return take

        self._under_way[name] = _NOT_YET
        timer = self._host.executor.submit(
            kind,
            job,
            owner="a session",
            tell=self._host.call,
            result=lambda value: settle(lambda: done(value)),
            error=lambda error: settle(lambda: failed(error)),
        )
        # An executor that does it at once has settled it by now, and perhaps what followed.
        if name in self._under_way:
            self._under_way[name] = timer

    def stream(
        self,
        name: str,
        kind: JobKind,
        job: Callable[[Callable[[str], None]], T],
        take: Callable[[str], None],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Have something done that is of use before it is complete; see `submit`.

        Args:
            name: the job it belongs to.
            kind: which others it may have to wait for.
            job: what is to be done. It hands each piece to the function that it is given, which
                raises `NotWanted` once the job has been given up.
            take: gets each piece, on the session's thread.
            done: gets what the job returned.
            failed: gets what it raised.
        """

        def take_piece(piece: str) -> None:
            if name in self._under_way:
                take(piece)
                self._settled()

        def hand_on(piece: str) -> None:
            if name in self._under_way:
                self._host.call(lambda: take_piece(piece))
            if name not in self._under_way:
                raise NotWanted

        self.submit(name, kind, lambda: job(hand_on), done, failed)

    def after(self, name: str, delay: Samples, do: Callable[[], None]) -> None:
        """Do something for a job when a delay has passed; at once where there is none."""
        if delay > 0:
            self._under_way[name] = self._host.after(delay, do)
        else:
            do()

    def give_up(self, name: str) -> None:
        """A job is not wanted any more."""
        timer = self._under_way.pop(name, None)
        if timer is not None:
            timer.cancel()

    def settle(self) -> None:
        """The session has been told something: see what it has to say and to have done."""
        self._settled()

    def close(self) -> None:
        """Nothing is wanted any more."""
        for name in list(self._under_way):
            self.give_up(name)


class JobRunner:
    """Does the jobs of a session, and gives it the results.

    Args:
        session: whose jobs they are.
        pending: has the slow part done elsewhere.
        plan: how long thinking takes.
        responder: decides what is said.
        engines: recognise and synthesise.
        now: the time.
        lose: told of an engine or a language model that is not to be had, which no response can
            mend; None where that fails the response like anything else.
    """

    def __init__(
        self,
        session: ServedSession,
        pending: PendingJobs,
        plan: CallPlan,
        responder: Responder,
        engines: Engines,
        now: Callable[[], Samples],
        lose: Callable[[Exception], None] | None = None,
    ) -> None:
        self._session = session
        self._pending = pending
        self._responder = responder
        self._engines = engines
        self._think = plan.local.think
        self._thinking = plan.stream("think")
        self._slow = faults_of(plan, "slow_response")
        self._latency = plan.local.chat.latency if plan.local.chat is not None else None
        self._answering = plan.stream("chat")
        self._composed = 0
        self._now = now
        self._lose = lose

    def begin(self, job: Job) -> None:
        """Do a job, or give one up."""
        match job:
            case Transcribe():
                # What costs no time is done when it is wanted: the turn may yet go on.
                early = job.wanted_in - FRAME_SAMPLES if self._pending.is_instant else 0
                self._pending.after(job.job, early, lambda: self._transcribe(job))
            case Compose():
                # Only after the thinking, so that a reply cut off in thought has used no line up.
                delay = self._think.draw(self._thinking) + self._held_up()
                self._pending.after(job.job, delay, lambda: self._compose(job))
            case Speak():
                self._speak(job)
            case Abandon():
                self._pending.give_up(job.job)

    def _held_up(self) -> Samples:
        self._composed += 1
        return sum(each.delay or 0 for each in self._slow if each.concerns(self._composed))

    def _transcribe(self, job: Transcribe) -> None:
        def fail(error: Exception) -> None:
            if not self._is_lost(error):
                _log.error("recognition failed", exc_info=error)
                self._session.transcription_failed(job.job, str(error))

        self._pending.submit(
            job.job,
            JobKind.RECOGNISE,
            lambda: self._engines.recognizer.recognize(job.pcm),
            lambda heard: self._session.transcribed(job.job, heard.text),
            fail,
        )

    def _compose(self, job: Compose) -> None:
        self._pending.submit(
            job.job,
            JobKind.COMPOSE,
            lambda: self._responder.reply(job),
            lambda answer: self._take_answer(job, answer),
            lambda error: self._fail(job.job, error),
        )

    def _take_answer(self, job: Compose, answer: Reply | PendingReply) -> None:
        if isinstance(answer, Reply):
            self._session.composed(job.job, answer, self._now())
        else:
            self._write_on(job, answer)

    def _write_on(self, job: Compose, pending: PendingReply) -> None:
        if self._pending.is_instant:
            self._pending.submit(
                job.job,
                JobKind.CHAT,
                pending.written,
                lambda written: self._play_back(job, written),
                lambda error: self._fail(job.job, error),
            )
            return
        self._pending.stream(
            job.job,
            JobKind.CHAT,
            pending.write,
            lambda text: self._session.composing(job.job, text, self._now()),
            lambda reply: self._session.composed(job.job, reply, self._now()),
            lambda error: self._fail(job.job, error),
        )

    def _play_back(self, job: Compose, written: WrittenReply) -> None:
        """Take an answer at the times at which the model gave it, while the clock stood still."""
        pieces, took = written.pieces, written.took
        if self._latency is not None:
            took = self._latency.draw(self._answering)
            pieces = tuple((text, took) for text, _ in pieces)

        def take(number: int, elapsed: Samples) -> None:
            while number < len(pieces) and pieces[number][1] <= elapsed:
                self._session.composing(job.job, pieces[number][0], self._now())
                number += 1
            due = pieces[number][1] if number < len(pieces) else took
            if number == len(pieces) and due <= elapsed:
                self._pending.give_up(job.job)
                self._session.composed(job.job, written.reply, self._now())
            else:
                self._pending.after(job.job, due - elapsed, lambda: take(number, due))
            self._pending.settle()

        take(0, 0)

    def _speak(self, job: Speak) -> None:
        """Make the parts of a text one after another: between two of them it can be given up."""
        parts = _parts(job, self._engines)

        def make_next() -> None:
            self._pending.submit(
                job.job,
                JobKind.SYNTHESISE,
                lambda: next(parts, None),
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
        if self._is_lost(error):
            return
        if isinstance(error, LanguageModelFailed | PlannedFailure):
            _log.warning("a response could not be made: %s", error)
            self._session.failed(job, str(error), self._now(), error.code)
        else:
            _log.error("a response could not be made", exc_info=error)
            self._session.failed(job, str(error), self._now())

    def _is_lost(self, error: Exception) -> bool:
        """Whether the whole session is lost to this error, and its owner has been told."""
        if self._lose is None or not isinstance(error, InfrastructureError):
            return False
        if isinstance(error, JobLate | JobRefused):
            return False  # another job may do better
        self._lose(error)
        return True


def _parts(job: Speak, engines: Engines) -> Iterator[SpeechPart]:
    """The parts of a text; the first `next` loads the synthesiser."""
    synthesizer = engines.synthesizer
    voice, is_known = voice_for(job.voice, synthesizer.voices)
    if not is_known and job.voice not in VOICES:
        _tell_of_stand_in(job.voice)
    yield from synthesizer.synthesize(job.text, voice, job.speed)


@lru_cache(maxsize=64)
def _tell_of_stand_in(voice: str) -> None:
    """Say it once for each voice: it is spoken in every sentence."""
    _log.warning(
        '"%s" is no voice of the service, which would refuse it: a stand-in speaks here',
        voice,
    )


class _NotYet:
    def cancel(self) -> None:
        """There is nothing to cancel yet."""


_NOT_YET: Final = _NotYet()
