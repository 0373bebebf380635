"""How an agent ends without losing what it has said, or still has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from soundstage.agent.slow_work import Working
from soundstage.kernel import handles
from soundstage.messages import CutOff, Leave
from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from soundstage.agent.context import AgentContext
    from soundstage.agent.journal_port import JournalPort
    from soundstage.agent.port import Port
    from soundstage.agent.speech_queue import SpeechQueue


class LeaveWhenSaid(Struct, frozen=True):
    """Leave, once nothing is left to be said."""


class LastWords(Working):
    """An actor that plays what it has to say before it leaves, and tells what of it was played."""

    _agent_context: AgentContext
    _journal_port: JournalPort
    _port: Port
    _speech_queue: SpeechQueue

    def settle(self) -> None:
        """However it ends, what was played of its speech is told."""
        self._speech_queue.close(self.now)
        self._log_speech()

    @handles(CutOff)
    def cut_off(self, _: CutOff) -> None:
        """The run ends now: what was played is told, and nothing more is said."""
        if self._speech_queue.close(self.now):
            self._port.cut(self.now, "")
        self._log_speech()

    @handles(LeaveWhenSaid)
    def _leave_when_said(self, _: LeaveWhenSaid) -> None:
        """Leave now, or as soon as nothing is left to be said."""
        if self._has_words_left():
            self.after(FRAME_SAMPLES, LeaveWhenSaid())
        else:
            self._agent_context.ports.mixer.tell(Leave(self.name))
            self.finish()

    def _has_words_left(self) -> bool:
        """Whether something is being said, or waits to be."""
        return self._speech_queue.busy

    def _log_speech(self) -> None:
        for event in self._speech_queue.events():
            self._journal_port.log(event)
