"""What a client's events do to a Live session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from soundstage.errors import ClientFault
from soundstage.live.protocol import client_events as client
from soundstage.live.protocol.server_events import (
    InputAudioMuted,
    InputAudioUnmuted,
    SessionUpdated,
)
from soundstage.live.server.session_config import not_offered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from soundstage.live.server.answers import Answers
    from soundstage.live.server.appends import AnyAppend, Appends
    from soundstage.live.server.delegations import Delegations
    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.live.server.session_config import SessionConfig
    from soundstage.live.server.speaker.paced_input import PacedInput


class ClientCommands:
    """Applies a client's events.

    Args:
        config: the session's.
        events: takes what is acknowledged.
        audio: takes the audio of a WebSocket; None of a call, whose audio is a track.
        appends: takes in what the voice model is to know.
        delegations: hands work on.
        answers: has the backend go on.

    Attributes:
        is_muted: whether the model hears silence.
    """

    def __init__(
        self,
        config: SessionConfig,
        events: ServerOutbox,
        audio: PacedInput | None,
        appends: Appends,
        delegations: Delegations,
        answers: Answers,
    ) -> None:
        self._config = config
        self._events = events
        self._audio = audio
        self._appends = appends
        self._delegations = delegations
        self._answers = answers
        self.is_muted = False

    def apply(self, event: client.ClientEvent) -> None:
        """Do what an event asks for.

        Raises:
            ClientFault: it cannot be done.
        """
        self._HANDLERS[type(event)](self, event)

    def _start(self, _: client.SessionStart) -> None:
        raise ClientFault("invalid_event", "The session has been started already.", param="type")

    def _update(self, event: client.SessionUpdate) -> None:
        self._config.update(event.session)
        updated = SessionUpdated(session=self._config.wire())
        self._events.send(updated, answers=event.event_id or None)

    def _append_audio(self, event: client.InputAudioAppend) -> None:
        if self._audio is None:
            message = "The audio of a call is its track: it is not appended in events."
            raise ClientFault("invalid_event", message, param="type")
        self._audio.put(event.audio)

    def _mute(self, event: client.InputAudioMute) -> None:
        self.is_muted = True
        self._events.send(InputAudioMuted(), answers=event.event_id or None)

    def _unmute(self, event: client.InputAudioUnmute) -> None:
        self.is_muted = False
        self._events.send(InputAudioUnmuted(), answers=event.event_id or None)

    def _append(self, event: AnyAppend) -> None:
        self._appends.put(event, self._delegations.of_client)
        if not isinstance(event, client.InstructionsAppend):
            self._answers.cancel_acknowledgement()

    def _put_item(self, event: client.ResponseItemCreate) -> None:
        self._delegations.put_item(event.item)

    def _respond(self, event: client.ResponseCreate) -> None:
        if self._answers.backend_is_busy:
            message = "The backend is making a response already."
            raise ClientFault("invalid_event", message, param="type")
        self._answers.resume(self._delegations.wanted(), event.event_id or None)

    def _refuse(self, event: client.ClientEvent) -> None:
        kind = str(event.__struct_config__.tag)
        raise not_offered(f"Events of the type '{kind}' are", "type")

    _HANDLERS: ClassVar[Mapping[type[Any], Callable[..., None]]] = {
        client.SessionStart: _start,
        client.SessionUpdate: _update,
        client.InputAudioAppend: _append_audio,
        client.InputAudioMute: _mute,
        client.InputAudioUnmute: _unmute,
        client.InstructionsAppend: _append,
        client.ThinkingAppend: _append,
        client.CommentaryAppend: _append,
        client.ResponseItemCreate: _put_item,
        client.ResponseCreate: _respond,
        client.FixturePlay: _refuse,
        client.DecisionCreate: _refuse,
        client.DecisionItemCreate: _refuse,
        client.DecisionItemDelete: _refuse,
        client.DtmfSend: _refuse,
    }
