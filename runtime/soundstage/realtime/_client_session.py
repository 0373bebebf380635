"""The client's end of a Realtime session, with no I/O: events in, signals and events out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.realtime import _client_events as client
from soundstage.realtime import _server_events as server
from soundstage.realtime import _signals as signals
from soundstage.realtime._codec import Unknown, decode_server, encode
from soundstage.realtime._items import Item, Part

if TYPE_CHECKING:
    from soundstage.realtime._ids import Ids
    from soundstage.realtime._items import ErrorBody, Response
    from soundstage.realtime._signals import Signal

IGNORED_ERRORS = frozenset({"response_cancel_not_active"})
"""What a client asked for had happened by itself already."""


class ClientSession:
    """Configures a session, asks for responses one at a time, and follows what they become.

    It never raises on anything a server sends.

    Args:
        session: the body of `session.update`, `model` aside: that is fixed with the call.
        ids: for the client's event ids.

    Attributes:
        ready: whether the configuration has been confirmed.
        gate_open: whether audio that comes now may be heard.
        playing: the response that the server is playing, or None.
    """

    def __init__(self, session: dict[str, Any], *, ids: Ids) -> None:
        self._session = {key: value for key, value in session.items() if key != "model"}
        self._ids = ids
        self._outgoing: list[bytes] = []
        self._update_id = ""
        self._active: set[str] = set()
        self._asked: str | None = None
        self._waiting = 0
        self._items: dict[str, str] = {}
        self._cut: dict[str, int] = {}
        self._calls: dict[str, str | None] = {}
        self._ending = False
        self.ready = False
        self.gate_open = False
        self.playing: str | None = None

    @property
    def replying(self) -> bool:
        """Whether a response is being made, or has been asked for."""
        return bool(self._active or self._asked)

    def outgoing(self) -> list[bytes]:
        """The events to send, in order; each is given once."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def prompt(self, text: str) -> None:
        """Tell the session something, and have it speak: its persona stays as it is."""
        self.add_text(text, role="system")
        self.respond()

    def add_text(self, text: str, *, role: str = "user") -> None:
        """Add a message to the conversation."""
        item = Item(type="message", role=role, content=[Part(type="input_text", text=text)])
        self._send(client.ConversationItemCreate(item=item))

    def respond(self) -> None:
        """Ask for a response, as soon as none is being made."""
        self._waiting = 1
        self._ask_if_free()

    def cancel(self) -> None:
        """Stop the response that is being made, and whatever is playing."""
        if self._active:
            self._send(client.ResponseCancel())
        if self.playing:
            self._send(client.OutputAudioBufferClear())

    def return_tool(self, call_id: str, output: str) -> None:
        """Give the result of a tool, as JSON text; unknown and repeated calls are ignored.

        When every call that is open has its result, one response is asked for.
        """
        if self._calls.get(call_id, "") is not None:
            return
        self._calls[call_id] = output
        item = Item(type="function_call_output", call_id=call_id, output=output)
        self._send(client.ConversationItemCreate(item=item))
        if None not in self._calls.values():
            self.respond()

    def stop_answering(self) -> None:
        """Hear and write down what is still said, and make no response to it."""
        self._ending = True
        self._waiting = 0
        detection = self._turn_detection()
        if detection is not None and self.ready:
            quiet = {**detection, "create_response": False}
            audio = {"input": {"turn_detection": quiet}}
            self._send(client.SessionUpdate(session={"type": "realtime", "audio": audio}))

    def receive(self, text: str | bytes) -> list[Signal]:
        """Take one event of the server; what it means."""
        event = decode_server(text)
        match event:
            case Unknown():
                return [signals.UnknownEvent(event.type)]
            case server.SessionCreated():
                self._configure()
                return []
            case server.SessionUpdated():
                return self._confirmed()
            case server.Error():
                return self._error(event.error)
            case _:
                return self._conversation(event)

    def _conversation(self, event: server.ServerEvent) -> list[Signal]:
        match event:
            case server.SpeechStarted():
                if self.playing and self._interrupts():
                    self.gate_open = False
                return [signals.HearingStarted(event.item_id, event.audio_start_ms)]
            case server.SpeechStopped():
                return [signals.HearingStopped(event.item_id, event.audio_end_ms)]
            case server.InputTranscriptionCompleted():
                return [signals.Transcribed(event.item_id, event.transcript)]
            case server.InputTranscriptionFailed():
                code = event.error.code or "transcription_failed"
                message = event.error.message or ""
                return [signals.TranscriptionFailed(event.item_id, code, message)]
            case server.ConversationItemTruncated():
                # The event has no text: what was heard is what the item holds now.
                self._cut[event.item_id] = event.audio_end_ms
                self._send(client.ConversationItemRetrieve(item_id=event.item_id))
                return []
            case server.ConversationItemRetrieved():
                return self._retrieved(event.item)
            case _:
                return self._response(event)

    def _response(self, event: server.ServerEvent) -> list[Signal]:
        match event:
            case server.ResponseCreated():
                return self._created(event.response)
            case server.ResponseDone():
                return self._done(event.response)
            case server.OutputTranscriptDelta() | server.OutputTextDelta():
                return [signals.ReplyWords(event.response_id, event.delta)]
            case server.OutputAudioBufferStarted():
                self.playing, self.gate_open = event.response_id, True
                return [signals.PlaybackStarted(event.response_id)]
            case server.OutputAudioBufferStopped():
                if self.playing == event.response_id:
                    self.playing = None
                return [signals.PlaybackStopped(event.response_id)]
            case server.OutputAudioBufferCleared():
                if self.playing == event.response_id:
                    self.playing = None
                self.gate_open = False
                return [signals.PlaybackCleared(event.response_id)]
            case _:
                return []

    def _configure(self) -> None:
        if not self._update_id:
            self._update_id = self._send(client.SessionUpdate(session=self._session))

    def _confirmed(self) -> list[Signal]:
        if self.ready:
            return []
        self.ready = True
        return [signals.SessionReady()]

    def _error(self, error: ErrorBody) -> list[Signal]:
        code = error.code or error.type
        if code in IGNORED_ERRORS:
            return []
        if code == "session_expired":
            return [signals.Expired()]
        if error.event_id and error.event_id == self._update_id and not self.ready:
            return [signals.SessionRefused(code, error.message)]
        if error.event_id and error.event_id == self._asked:
            self._asked = None
            if code == "conversation_already_has_active_response":
                # Turn detection was quicker than we: ask again when that response is done.
                self._waiting = 1
                return []
        return [signals.ServerError(code, error.message, error.event_id or "", error.param or "")]

    def _retrieved(self, item: Item) -> list[Signal]:
        ident = str(item.id)
        if ident not in self._cut:
            return []
        return [signals.Truncated(ident, self._cut.pop(ident), item.said)]

    def _created(self, response: Response) -> list[Signal]:
        if response.conversation_id is not None or self._asked:
            self._asked = None
        self._active.add(response.id)
        if self._ending:
            self._send(client.ResponseCancel(response_id=response.id))
        return [signals.ReplyStarted(response.id)]

    def _done(self, response: Response) -> list[Signal]:
        self._active.discard(response.id)
        details = response.status_details or {}
        error = details.get("error") or {}
        text = " ".join(item.said for item in response.output if item.said)
        reason = str(details.get("reason") or "")
        message = str(error.get("message") or error.get("code") or "")
        done: list[Signal] = [
            signals.ReplyDone(response.id, response.status, reason, text, message)
        ]
        if response.status == "completed":
            done += self._requests(response)
        self._ask_if_free()
        return done

    def _requests(self, response: Response) -> list[Signal]:
        requested: list[Signal] = []
        for item in response.output:
            call = item.call_id
            if item.type == "function_call" and isinstance(call, str) and call not in self._calls:
                self._calls[call] = None
                name, arguments = str(item.name or ""), str(item.arguments or "")
                requested.append(signals.ToolRequested(call, name, arguments, response.id))
        return requested

    def _ask_if_free(self) -> None:
        if self._waiting and not self.replying and not self._ending:
            self._waiting = 0
            self._asked = self._send(client.ResponseCreate())

    def _turn_detection(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = (
            self._session.get("audio", {}).get("input", {}).get("turn_detection")
        )
        return found

    def _interrupts(self) -> bool:
        detection = self._turn_detection()
        return detection is not None and detection.get("interrupt_response", True) is not False

    def _send(self, event: client.ClientEvent) -> str:
        event.event_id = self._ids.make("event")
        self._outgoing.append(encode(event))
        return event.event_id
