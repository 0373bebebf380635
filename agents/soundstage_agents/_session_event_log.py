"""From a session's notifications to the event log, and to what the peer does about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from soundstage.messages.events import (
    HeardText,
    Listening,
    ResponseDone,
    ResponseStarted,
    Saying,
    ToolCalled,
    ToolDropped,
    Warned,
)
from soundstage.realtime import (
    Expired,
    HearingStarted,
    HearingStopped,
    Notification,
    PlaybackCleared,
    PlaybackStarted,
    PlaybackStopped,
    ReplyDone,
    ReplyStarted,
    ReplyWords,
    ServerError,
    SessionRefused,
    ToolAbandoned,
    ToolRequested,
    Transcribed,
    TranscriptionFailed,
    Truncated,
)
from soundstage.units import Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.agent import Attribution
    from soundstage.messages import Frame
    from soundstage.messages.events import Event
    from soundstage_agents._playback import Playback

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


class SessionEventLog:
    """Turns one session's notifications into events.

    Args:
        agent: whose session it is.
        playback: what it is playing.
        attribution: whom it hears.
    """

    def __init__(self, agent: str, playback: Playback, attribution: Attribution) -> None:
        self._agent = agent
        self._playback = playback
        self._attribution = attribution
        self._origin: Samples | None = None
        self._spans: dict[str, list[Samples]] = {}
        self._loudest = ""
        self._cut_by = ""

    def cut_by(self, whom: str) -> None:
        """The agent itself cuts its reply, because somebody wants that."""
        self._cut_by = whom

    def speaker_of(self, listening: Listening) -> str:
        """Who was speaking in a turn that has ended."""
        start, end = self._spans.get(listening.item, [listening.at, listening.at])
        return self._attribution.who(start, end)

    def heard_frame(self, frame: Frame) -> None:
        """A frame went to the session: its clock runs from the first one."""
        if self._origin is None:
            self._origin = frame.pts
        self._attribution.note(frame.pts, frame.speakers)
        if frame.speakers:
            self._loudest = frame.speakers[0]

    def events(self, notification: Notification, now: Samples) -> Iterable[Event]:
        """The events that a notification stands for."""
        agent = self._agent
        match notification:
            case ReplyStarted():
                return [ResponseStarted(pts=now, agent=agent, response=notification.response)]
            case ReplyWords():
                return [
                    Saying(
                        pts=now, agent=agent, response=notification.response, text=notification.text
                    )
                ]
            case ReplyDone():
                return self._reply_done(notification, now)
            case PlaybackStarted():
                return self._playback.began(notification.response)
            case PlaybackCleared():
                by, self._cut_by = self._cut_by or self._loudest, ""
                return self._playback.cleared(notification.response, now, by)
            case Truncated():
                return self._playback.truncated(now, notification.text)
            case ToolRequested():
                return [
                    ToolCalled(
                        pts=now,
                        agent=agent,
                        call=notification.call_id,
                        tool=notification.name,
                        arguments=notification.arguments,
                        response=notification.response,
                    )
                ]
            case ToolAbandoned(call, tool):
                return [ToolDropped(pts=now, agent=agent, call=call, tool=tool, reason="cut")]
            case _:
                return self._hearing(notification, now)

    def act(self, notification: Notification, peer: Peer) -> None:
        """Let the peer do what a notification asks for."""
        match notification:
            case PlaybackStopped():
                self._playback.stopped(notification.response)
            case PlaybackCleared():
                peer.silence(notification.response, self._loudest)
            case SessionRefused():
                peer.refuse(notification.code, notification.message)
            case Expired():
                peer.refuse("session_expired", EXPIRED)
            case ToolRequested():
                peer.call_tool(notification)
            case _:
                pass

    def _reply_done(self, notification: ReplyDone, now: Samples) -> Iterable[Event]:
        self._playback.generated(notification.response, notification.text)
        done = ResponseDone(
            pts=now,
            agent=self._agent,
            response=notification.response,
            status=notification.status,
            text=notification.text,
            reason=notification.reason,
        )
        if not notification.error:
            return [done]
        return [
            done,
            Warned(pts=now, agent=self._agent, code="response", message=notification.error),
        ]

    def _hearing(self, notification: Notification, now: Samples) -> Iterable[Event]:
        agent = self._agent
        match notification:
            case HearingStarted():
                at = self._pts(notification.audio_start_ms)
                self._spans[notification.item] = [at, at]
                return [Listening(pts=now, agent=agent, on=True, item=notification.item, at=at)]
            case HearingStopped():
                at = self._pts(notification.audio_end_ms)
                self._spans.setdefault(notification.item, [at, at])[1] = at
                return [Listening(pts=now, agent=agent, on=False, item=notification.item, at=at)]
            case Transcribed():
                start, end = self._spans.pop(notification.item, [now, now])
                return [
                    HeardText(
                        pts=now,
                        agent=agent,
                        speaker=self._attribution.who(start, end),
                        text=notification.text.strip(),
                        start=start,
                        end=end,
                        item=notification.item,
                    )
                ]
            case TranscriptionFailed():
                message = f"{notification.item}: {notification.message}"
                return [Warned(pts=now, agent=agent, code=notification.code, message=message)]
            case ServerError():
                return [
                    Warned(
                        pts=now, agent=agent, code=notification.code, message=notification.message
                    )
                ]
            case _:
                return []

    def _pts(self, milliseconds: int) -> Samples:
        return (self._origin or 0) + samples_of_ms(milliseconds)
