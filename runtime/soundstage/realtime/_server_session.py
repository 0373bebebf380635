"""The server's end of a Realtime session, with no I/O and no clock: time is given."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any

from soundstage.realtime import _client_events as client
from soundstage.realtime import _server_events as server
from soundstage.realtime._codec import ClientFault, decode_client, encode
from soundstage.realtime._conversation import Conversation
from soundstage.realtime._hearing import Hearing, Turn
from soundstage.realtime._items import ErrorBody
from soundstage.realtime._replies import Replies
from soundstage.realtime._session_config import LASTS_SECONDS, SessionConfig
from soundstage.units import samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.realtime._ids import Ids
    from soundstage.realtime._jobs import Job, Reply
    from soundstage.realtime._spoken_text import SpokenWord
    from soundstage.units import Samples

LONGEST = samples_of_seconds(LASTS_SECONDS)


class ServerSession:
    """What a Realtime server does with one client's events and audio.

    Events come out by `outgoing`, work to be done by `jobs`, audio by `tick`. Nothing a client
    sends makes it raise.

    Args:
        ids: for everything it names.
        model: the model it reports.
        session: configuration that came with the call.

    Raises:
        ClientFault: that configuration is wrong.
    """

    def __init__(self, *, ids: Ids, model: str, session: dict[str, Any] | None = None) -> None:
        self._ids = ids
        self._outgoing: list[bytes] = []
        self._jobs: list[Job] = []
        self._conversation = Conversation()
        self.config = SessionConfig(ids.make("sess"), model)
        if session:
            self.config.update({k: v for k, v in session.items() if k != "model"})
        self._replies = Replies(
            self.config, self._conversation, ids, emit=self._emit, job=self._jobs.append
        )
        self._hearing = Hearing(
            self.config, self._conversation, ids, emit=self._emit, job=self._jobs.append
        )
        self._opened: Samples = 0
        self.closed = False

    def open(self, now: Samples) -> None:
        """The channel is open: the first event."""
        self._opened = now
        self._emit(server.SessionCreated(session=self.config.fields))

    def receive(self, text: str | bytes, now: Samples) -> None:
        """One event of the client."""
        del now
        event_id: str | None = None
        try:
            event = decode_client(text)
            event_id = event.event_id or None
            self._act(event)
        except ClientFault as fault:
            self._error(fault, fault.event_id or event_id)

    def hear(self, pcm: bytes, probability: float, now: Samples) -> None:
        """One frame of the caller, and how likely it is speech, 0 to 1."""
        for turn in self._hearing.hear(pcm, probability):
            self._take_turn(turn)
        if self._hearing.began and self._hearing.interrupts:
            self._replies.interrupt("turn_detected")
        self._watch_idle(now)

    def tick(self, now: Samples) -> bytes:
        """The next frame to play, `SILENCE` itself when there is none."""
        if not self.closed and now - self._opened >= LONGEST:
            self.closed = True
            minutes = LASTS_SECONDS // 60
            message = f"Your session hit the maximum duration of {minutes} minutes."
            self._error(ClientFault("session_expired", message), None)
        return self._replies.play(now)

    def outgoing(self) -> list[bytes]:
        """The events to send, in order; each is given once."""
        outgoing = self._outgoing[:]
        self._outgoing.clear()
        return outgoing

    def jobs(self) -> list[Job]:
        """The work to be done; each job is given once."""
        jobs = self._jobs[:]
        self._jobs.clear()
        return jobs

    # What has become of the jobs.

    def transcribed(self, job: str, text: str, now: Samples) -> None:
        """The words of a turn."""
        del now
        for item, heard in self._hearing.transcribed(job, text):
            self._replies.heard(item, heard)

    def transcription_failed(self, job: str, message: str, now: Samples) -> None:
        """A turn could not be written down: it is answered as one that was not understood."""
        del now
        for item in self._hearing.failed(job, message):
            self._replies.heard(item, "")

    def composed(self, job: str, reply: Reply, now: Samples) -> None:
        """What a response says."""
        del now
        self._replies.composed(job, reply)

    def spoken(
        self, job: str, pcm: bytes, words: Iterable[SpokenWord], text: str, now: Samples
    ) -> None:
        """A part of a response's audio."""
        del now
        self._replies.spoken(job, pcm, words, text)

    def spoken_all(self, job: str, now: Samples) -> None:
        """A response's audio is all there."""
        del now
        self._replies.spoken_all(job)

    def failed(self, job: str, message: str, now: Samples) -> None:
        """A response could not be composed or spoken."""
        del now
        self._replies.failed(job, message)

    # What a client asks for.

    @singledispatchmethod
    def _act(self, event: client.ClientEvent) -> None:
        raise AssertionError(f"{type(event).__name__} is a client event without a rule")

    @_act.register
    def _(self, event: client.SessionUpdate) -> None:
        try:
            self.config.update(event.session, has_spoken=self._replies.has_spoken)
        except (TypeError, ValueError, AttributeError) as error:
            raise ClientFault("invalid_type", str(error), param="session") from None
        self._hearing.reconfigure()
        self._emit(server.SessionUpdated(session=self.config.fields))

    @_act.register
    def _(self, event: client.InputAudioBufferAppend) -> None:
        for turn in self._hearing.append(event.audio):
            self._take_turn(turn)

    @_act.register
    def _(self, event: client.InputAudioBufferCommit) -> None:
        del event
        self._hearing.commit()

    @_act.register
    def _(self, event: client.InputAudioBufferClear) -> None:
        del event
        self._hearing.clear()
        self._emit(server.InputAudioBufferCleared())

    @_act.register
    def _(self, event: client.ConversationItemCreate) -> None:
        item = event.item
        item.id = item.id or self._ids.make("item")
        item.status = "completed"
        before = self._conversation.add(item, event.previous_item_id or None)
        self._emit(server.ConversationItemAdded(item=item, previous_item_id=before))
        self._emit(server.ConversationItemDone(item=item, previous_item_id=before))

    @_act.register
    def _(self, event: client.ConversationItemRetrieve) -> None:
        item = self._conversation.get(event.item_id, code="item_retrieve_invalid_item_id")
        self._emit(server.ConversationItemRetrieved(item=item))

    @_act.register
    def _(self, event: client.ConversationItemTruncate) -> None:
        self._conversation.truncate(event.item_id, event.audio_end_ms)
        self._emit(
            server.ConversationItemTruncated(
                item_id=event.item_id, content_index=0, audio_end_ms=event.audio_end_ms
            )
        )

    @_act.register
    def _(self, event: client.ConversationItemDelete) -> None:
        self._conversation.delete(event.item_id)
        self._emit(server.ConversationItemDeleted(item_id=event.item_id))

    @_act.register
    def _(self, event: client.ResponseCreate) -> None:
        self._replies.create(event.response or {})

    @_act.register
    def _(self, event: client.ResponseCancel) -> None:
        self._replies.cancel(event.response_id or None)

    @_act.register
    def _(self, event: client.OutputAudioBufferClear) -> None:
        del event
        self._replies.clear()

    def _take_turn(self, turn: Turn) -> None:
        if turn.answer:
            self._replies.create({}, awaits=turn.item)
            if turn.heard is not None:
                self._replies.heard(turn.item, turn.heard)

    def _watch_idle(self, now: Samples) -> None:
        turns = self.config.turns
        busy = self._replies.busy or self._hearing.speaking
        if turns is None or turns.idle is None or busy:
            self._replies.quiet_since = now if busy else self._replies.quiet_since
            return
        if now - self._replies.quiet_since >= turns.idle:
            self._replies.quiet_since = now
            self._hearing.time_out()
            self._replies.create({})

    def _error(self, fault: ClientFault, event_id: str | None) -> None:
        body = ErrorBody(code=fault.code, message=str(fault), param=fault.param, event_id=event_id)
        self._emit(server.Error(error=body))

    def _emit(self, event: server.ServerEvent) -> None:
        event.event_id = self._ids.make("event")
        self._outgoing.append(encode(event))
