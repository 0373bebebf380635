"""The server's end of a Live session, with no I/O and no clock: time is given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from soundstage.errors import ClientFault
from soundstage.live.protocol import client_events as client
from soundstage.live.protocol.event_codec import decode_client
from soundstage.live.protocol.server_events import SessionClosed, SessionStarted
from soundstage.live.server.answers import Answers
from soundstage.live.server.appends import Appends
from soundstage.live.server.commands import ClientCommands
from soundstage.live.server.delegations import Delegations
from soundstage.live.server.foreseen_ticks import ForeseenTicks
from soundstage.live.server.outbox import ServerOutbox
from soundstage.live.server.session_config import LASTS_SECONDS, SessionConfig
from soundstage.live.server.session_history import History
from soundstage.live.server.speaker.duplex import Duplex, DuplexDecisions
from soundstage.live.server.speaker.ears import Ears, SpeechBegan, Stretch
from soundstage.live.server.speaker.output_audio import AudioEvents, AudioTrack
from soundstage.live.server.speaker.paced_input import PacedInput
from soundstage.live.server.speaker.session_timeline import Timeline
from soundstage.live.server.speaker.voice_track import VoiceTrack
from soundstage.live.server.usage_meter import UsageMeter
from soundstage.realtime import Coding, JobQueue
from soundstage.units import SILENCE, samples_of_seconds, seconds_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from soundstage.live.server.session_config import Door
    from soundstage.realtime import Coders, Ids, Job, Reply
    from soundstage.units import Samples

LONGEST: Final = samples_of_seconds(LASTS_SECONDS)
"""How long a session lives, unless it is told otherwise."""

USUAL_DUPLEX: Final = Duplex()
_SERVER_ERROR: Final = "server_error"


class ServerSession:
    """What a Live server does with one client's events and audio.

    Events come out by `outgoing`, work to be done by `jobs`, a call's audio by `advance`. The
    session's owner drains the first two after every call, and calls `advance` every 20 ms. Each
    frame that is heard makes one frame of the assistant's track: the timeline advances with what
    is heard, and with nothing else. Nothing a client sends makes it raise, and results of jobs
    that are no longer wanted are ignored.

    Args:
        ids: for everything it names.
        session: its configuration, as in `session.start`.
        door: how audio travels; over `websocket` it comes in events and is given by `due`.
        stream: a random stream of the session's own, by purpose.
        unix_time: seconds since 1970 when the session begins.
        lasts: how long it lives from when it opens.
        ident: its id, where it has been told already.
        coders: for the audio formats beside 24 kHz PCM, which are refused without it.
        duplex: how it behaves while the user speaks.
        delegates: functions that the mind may call where work goes to the application.
        strict: whether a voice that the service does not have is refused, as there.
        started_by: the id of the client's event that starts it.

    Attributes:
        closed: whether the session is over; its transport is to be closed.
        timeline: where it is: how much was heard, but for the time in which it rested.
        ahead: the ticks of a call, foreseen; None over a WebSocket, whose track is events.

    Raises:
        ClientFault: the configuration is wrong.
    """

    def __init__(
        self,
        *,
        ids: Ids,
        session: dict[str, Any],
        door: Door,
        stream: Callable[[str], random.Random],
        unix_time: int = 0,
        lasts: Samples = LONGEST,
        ident: str | None = None,
        coders: Coders | None = None,
        duplex: Duplex = USUAL_DUPLEX,
        delegates: tuple[dict[str, Any], ...] = (),
        strict: bool = False,
        started_by: str | None = None,
    ) -> None:
        coding = Coding(coders)
        self._config = SessionConfig(
            ident or ids.make("live"),
            session,
            door=door,
            expires_at=unix_time + math.ceil(seconds_of(lasts)),
            coding=coding,
            strict=strict,
        )
        config, timeline = self._config, Timeline()
        self.timeline: Final = timeline
        self._events = events = ServerOutbox(ids)
        self._jobs = jobs = JobQueue()
        history = History(ids, config.fields.input)
        self._history = history
        self._voice = VoiceTrack(timeline, events, jobs, history, config.voice)
        self._ears = Ears(events, jobs, duplex.turn_end, stream("turn end"))
        self._duplex = DuplexDecisions(duplex, stream("barge-in"), stream("backchannel"))
        delegations = Delegations(config, timeline, events, history, ids, unix_time)
        self._answers = Answers(
            config, history, jobs, self._voice, delegations, events, timeline, delegates
        )
        self._appends = Appends(timeline, events)
        self._input = _input_of(config, door, coding)
        self._output = _output_of(config, door, coding, events)
        self._commands = ClientCommands(
            config, events, self._input, self._appends, delegations, self._answers
        )
        self._usage = UsageMeter(events, timeline, config)
        self.ahead: Final = self._look_ahead()
        self._lasts = lasts
        self._began: Samples | None = None
        self._started_by = started_by
        self.closed = False

    def is_busy(self, now: Samples) -> bool:
        """Always: its track never stops, so every tick counts."""
        del now
        return not self.closed

    def open(self, now: Samples) -> None:
        """The client can be told things: the first event."""
        self._began = now
        self._usage.begin(now)
        started = SessionStarted(session=self._config.wire())
        self._events.send(started, answers=self._started_by)

    def receive(self, text: str | bytes, now: Samples) -> None:
        """One event of the client; what is wrong with it becomes an `error` event."""
        if self.closed:
            return
        event_id: str | None = None
        try:
            event = decode_client(text)
            event_id = event.event_id or None
            self._usage.stir(now)
            if isinstance(event, client.SessionClose):
                self.end("close_requested", now, answers=event_id)
            else:
                self._commands.apply(event)
        except ClientFault as fault:
            self._events.refuse(fault, fault.event_id or event_id)

    def appended(self) -> list[bytes]:
        """Nothing: what came in events is heard when it is due."""
        return []

    def due(self, now: Samples) -> list[bytes]:
        """Frames that came in events and are due: each is judged, and goes to `hear`."""
        if self._input is None or self.closed:
            return []
        return self._input.due(now)

    def hear(self, pcm: bytes, probability: float, now: Samples, lag: Samples = 0) -> None:
        """One frame of the user; it makes one of the assistant's.

        Args:
            pcm: the frame.
            probability: how likely it holds speech, 0 to 1.
            now: the time.
            lag: how far the sound that was judged lies behind the frame's end.
        """
        if self.closed or self._began is None:
            return
        if self._commands.is_muted:
            pcm, probability = SILENCE, 0.0
        if self._usage.rests(probability, now):
            self._output.put(SILENCE)
            return
        self.timeline.advance()
        self._listen(pcm, probability, lag)
        frame = self._voice.frame()
        if frame is not SILENCE:
            self._usage.stir(now)
        self._output.put(frame)
        self._voice.tell()
        self._take_in()
        self._answers.tick()

    def advance(self, now: Samples) -> bytes:
        """Time has passed: tell what it cost, and end the session where it is over.

        Returns:
            The next frame to play, `SILENCE` itself over a WebSocket.
        """
        if self._began is not None and now - self._began >= self._lasts:
            self.end("expired", now)
        if self.closed:
            return SILENCE
        self._usage.tick(now)
        return self._output.take()

    def foresee(self, now: Samples, most: int) -> list[bytes]:
        """The frames that `advance` will give from this time on; see `ForeseenTicks`."""
        if self.ahead is None or self._began is None or self.closed or self.has_output:
            return []
        if self._commands.is_muted or self._appends.is_waiting:
            return []
        return self.ahead.foresee(now, most, self._began + self._lasts)

    def expire(self) -> None:
        """End the session as one that has lasted as long as it may; harmless when it is over."""
        self.end("expired", self._usage.latest)

    def end(self, reason: str, now: Samples, *, answers: str | None = None) -> None:
        """End the session; harmless when it is over.

        Args:
            reason: of `session.closed`.
            now: the time.
            answers: the client's event that asked for it.
        """
        if self.closed:
            return
        self.closed = True
        self._appends.close()
        self._answers.close()
        self._voice.stop()
        closed = SessionClosed(
            reason=reason, session=self._config.wire(), usage=self._usage.total(now)
        )
        self._events.send(closed, answers=answers)

    @property
    def has_output(self) -> bool:
        """Whether there is anything in `outgoing` or `jobs`."""
        # Asked after every frame: by attributes, as calls take longer than all the rest of it.
        return bool(self._events.waiting or self._jobs.waiting)

    def outgoing(self) -> list[bytes]:
        """The events to send, in order; each is given once."""
        return self._events.drain()

    def jobs(self) -> list[Job]:
        """The work to be done; each job is given once."""
        return self._jobs.drain()

    def transcribed(self, job: str, text: str) -> None:
        """The words of a `Transcribe` job."""
        if not self.closed and (stretch := self._ears.transcribed(job, text)) is not None:
            self._end_stretch(stretch)

    def transcription_failed(self, job: str, message: str) -> None:
        """Speech could not be written down: it is answered as speech without any words."""
        if not self.closed:
            self._events.fail(message, "transcription_failed")
            self.transcribed(job, "")

    def composing(self, job: str, text: str, now: Samples) -> None:
        """The next words of a `Compose` job's answer, of which more is still to come."""
        del now
        if not self.closed:
            self._answers.composing(job, text)

    def composed(self, job: str, reply: Reply, now: Samples) -> None:
        """The answer to a `Compose` job, or what of it had not been given by `composing`."""
        del now
        if not self.closed:
            self._answers.composed(job, reply)

    def spoken(
        self, job: str, pcm: bytes, words: Sequence[tuple[str, int, int]], text: str, now: Samples
    ) -> None:
        """The next part of the audio of a `Speak` job; see the Realtime session's."""
        del now
        if not self.closed:
            self._voice.spoken(job, pcm, words, text)

    def spoken_all(self, job: str, now: Samples) -> None:
        """The audio of a `Speak` job is all there."""
        del now
        self._voice.spoken_all(job)

    def failed(self, job: str, message: str, now: Samples, code: str = _SERVER_ERROR) -> None:
        """A `Compose` or `Speak` job came to nothing."""
        del now
        if self.closed or self._answers.failed(job, message, code):
            return
        if self._voice.drop(job):
            self._events.fail(message, code)

    def _look_ahead(self) -> ForeseenTicks | None:
        if not isinstance(self._output, AudioTrack):
            return None
        timeline, ears, duplex, voice = self.timeline, self._ears, self._duplex, self._voice
        return ForeseenTicks(
            timeline, self._usage, ears, duplex, voice, self._answers, self._output
        )

    def _listen(self, pcm: bytes, probability: float, lag: Samples) -> None:
        heard = self._ears.hear(pcm, probability, lag, over=self._voice.is_heard)
        if isinstance(heard, SpeechBegan):
            self._duplex.began()
            self._answers.hear_out()
        elif isinstance(heard, Stretch):
            self._end_stretch(heard)
        stretch = self._ears.stretch
        if stretch is None:
            return
        if self._voice.is_heard and self._duplex.yields_to(stretch):
            self._voice.stop()
            self._duplex.stopped(stretch)
        elif not self._voice.is_busy and not self._answers.is_thinking:
            self._voice.say(self._duplex.nod(stretch), remembered=False)

    def _end_stretch(self, stretch: Stretch) -> None:
        backchannel = self._duplex.is_backchannel(stretch)
        if stretch.text and not backchannel:
            self._history.add_user(stretch.text)
        self._answers.answer(stretch.text or "", backchannel=backchannel)

    def _take_in(self) -> None:
        for append in self._appends.taken_in():
            match append:
                case client.CommentaryAppend():
                    self._voice.say(append.content)
                case client.ThinkingAppend():
                    self._history.add_note(append.content)
                case client.InstructionsAppend():
                    self._answers.add_rule(append.content)
                    if not (self._voice.is_busy or self._answers.is_thinking or self._hears):
                        self._answers.ask(None)

    @property
    def _hears(self) -> bool:
        return self._ears.stretch is not None or self._ears.is_waiting


def _input_of(config: SessionConfig, door: Door, coding: Coding) -> PacedInput | None:
    if door == "webrtc":
        return None
    return PacedInput(config.fields.audio.format, coding.decoder(config.audio_kind))


def _output_of(
    config: SessionConfig, door: Door, coding: Coding, events: ServerOutbox
) -> AudioEvents | AudioTrack:
    if door == "webrtc":
        return AudioTrack()
    return AudioEvents(events, coding.encoder(config.audio_kind))
