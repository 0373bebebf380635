"""What is answered: asked of the mind, handed on where functions are called, and said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from soundstage.realtime import Compose
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from soundstage.live.server.delegations import Delegations, Wanted
    from soundstage.live.server.outbox import ServerOutbox
    from soundstage.live.server.session_config import SessionConfig
    from soundstage.live.server.session_history import History
    from soundstage.live.server.speaker.session_timeline import Timeline
    from soundstage.live.server.speaker.voice_track import VoiceTrack
    from soundstage.realtime import JobQueue, Reply

ACKNOWLEDGEMENT: Final = "One moment, please."

ACKNOWLEDGED_AFTER: Final[Samples] = samples_of_seconds(1)
"""How long handed-on work may take, beside `acknowledgement_delay_ms`, before it is acknowledged:
most functions answer sooner, and a voice that announced each of them would be tedious."""

_MOST_TOKENS: Final = 4096
_FILTERED: Final = "content_filter"


class _Asked(Struct):
    """An answer that is being composed.

    Attributes:
        delegation: the backend's work that it is for; empty for the voice's own answer.
        response_id: the backend's response, where it has been told.
        pieces: what of it has been given.
    """

    delegation: str = ""
    response_id: str = ""
    pieces: str = ""


class Answers:
    """Asks for answers and does what they say.

    Args:
        config: the session's.
        history: what was said so far.
        jobs: takes what is to be composed.
        voice: says the answers.
        delegations: hands work on.
        events: tells of failures.
        timeline: where the session is.
        delegates: functions that the mind may call where work is handed to the application; they
            are never told, for a delegation to the client says nothing of its task.
    """

    def __init__(
        self,
        config: SessionConfig,
        history: History,
        jobs: JobQueue,
        voice: VoiceTrack,
        delegations: Delegations,
        events: ServerOutbox,
        timeline: Timeline,
        delegates: tuple[dict[str, Any], ...],
    ) -> None:
        self._config = config
        self._history = history
        self._jobs = jobs
        self._voice = voice
        self._delegations = delegations
        self._events = events
        self._timeline = timeline
        self._delegates = delegates
        self._asked: dict[str, _Asked] = {}
        self._rules: list[str] = []
        self._owed = False
        self._acknowledged_at: Samples | None = None

    @property
    def is_thinking(self) -> bool:
        """Whether an answer is being composed."""
        return bool(self._asked)

    def add_rule(self, text: str) -> None:
        """The mind obeys this from now on."""
        self._rules.append(text)

    def ask(self, heard: str | None) -> None:
        """Have an answer composed to what was heard, or to nothing."""
        self._owed = False
        self._compose(_Asked(), heard, ())

    def hear_out(self) -> None:
        """The user speaks: an answer that is not there yet waits for what else is said."""
        for job, asked in list(self._asked.items()):
            if not asked.delegation and not asked.pieces:
                del self._asked[job]
                self._jobs.abandon(job)
                self._owed = True

    def answer(self, text: str, *, backchannel: bool) -> None:
        """A stretch of speech is over; `text` may be empty."""
        if (text and not backchannel) or self._owed:
            self.ask(text)

    def resume(self, wanted: Wanted, answers: str | None) -> None:
        """The application has the backend go on, or begin."""
        self.cancel_acknowledgement()
        asked = _Asked(wanted.delegation)
        if not wanted.delegation:
            asked.delegation, asked.response_id = self._delegations.begin_typed(answers)
        heard = wanted.words or ("" if wanted.outputs else None)
        self._compose(asked, heard, wanted.outputs)

    @property
    def backend_is_busy(self) -> bool:
        """Whether a response of the backend is being made."""
        return any(asked.delegation for asked in self._asked.values())

    def composing(self, job: str, text: str) -> None:
        """The next words of an answer, of which more is to come."""
        asked = self._asked.get(job)
        if asked is not None:
            asked.pieces += text
            self._voice.say(text)

    def composed(self, job: str, reply: Reply) -> None:
        """An answer, or the rest of it."""
        asked = self._asked.pop(job, None)
        if asked is None:
            return
        if asked.delegation:
            whole = type(reply)(asked.pieces + (reply.text or ""), reply.calls, reply.unfinished)
            self._delegations.respond(asked.delegation, whole, asked.response_id)
        elif reply.calls:
            self._delegations.begin(reply)
        if reply.calls and not reply.text and not asked.pieces:
            self._acknowledge_later()
        if reply.text:
            self._voice.say(reply.text)
        if reply.unfinished == _FILTERED:
            self._events.fail("What was said was stopped by the content filter.", _FILTERED)

    def failed(self, job: str, message: str, code: str) -> bool:
        """An answer came to nothing; whether there was one."""
        asked = self._asked.pop(job, None)
        if asked is None:
            return False
        if asked.delegation:
            self._delegations.fail(asked.delegation, message, asked.response_id)
        else:
            self._events.fail(message, code)
        return True

    def cancel_acknowledgement(self) -> None:
        """Something is said about the work that was handed on, so nothing else need be."""
        self._acknowledged_at = None

    def tick(self) -> None:
        """The timeline has advanced."""
        due = self._acknowledged_at
        if due is not None and self._timeline.position >= due:
            self._acknowledged_at = None
            self._voice.say(ACKNOWLEDGEMENT)

    def foresee(self) -> int:
        """In how many of the next ticks `tick` does nothing."""
        due = self._acknowledged_at
        if due is None:
            return sys.maxsize
        return (due - self._timeline.position - 1) // FRAME_SAMPLES

    def close(self) -> None:
        """Nothing is answered any more."""
        for job in self._asked:
            self._jobs.abandon(job)
        self._asked.clear()

    def _acknowledge_later(self) -> None:
        delay = samples_of_ms(self._config.fields.delegation.acknowledgement_delay_ms)
        self._acknowledged_at = self._timeline.position + ACKNOWLEDGED_AFTER + delay

    def _compose(self, asked: _Asked, heard: str | None, outputs: tuple[Any, ...]) -> None:
        job = self._jobs.name()
        self._asked[job] = asked
        backend = self._config.responses
        told = (self._config.fields.instructions, *self._rules)
        parallel = True if backend is None else backend.responses.parallel_tool_calls is not False
        longest = None if backend is None else backend.responses.max_output_tokens
        choice = self._config.tool_choice
        tools = self._delegates if backend is None else self._config.tools
        self._jobs.post(
            Compose(
                job,
                job,
                self._history.items(),
                heard,
                "\n".join(text for text in told if text),
                () if choice == "none" else tools,
                tool_choice="auto" if choice == "none" or outputs else choice,
                parallel=parallel,
                longest=longest or _MOST_TOKENS,
                outputs=outputs,
            )
        )
