"""From a session's notifications to the event log, and to what the peer does about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from msgspec import UNSET, UnsetType

from soundstage.messages.events import (
    HeardText,
    Listening,
    ResponseDone,
    ResponseStarted,
    Saying,
    ToolCalled,
    ToolDropped,
    Warned,
    score_in_log,
)
from soundstage.realtime import (
    LostEnd,
    Notification,
    OddField,
    SessionExpired,
    SessionRefused,
    ToolAbandoned,
    ToolRequested,
    Truncated,
    UnannouncedAudio,
)
from soundstage.realtime import server_events as server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from soundstage.agent import SpeakerTracker
    from soundstage.messages import Frame
    from soundstage.messages.events import Event
    from soundstage.units import Samples
    from soundstage_agents._reply_playback import ReplyPlayback

EXPIRED = "the session has reached its longest duration"


class Peer(Protocol):
    """What the notifications ask of the peer."""

    def silence(self, response: str, by: str) -> None:
        """Let nothing more of a response be heard."""
        ...

    def refuse(self, code: str, message: str) -> None:
        """Give up: the endpoint will not have this session."""
        ...

    def call_tool(self, request: ToolRequested) -> None:
        """Run a tool and return what it gives."""
        ...


def _score(logprobs: list[dict[str, Any]] | UnsetType | None) -> float | UnsetType:
    """How sure the service was, where the session asked for log probabilities."""
    told = () if isinstance(logprobs, UnsetType) or logprobs is None else logprobs
    values = [each.get("logprob") for each in told]
    known = [value for value in values if isinstance(value, int | float)]
    return score_in_log(sum(known) / len(known)) if known else UNSET


class SessionEventLog:
    """Turns one session's notifications into events.

    Args:
        agent: whose session it is.
        playback: what it is playing.
        speakers: which agent it hears.
        pts_of: the time of the run that the session means by milliseconds of its input.
    """

    def __init__(
        self,
        agent: str,
        playback: ReplyPlayback,
        speakers: SpeakerTracker,
        pts_of: Callable[[int], Samples],
    ) -> None:
        self._agent = agent
        self._playback = playback
        self._speakers = speakers
        self._pts = pts_of
        self._making: dict[str, str] = {}
        self._spans: dict[str, list[Samples]] = {}
        self._cut_by = ""

    def cut_by(self, interrupter: str) -> None:
        """The agent itself cuts its reply, because another agent interrupts."""
        self._cut_by = interrupter

    def speaker_of(self, listening: Listening) -> str:
        """Who was speaking in a turn that has ended."""
        start, end = self._spans.get(listening.item, [listening.at, listening.at])
        return self._speakers.who(start, end)

    def heard_frame(self, frame: Frame) -> None:
        """A frame is for the session."""
        self._speakers.note(frame.pts, frame.speakers, frame.voices)

    def events(self, notification: Notification, now: Samples) -> Iterable[Event]:
        """The events of the log that a notification stands for."""
        handle = self._HANDLERS.get(type(notification))
        return () if handle is None else handle(self, notification, now)

    def act(self, notification: Notification, peer: Peer) -> None:
        """Let the peer do what a notification asks for."""
        match notification:
            case server.OutputAudioBufferStopped():
                self._playback.stopped(notification.response_id)
            case server.OutputAudioBufferCleared():
                peer.silence(notification.response_id, self._speakers.latest)
            case SessionRefused():
                peer.refuse(notification.code, notification.message)
            case SessionExpired():
                peer.refuse("session_expired", EXPIRED)
            case ToolRequested():
                peer.call_tool(notification)
            case _:
                pass

    def dropped(self, now: Samples) -> list[Event]:
        """The call is lost: no response that is being made will be done."""
        making, self._making = self._making, {}
        self._spans.clear()
        self._cut_by = ""
        done = [
            ResponseDone(
                pts=now,
                agent=self._agent,
                response=response,
                status="cancelled",
                text=text,
                reason="dropped",
            )
            for response, text in making.items()
        ]
        return [*done, *self._playback.dropped(now)]

    def _created(self, event: server.ResponseCreated, now: Samples) -> Iterable[Event]:
        self._making[event.response.id] = ""
        return [ResponseStarted(pts=now, agent=self._agent, response=event.response.id)]

    def _words(
        self, event: server.OutputTextDelta | server.OutputTranscriptDelta, now: Samples
    ) -> Iterable[Event]:
        self._playback.written(event.response_id, event.delta)
        if event.response_id in self._making:
            self._making[event.response_id] += event.delta
        return [Saying(pts=now, agent=self._agent, response=event.response_id, text=event.delta)]

    def _done(self, event: server.ResponseDone, now: Samples) -> Iterable[Event]:
        response = event.response
        self._making.pop(response.id, None)
        self._playback.generated(response.id, response.said)
        done = ResponseDone(
            pts=now,
            agent=self._agent,
            response=response.id,
            status=response.status,
            text=response.said,
            reason=response.reason,
        )
        if not response.failure:
            return [done]
        return [done, self._warned("response", response.failure, now)]

    def _playing(self, event: server.OutputAudioBufferStarted, _: Samples) -> Iterable[Event]:
        return self._playback.began(event.response_id)

    def _cleared(self, event: server.OutputAudioBufferCleared, now: Samples) -> Iterable[Event]:
        by, self._cut_by = self._cut_by or self._speakers.latest, ""
        return self._playback.cleared(event.response_id, now, by)

    def _truncated(self, cut: Truncated, now: Samples) -> Iterable[Event]:
        return self._playback.truncated(now, cut.text)

    def _tool_requested(self, request: ToolRequested, now: Samples) -> Iterable[Event]:
        return [
            ToolCalled(
                pts=now,
                agent=self._agent,
                call=request.call_id,
                tool=request.name,
                arguments=request.arguments,
                response=request.response,
            )
        ]

    def _tool_abandoned(self, call: ToolAbandoned, now: Samples) -> Iterable[Event]:
        return [
            ToolDropped(pts=now, agent=self._agent, call=call.call_id, tool=call.name, reason="cut")
        ]

    def _speech_started(self, event: server.SpeechStarted, now: Samples) -> Iterable[Event]:
        at = self._pts(event.audio_start_ms)
        self._spans[event.item_id] = [at, at]
        return [Listening(pts=now, agent=self._agent, on=True, item=event.item_id, at=at)]

    def _speech_stopped(self, event: server.SpeechStopped, now: Samples) -> Iterable[Event]:
        at = self._pts(event.audio_end_ms)
        self._spans.setdefault(event.item_id, [at, at])[1] = at
        return [Listening(pts=now, agent=self._agent, on=False, item=event.item_id, at=at)]

    def _transcribed(
        self, event: server.InputTranscriptionCompleted, now: Samples
    ) -> Iterable[Event]:
        start, end = self._spans.pop(event.item_id, [now, now])
        return [
            HeardText(
                pts=now,
                agent=self._agent,
                speaker=self._speakers.who(start, end),
                text=event.transcript.strip(),
                start=start,
                end=end,
                item=event.item_id,
                score=_score(event.logprobs),
            )
        ]

    def _not_transcribed(
        self, event: server.InputTranscriptionFailed, now: Samples
    ) -> Iterable[Event]:
        message = f"{event.item_id}: {event.error.message or ''}"
        return [self._warned(event.error.code or "", message, now)]

    def _unannounced(self, audio: UnannouncedAudio, now: Samples) -> Iterable[Event]:
        return [self._warned("unannounced_audio", audio.message, now)]

    def _lost_end(self, lost: LostEnd, now: Samples) -> Iterable[Event]:
        return [self._warned("lost_end", lost.message, now)]

    def _odd_field(self, odd: OddField, now: Samples) -> Iterable[Event]:
        message = f"the endpoint's {odd.event} has an odd {odd.field}; the rest of it counts"
        return [self._warned("odd_field", message, now)]

    def _error(self, event: server.Error, now: Samples) -> Iterable[Event]:
        return [self._warned(event.error.code or event.error.type, event.error.message, now)]

    def _warned(self, code: str, message: str, now: Samples) -> Warned:
        return Warned(pts=now, agent=self._agent, code=code, message=message)

    _HANDLERS: ClassVar[Mapping[type[Any], Callable[..., Iterable[Event]]]] = {
        server.ResponseCreated: _created,
        server.ResponseDone: _done,
        server.OutputTextDelta: _words,
        server.OutputTranscriptDelta: _words,
        server.OutputAudioBufferStarted: _playing,
        server.OutputAudioBufferCleared: _cleared,
        server.SpeechStarted: _speech_started,
        server.SpeechStopped: _speech_stopped,
        server.InputTranscriptionCompleted: _transcribed,
        server.InputTranscriptionFailed: _not_transcribed,
        server.Error: _error,
        LostEnd: _lost_end,
        OddField: _odd_field,
        Truncated: _truncated,
        ToolRequested: _tool_requested,
        ToolAbandoned: _tool_abandoned,
        UnannouncedAudio: _unannounced,
    }
