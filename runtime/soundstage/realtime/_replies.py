"""What a server session says: its responses, one by default and others out of band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soundstage.realtime import _server_events as server
from soundstage.realtime._codec import ClientFault
from soundstage.realtime._items import Response
from soundstage.realtime._jobs import Abandon, Compose, Speak
from soundstage.realtime._output_buffer import (
    OutputBuffer,
    PlayoutChange,
    PlayoutCut,
    PlayoutStarted,
    PlayoutStopped,
)
from soundstage.realtime._reply import ReplyInProgress
from soundstage.units import SAMPLE_BYTES, ms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from soundstage.realtime._conversation import Conversation
    from soundstage.realtime._ids import Ids
    from soundstage.realtime._jobs import Job, Reply
    from soundstage.realtime._session_config import SessionConfig
    from soundstage.realtime._spoken_text import SpokenWord
    from soundstage.units import Samples

_PARAMS = {
    "conversation", "input", "instructions", "output_modalities", "audio", "tools", "tool_choice",
    "parallel_tool_calls", "max_output_tokens", "metadata", "prompt", "reasoning",
}  # fmt: skip


class Replies:
    """The responses of a session, and the playing of their audio.

    Attributes:
        quiet_since: when the last response had been played.
        has_spoken: whether any audio has been made, after which the voice is fixed.
    """

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        ids: Ids,
        *,
        emit: Callable[[server.ServerEvent], None],
        job: Callable[[Job], None],
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._ids = ids
        self._emit = emit
        self._job = job
        self._conversation_id = ids.make("conv")
        self._output = OutputBuffer()
        self._active: dict[str, ReplyInProgress] = {}
        self._default: ReplyInProgress | None = None
        self._awaiting: dict[str, ReplyInProgress] = {}
        self._params: dict[str, dict[str, Any]] = {}
        self.quiet_since: Samples = 0
        self.has_spoken = False

    @property
    def busy(self) -> bool:
        """Whether anything is being made or played."""
        return bool(self._active) or self._output.playing

    def create(self, params: dict[str, Any], awaits: str = "") -> None:
        """Begin a response.

        Args:
            params: overrides of the session for this response.
            awaits: the user item whose words it answers, when these are still to come.

        Raises:
            ClientFault: a default response is being made already, or a parameter is unknown.
        """
        for key in params:
            if key not in _PARAMS:
                param = f"response.{key}"
                raise ClientFault(
                    "unknown_parameter", f"Unknown parameter: '{param}'.", param=param
                )
        beside = params.get("conversation") == "none"
        if not beside and self._default is not None:
            if awaits:
                return
            raise ClientFault(
                "conversation_already_has_active_response",
                "Conversation already has an active response in progress: "
                f"{self._default.ident}. Wait until the response is finished before creating a "
                "new one.",
            )
        reply = self._begin(params, beside=beside)
        if awaits:
            self._awaiting[awaits] = reply
        else:
            self._compose(reply, None)

    def heard(self, item: str, text: str) -> None:
        """The words that a response waits for are known."""
        reply = self._awaiting.pop(item, None)
        if reply is not None and not reply.done:
            self._compose(reply, text)

    def composed(self, job: str, answer: Reply) -> None:
        """What a response says, and which tools it calls."""
        reply = self._of(job)
        if reply is None:
            return
        text = (answer.text or "").strip()
        if text:
            reply.begin_message(text)
            if reply.speaks:
                self._speak(reply, text, answer)
                return
            reply.tell_text(text)
            reply.end_message()
        self._call_and_finish(reply, answer)

    def spoken(self, job: str, pcm: bytes, words: Iterable[SpokenWord], text: str) -> None:
        """A part of a response's audio."""
        reply = self._of(job)
        if reply is not None:
            self.has_spoken = True
            reply.tell_spoken(text, words, len(pcm) // SAMPLE_BYTES)
            self._output.append(reply.ident, pcm)

    def spoken_all(self, job: str) -> None:
        """A response's audio is all there."""
        reply = self._of(job)
        if reply is None:
            return
        if reply.spoken is not None:
            reply.spoken.complete = True
        self._output.close(reply.ident)
        reply.end_message()
        self._call_and_finish(reply, self._params[reply.ident]["answer"])

    def failed(self, job: str, message: str) -> None:
        """A response could not be made."""
        reply = self._of(job)
        if reply is not None:
            self._output.close(reply.ident)
            error = {"type": "server_error", "code": "server_error", "message": message}
            self._finish(reply, "failed", error=error)

    def cancel(self, ident: str | None) -> None:
        """Stop making a response; what is buffered plays on.

        Raises:
            ClientFault: none is being made.
        """
        reply = self._active.get(ident) if ident else self._default
        if reply is None:
            raise ClientFault(
                "response_cancel_not_active", "Cancellation failed: no active response found."
            )
        self._abandon(reply, "client_cancelled")
        self._output.close(reply.ident)

    def interrupt(self, reason: str) -> None:
        """The caller speaks: stop making and playing whatever belongs to the conversation."""
        if self._default is not None:
            self._abandon(self._default, reason)
        self.clear()

    def clear(self) -> None:
        """Play nothing more of what is buffered."""
        self._tell(self._output.cut(lambda _: True))

    def play(self, now: Samples) -> bytes:
        """The next frame."""
        frame, changes = self._output.take()
        self._tell(changes)
        if self.busy:
            self.quiet_since = now
        return frame

    def _begin(self, params: dict[str, Any], *, beside: bool) -> ReplyInProgress:
        fields = self._config.fields
        response = Response(
            id=self._ids.make("resp"),
            conversation_id=None if beside else self._conversation_id,
            output_modalities=params.get("output_modalities") or fields["output_modalities"],
            max_output_tokens=params.get("max_output_tokens") or fields["max_output_tokens"],
            audio={
                "output": {
                    "format": fields["audio"]["output"]["format"],
                    "voice": self._voice(params),
                }
            },
            metadata=params.get("metadata"),
        )
        reply = ReplyInProgress(
            response, None if beside else self._conversation, self._ids, self._emit
        )
        self._active[reply.ident] = reply
        self._params[reply.ident] = dict(params)
        if not beside:
            self._default = reply
        reply.start()
        return reply

    def _compose(self, reply: ReplyInProgress, heard: str | None) -> None:
        params, fields = self._params[reply.ident], self._config.fields
        reply.job = self._ids.make("job")
        tools = params.get("tools", fields["tools"])
        choice = params.get("tool_choice", fields["tool_choice"])
        self._job(
            Compose(
                reply.job,
                reply.ident,
                tuple(self._conversation),
                heard,
                params.get("instructions") or fields["instructions"],
                () if choice == "none" else tuple(tools),
            )
        )

    def _speak(self, reply: ReplyInProgress, text: str, answer: Reply) -> None:
        params = self._params[reply.ident]
        params["answer"] = answer
        item = str(reply.item.id) if reply.item else ""
        self._output.open(reply.ident, item)
        reply.job = self._ids.make("job")
        self._job(Speak(reply.job, reply.ident, text, self._voice(params), self._config.speed))

    def _call_and_finish(self, reply: ReplyInProgress, answer: Reply) -> None:
        for call in answer.calls:
            reply.call(call)
        self._finish(reply, "completed")

    def _abandon(self, reply: ReplyInProgress, reason: str) -> None:
        if reply.job:
            self._job(Abandon(reply.job))
        self._finish(reply, "cancelled", reason=reason)

    def _finish(
        self,
        reply: ReplyInProgress,
        status: str,
        *,
        reason: str = "",
        error: dict[str, Any] | None = None,
    ) -> None:
        reply.finish(status, reason=reason, error=error)
        self._active.pop(reply.ident, None)
        self._params.pop(reply.ident, None)
        if self._default is reply:
            self._default = None

    def _tell(self, changes: list[PlayoutChange]) -> None:
        for change in changes:
            match change:
                case PlayoutStarted():
                    self._emit(server.OutputAudioBufferStarted(response_id=change.response))
                case PlayoutStopped():
                    self._emit(server.OutputAudioBufferStopped(response_id=change.response))
                case PlayoutCut():
                    self._tell_cut(change)

    def _tell_cut(self, cut: PlayoutCut) -> None:
        if cut.audible:
            self._emit(server.OutputAudioBufferCleared(response_id=cut.response))
        self._conversation.cut(cut.item, cut.played)
        self._emit(
            server.ConversationItemTruncated(
                item_id=cut.item, content_index=0, audio_end_ms=ms_of(cut.played)
            )
        )

    def _of(self, job: str) -> ReplyInProgress | None:
        return next((reply for reply in self._active.values() if reply.job == job), None)

    def _voice(self, params: dict[str, Any]) -> str:
        voice = ((params.get("audio") or {}).get("output") or {}).get("voice")
        return str(voice) if isinstance(voice, str) else self._config.voice
