"""The client's end of a Realtime session, with no I/O: events in, notifications and events out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from soundstage.realtime.client.conversation import ConversationRecord
from soundstage.realtime.client.frames_ahead import ClientFramesAhead
from soundstage.realtime.client.function_calls import FunctionCalls
from soundstage.realtime.client.held_requests import HeldRequests
from soundstage.realtime.client.notifications import (
    LostEnd,
    OddFields,
    SessionExpired,
    SessionReady,
    SessionRefused,
)
from soundstage.realtime.client.outbox import ClientOutbox
from soundstage.realtime.client.playback_gate import PlaybackGate
from soundstage.realtime.client.response_output import ResponseOutput, Words
from soundstage.realtime.client.responses import ResponseRequest, ResponseRequests
from soundstage.realtime.client.session_changes import (
    SessionChanges,
    answers_turns,
    detects_turns,
    turn_detection,
    unanswering,
)
from soundstage.realtime.client.truncations import Truncations
from soundstage.realtime.client.unannounced_playback import UnannouncedPlayback
from soundstage.realtime.protocol import client_events as client
from soundstage.realtime.protocol import server_events as server
from soundstage.realtime.protocol.event_codec import Unknown, read_server
from soundstage.realtime.protocol.items import Item, Part
from soundstage.realtime.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.realtime.client.conversation import Resumption
    from soundstage.realtime.client.notifications import Notification, Truncated
    from soundstage.realtime.protocol.client_events import ClientEvent
    from soundstage.realtime.protocol.event_codec import Decoded
    from soundstage.realtime.protocol.ids import Ids
    from soundstage.realtime.protocol.items import Response

IGNORED_ERRORS: Final = frozenset({"response_cancel_not_active", "input_audio_buffer_commit_empty"})
"""What a client asked for had happened by itself already."""


class ClientSession:
    """Configures a session, asks for responses one at a time, and follows what they become.

    It never raises on anything a server sends.

    Args:
        session: the body of `session.update`, `model` aside: that is fixed with the call.
        ids: for the client's event ids.

    Attributes:
        ready: whether the configuration has been confirmed.
        owes: whether there are results of tools that the next response is to answer.
        changes: the settings as they are confirmed, and what is on its way.
        odd: how often each field of an event of the server was not as it should be.
    """

    def __init__(self, session: Mapping[str, Any], *, ids: Ids) -> None:
        # The model is fixed with the call: a server refuses a whole update that names another one.
        body = {key: value for key, value in session.items() if key != "model"}
        self.changes = SessionChanges(body)
        detection = turn_detection(body)
        # A server cuts its reply by default, so the gate closes unless it was told not to.
        self._interrupts = detection.get("interrupt_response") is not False
        self._record = ConversationRecord()
        self._outbox = ClientOutbox(ids, self._note)
        self._requests = ResponseRequests(self._outbox)
        self._held = HeldRequests(self._outbox, self._requests)
        self._playback = PlaybackGate()
        self._unannounced = UnannouncedPlayback(self._playback)
        self._due: list[Notification] = []
        self._truncations = Truncations(self._outbox)
        self._calls = FunctionCalls()
        self._output = ResponseOutput()
        self._transcribed: Recent[str] = Recent()
        self._handlers = self._table()
        self._update = ""
        self._ending = False
        self._hears = False
        self.owes = False
        self.ready = False
        self.odd = OddFields()

    @property
    def replying(self) -> bool:
        """Whether a response of the conversation is being made, or has been asked for."""
        return self._requests.busy

    @property
    def playing(self) -> str | None:
        """The response that the server is playing, or None."""
        return self._playback.playing

    @property
    def ahead(self) -> ClientFramesAhead | None:
        """What the next frames of the server mean; None while something is still to be told."""
        if self._due:
            return None
        parts = self._unannounced, self._record, self._held, self._output
        return ClientFramesAhead(*parts, self.playing)

    @property
    def gate_open(self) -> bool:
        """Whether audio that comes now may be heard."""
        return self._playback.gate_open

    def outgoing(self) -> list[bytes]:
        """The events to send, in order; each is given once."""
        return self._outbox.drain()

    def prompt(self, text: str) -> None:
        """Tell the session something, and have it speak: its persona stays as it is.

        While a response is being made, both wait for its end.
        """
        # A system item, not `instructions`: those would replace the persona for this response.
        self._requests.ask(ResponseRequest(item=_message(text, "system")))

    def start_again(self) -> None:
        """The call was lost before it was configured: another one will begin from the start."""
        self._update = ""

    def resume(self, *, asks_itself: bool = False) -> Resumption:
        """The call was lost: make ready for another one that goes on with the conversation.

        The next session is told the settings, and what was said, as far as it was heard. What was
        asked for and not given is asked for again. Functions that have been asked for are not
        asked for again; what they return goes to the next session.

        Args:
            asks_itself: whether the owner asks for each answer, once it has heard a turn.

        Returns:
            What of its input the owner has to let the next session hear again, and what this
            session is about to tell it.
        """
        self.changes.restart()
        if self._ending:
            self.changes.apply(unanswering(self.changes.present))
        settings = self.changes.present
        detects, answers = detects_turns(settings), answers_turns(settings)
        plan = self._record.resume(detects=detects)
        requests = self._requests.restart(plan.unheard)
        if plan.is_owed and answers and all(each.out_of_band for each in requests):
            requests.append(ResponseRequest())
        # Held back until its settings are confirmed, as all that comes before them is.
        self._outbox.restart()
        for item in plan.items:
            self._outbox.send(client.ConversationItemCreate(item=item), noted=False)
        self._held.hold(
            requests,
            turn_again_ms=plan.turn_again_ms,
            is_answered=answers or asks_itself,
            detects=detects,
        )
        self._playback, self._truncations = PlaybackGate(), Truncations(self._outbox)
        self._unannounced, self._output = UnannouncedPlayback(self._playback), ResponseOutput()
        self._due, self._update, self._hears, self.ready = [], "", False, False
        return plan

    def catch_up(self, voice_ms: int) -> None:
        """After `resume`, once it is ready: the session hears again, what waits for it first.

        Args:
            voice_ms: how much of what waits is speech; what had been asked for is so after it.
        """
        self._held.catch_up(voice_ms)

    def send(self, event: ClientEvent) -> str:
        """Send any event, once the session is configured; returns its id."""
        return self._outbox.send(event)

    def update(self, session: Mapping[str, Any]) -> str:
        """Change the session; returns the event's id."""
        detection = turn_detection(session)
        self._interrupts = detection.get("interrupt_response", self._interrupts) is not False
        return self._outbox.send(client.SessionUpdate(session=dict(session)))

    def add_text(self, text: str, *, role: Literal["user", "system", "assistant"] = "user") -> None:
        """Add a message to the conversation."""
        self._outbox.send(client.ConversationItemCreate(item=_message(text, role)))

    def respond(self, **params: object) -> None:
        """Ask for a response, as soon as none is being made.

        Args:
            params: overrides of the session for this response, as in `response.create`;
                with `conversation="none"` it waits for no other one.
        """
        self._requests.ask(ResponseRequest(params=params or None))

    def commit(self) -> None:
        """Make what was heard so far a turn, without waiting for its end to be noticed."""
        self._outbox.send(client.InputAudioBufferCommit())

    def cancel(self) -> None:
        """Stop the response that is being made, those asked for, and whatever is playing."""
        self._held.forget()
        for each in (*self._requests.active, self.playing or ""):
            self._record.cancelled(each)
        if not self.ready:
            # There is no session that could play or make anything.
            self._requests.forget()
            return
        # In this order: what waits must not be asked for when the one that runs has ended.
        self._requests.forget()
        if self._requests.busy:
            self._outbox.send(client.ResponseCancel())
        # `response.cancel` alone lets the server play on what it has buffered.
        self._outbox.send(client.OutputAudioBufferClear())
        self._due += self._unannounced.cut()
        for response in (*self._requests.active, self.playing):
            if response is not None:
                self._playback.drop(response)
        self._playback.close_gate()

    def return_tool(self, call_id: str, output: str, *, respond: bool = True) -> None:
        """Give the result of a tool, as JSON text; unknown and repeated calls are ignored.

        The results of one response's calls are sent together, and one response is asked for,
        unless none of them is to be answered. During the user's speech none is asked for: the
        reply to what is being said is the answer to the results, too, and `owes` is set.

        Args:
            call_id: the call.
            output: the result.
            respond: whether this result is to be answered.
        """
        items = self._calls.returned(call_id, output, respond=respond)
        for item in items:
            self._outbox.send(client.ConversationItemCreate(item=item))
        if items and self._calls.wants_response(call_id):
            # Asked for now, the reply would be cut by the speech that is going on.
            self.owes = self._hears
            if not self._hears:
                self._requests.ask(ResponseRequest())

    def stop_answering(self) -> bool:
        """Hear and write down what is still said, and make no response to it.

        Returns:
            Whether a response has been asked for before this that has not begun; it is still made.
        """
        if self._ending:
            # Told twice where a run that winds down is cut off: the update is not sent again.
            return self._requests.awaits
        self._ending = True
        self._requests.stop()
        change = unanswering(self.changes.asked)
        if change:
            self._outbox.send(client.SessionUpdate(session=change))
        return self._requests.awaits

    def receive(self, text: str | bytes) -> list[Notification]:
        """Take one event of the server, as JSON; what it means."""
        return self.take(read_server(text))

    def take(self, decoded: Decoded) -> list[Notification]:
        """Take one event of the server, as `read_server` gives it; what it means."""
        # First, so that what a handler tells of it is in the record already.
        if not isinstance(decoded.event, Unknown):
            self._record.take(decoded.event)
        self._output.note(decoded.event)
        handle = self._handlers.get(type(decoded.event))
        told = [] if handle is None else handle(decoded.event)
        return self._with_due([*self.odd.note(decoded), *told])

    def hear_frame(self, *, audible: bool) -> list[Notification]:
        """Take note of one frame of the server's audio; what it means.

        It tells, by the audio, the `output_audio_buffer` events that a server leaves out, and by
        the time the ends of responses that have not come for long.

        Args:
            audible: whether the frame is more than silence.
        """
        told = self._unannounced.frame(audible=audible)
        told = self._with_due(told) if self._due else told
        for notification in told:
            if isinstance(notification, server.PlaybackEvent):
                self._record.playback(notification)
        self._record.frame(audible=audible and self.gate_open)
        if self.ready:
            self._held.frame(hears=self._hears)
        return [*told, *self._lost(over)] if (over := self._output.frame(self.playing)) else told

    def _with_due(self, told: list[Notification]) -> list[Notification]:
        # What the client itself cut is told with what comes next: it acts outside of any event.
        due, self._due = self._due, []
        return [*due, *told]

    def _configure(self, _: server.SessionCreated) -> list[Notification]:
        # Some servers greet twice; the configuration is sent once.
        if not self._update:
            update = client.SessionUpdate(session=self.changes.present)
            self._update = self._outbox.send(update, at_once=True)
        return []

    def _confirmed(self, _: server.SessionUpdated) -> list[Notification]:
        # A `session.updated` that answers a later update is no confirmation of the first.
        if self.ready:
            self.changes.confirmed()
        if self.ready or not self._update:
            return []
        self.ready = True
        self._outbox.open()
        self._requests.open()
        return [SessionReady()]

    def _error(self, event: server.Error) -> list[Notification]:
        error = event.error
        code = error.code or error.type
        if code == "session_expired":
            return [SessionExpired()]
        # Until then nothing but the configuration was sent: an error that names no event is about
        # it.
        if self._update and not self.ready and error.event_id in {self._update, None}:
            return [SessionRefused(code, error.message)]
        refused = error.event_id or ""
        self.changes.refused(refused)
        self._record.refused(refused)
        truncated = self._truncations.refused(error)
        if truncated:
            return self._truncated(truncated)
        if self._requests.refused(error) or code in IGNORED_ERRORS:
            return []
        return [event]

    def _created(self, event: server.ResponseCreated) -> list[Notification]:
        response = event.response
        # Asked before it is noted, as that answers the request.
        asked = self._requests.awaits
        if not self._requests.started(response):
            return []
        aside = self._requests.is_out_of_band(response.id)
        lost = [] if aside else self._lost(self._output.followed(response.id))
        self.owes = False
        if not aside:
            self._record.begun(response.id)
        self._unannounced.created(response.id)
        # Turn detection may have made a response before it heard that none is wanted any more.
        if self._ending and not asked:
            self._outbox.send(client.ResponseCancel(response_id=response.id))
            self._playback.drop(response.id)
        return [*lost, event]

    def _lost(self, responses: list[Response]) -> list[Notification]:
        """The ends of these have not come: they are done as far as they have come."""
        told: list[Notification] = []
        for response in responses:
            if self._requests.is_lost(response.id):
                continue
            if self._playback.is_stale(response.id):
                response.status = "cancelled"  # by the client: it must not act any more
            done = self._done(server.ResponseDone(response=response), lost=True)
            told += [LostEnd(response.id), *done] if done else []
        return told

    def _done(self, event: server.ResponseDone, *, lost: bool = False) -> list[Notification]:
        response = event.response
        aside = self._requests.is_out_of_band(response.id)
        was_lost = self._requests.is_lost(response.id)
        if not self._requests.done(response.id, lost=lost):
            # It may have asked for more than was known when it was taken to be done.
            self._output.complete(response)
            return [*self._calls.requested(response)] if was_lost else []
        # A server that does not say how it ended has no reason to: it ended well.
        if response.status == "in_progress":
            response.status = "completed"
        self._output.complete(response)
        if not aside:
            self._record.done(response)
        if response.reason == "turn_detected":
            self._playback.drop(response.id)
        cut = self._unannounced.done(response)
        return [
            event,
            *cut,
            *self._calls.requested(response),
            *self._calls.abandoned(response),
        ]

    def _speech_started(self, event: server.SpeechStarted) -> list[Notification]:
        self._hears = True
        # The server cuts what it plays, but 100 ms of that are under way and must not be heard.
        if self._interrupts and (self.replying or self.playing is not None):
            self._playback.close_gate()
            return [event, *self._unannounced.interrupted()]
        return [event]

    def _speech_stopped(self, event: server.SpeechStopped) -> list[Notification]:
        self._hears = False
        self._held.heard()
        return [event]

    def _item_changed(
        self,
        event: server.OutputItemAdded
        | server.ConversationItemTruncated
        | server.ConversationItemRetrieved,
    ) -> list[Notification]:
        match event:
            case server.OutputItemAdded():
                self._truncations.note(event.item.id or "", event.response_id)
                self._output.take(event)
            case server.ConversationItemTruncated():
                self._truncations.truncated(event)
            case server.ConversationItemRetrieved():
                return self._truncated(self._truncations.retrieved(event.item))
        return []

    def _truncated(self, cuts: list[Truncated]) -> list[Notification]:
        for cut in cuts:
            self._record.truncated(cut)
        return [*cuts]

    def _words(self, event: Words) -> list[Notification]:
        response = event.response_id
        # Deltas of a cut response are still under way; nothing of them will be heard.
        late = self._requests.is_over(response) or self._playback.is_stale(response)
        return [] if late else self._output.take(event)

    def _transcription(self, event: server.InputTranscriptionCompleted) -> list[Notification]:
        item, text = event.item_id, event.transcript
        # Twice from some servers: what was said once must not be heard twice.
        if event.status == "in_progress" or (item and self._transcribed.get(item) == text):
            return []
        self._transcribed.put(item, text)
        return [event]

    def _playback_changed(self, event: server.PlaybackEvent) -> list[Notification]:
        self._unannounced.announced()
        self._record.playback(event)
        match event:
            case server.OutputAudioBufferStarted():
                return [event] if self._playback.started(event.response_id) else []
            case server.OutputAudioBufferStopped():
                return [event] if self._playback.stopped(event.response_id) else []
            case server.OutputAudioBufferCleared():
                return [event] if self._playback.cleared(event.response_id) else []
            case _:
                return []

    def _note(self, event: ClientEvent) -> None:
        """What another session would have to know."""
        match event:
            case client.SessionUpdate():
                self.changes.note(str(event.event_id), event.session)
            case client.ConversationItemCreate():
                self._record.created(event)
            case _:
                pass

    def _table(self) -> Mapping[type[Any], Callable[[Any], list[Notification]]]:
        """What is done with each event; all others mean nothing to a client."""
        return {
            Unknown: lambda event: [event],
            server.SessionCreated: self._configure,
            server.SessionUpdated: self._confirmed,
            server.Error: self._error,
            server.ResponseCreated: self._created,
            server.ResponseDone: self._done,
            server.SpeechStarted: self._speech_started,
            server.SpeechStopped: self._speech_stopped,
            server.InputTranscriptionCompleted: self._transcription,
            server.InputTranscriptionFailed: lambda event: [event],
            server.ConversationItemTruncated: self._item_changed,
            server.ConversationItemRetrieved: self._item_changed,
            server.OutputItemAdded: self._item_changed,
            server.OutputItemDone: self._output.take,
            server.ArgumentsDone: self._output.take,
            server.OutputTextDelta: self._words,
            server.OutputTranscriptDelta: self._words,
            server.OutputTextDone: self._words,
            server.OutputTranscriptDone: self._words,
            server.OutputAudioBufferStarted: self._playback_changed,
            server.OutputAudioBufferStopped: self._playback_changed,
            server.OutputAudioBufferCleared: self._playback_changed,
        }


def _message(text: str, role: str) -> Item:
    kind = "output_text" if role == "assistant" else "input_text"
    return Item(type="message", role=role, content=[Part(type=kind, text=text)])
