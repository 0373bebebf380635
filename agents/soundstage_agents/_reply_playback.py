"""What a Realtime peer is playing: from its session's events and the frames that come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.messages.events import AgentSpeechStarted, AgentSpeechStopped, Interrupted, Turn
from soundstage.realtime import words_heard
from soundstage.units import FRAME_SAMPLES, Samples

if TYPE_CHECKING:
    from soundstage.messages.events import Event

DRAINED = 10
"""Frames that may still come after playback has stopped: events and audio are not ordered."""


class ReplyPlayback:
    """Follows one utterance at a time, and says when it began, ended, or was cut.

    Args:
        agent: whose it is.
    """

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._texts: dict[str, str] = {}
        self._response = ""
        self._start: Samples | None = None
        self._end: Samples = 0
        self._draining = -1
        self._cut_by: str | None = None
        self._is_cut_off = False

    @property
    def response(self) -> str:
        """The response that is being played, or empty."""
        return self._response

    def generated(self, response: str, text: str) -> None:
        """The words that a response is to say, as far as they are known."""
        self._texts[response] = text

    def written(self, response: str, words: str) -> None:
        """The next words of a response that is still being made."""
        self._texts[response] = self._texts.get(response, "") + words

    def began(self, response: str) -> list[Event]:
        """The far end has begun to play a response."""
        ended = self._finish(self._end)
        self._response, self._start, self._draining = response, None, -1
        return ended

    def frame(self, pts: Samples, *, audible: bool) -> list[Event]:
        """One frame has come, audible or not."""
        if not self._response or self._cut_by is not None:
            return []
        if audible:
            self._end = pts + FRAME_SAMPLES
            if self._start is None:
                self._start = pts
                return [AgentSpeechStarted(pts=pts, agent=self._agent, response=self._response)]
        if self._draining >= 0:
            self._draining = DRAINED if audible else self._draining - 1
            if self._draining < 0:
                return self._finish(self._end)
        return []

    def foresee(self, most: int, *, audible: bool) -> int:
        """Of how many of the next frames, none or some `audible`, `frame` has nothing to tell."""
        if not self._response or self._cut_by is not None:
            return most
        if self._draining >= 0:
            return 0 if audible else min(most, self._draining)
        return 0 if audible and self._start is None else most

    def skip(self, ticks: int, end: Samples | None) -> None:
        """So many frames have come of which nothing was told.

        Args:
            ticks: how many.
            end: where the last audible one of them ended; None where none is.
        """
        if not self._response or self._cut_by is not None:
            return
        if end is not None:
            self._end = end
        elif self._draining >= 0:
            self._draining -= ticks

    def stopped(self, response: str) -> None:
        """The far end has played all of it; what is on its way still comes."""
        if response == self._response:
            self._draining = DRAINED

    def cleared(self, response: str, pts: Samples, by: str) -> list[Event]:
        """The rest of the response is not heard; its text follows by `truncated`."""
        if response != self._response or self._cut_by is not None:
            return []
        if self._start is None:
            self._response = ""
            return []
        self._cut_by = "" if self._is_cut_off else by or "unknown"
        self._end = max(self._end, min(pts, self._end + FRAME_SAMPLES))
        stopped = AgentSpeechStopped(pts=pts, agent=self._agent, response=response, cut=True)
        if self._is_cut_off:
            return [stopped]
        return [
            stopped,
            Interrupted(pts=pts, agent=self._agent, by=self._cut_by, response=response),
        ]

    def cut_off(self) -> None:
        """The run ends: what is cut from now on, no agent has interrupted."""
        self._is_cut_off = True

    def broken_off(self, pts: Samples) -> list[Event]:
        """Nothing more is played, and the far end can no longer say what was heard."""
        if self._draining >= 0 and self._cut_by is None:
            # The far end has played all of it: only silence could still come.
            return self._finish(self._end)
        self._is_cut_off = True
        made = self.cleared(self._response, pts, "")
        return [*made, *self.truncated(pts, None)]

    def dropped(self, pts: Samples) -> list[Event]:
        """The call is lost, and with it the rest of what was played; another reply may follow."""
        was, made = self._is_cut_off, self.broken_off(pts)
        self._is_cut_off = was
        self._texts.clear()
        return made

    def truncated(self, pts: Samples, text: str | None) -> list[Event]:
        """What was heard of a cut response; None where the far end does not say."""
        if self._cut_by is None:
            return []
        return self._finish(pts, said=text)

    def _finish(self, pts: Samples, said: str | None = None) -> list[Event]:
        response, start, cut_by = self._response, self._start, self._cut_by
        self._response, self._start, self._draining, self._cut_by = "", None, -1, None
        if not response or start is None:
            return []
        generated = self._texts.pop(response, "")
        made: list[Event] = []
        if cut_by is None:
            said = generated
            made.append(AgentSpeechStopped(pts=pts, agent=self._agent, response=response))
        made.append(
            Turn(
                pts=pts,
                agent=self._agent,
                number=0,
                response=response,
                start=start,
                end=self._end,
                generated=generated,
                said=words_heard(generated, self._end - start) if said is None else said,
                cut_by=cut_by or "",
                estimated=said is None,
            )
        )
        return made
