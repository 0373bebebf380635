"""What an agent is about to say, one frame a tick."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from soundstage.audio import FrameCutter
from soundstage.config.values import normalize
from soundstage.messages.events import (
    AgentSpeechStarted,
    AgentSpeechStopped,
    Interrupted,
    Turn,
)
from soundstage.realtime import SpokenText
from soundstage.units import (
    FRAME_SAMPLES,
    FRAMES_PER_SECOND,
    SAMPLE_BYTES,
    SILENCE,
    Samples,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.messages.events import Event
    from soundstage.speech import SpeechPart

LONGEST = 120 * FRAMES_PER_SECOND
"""Frames that may wait to be said: two minutes."""


class _Utterance:
    def __init__(self, response: str, text: str, *, at_once: bool = False) -> None:
        self.response = response
        self.text = text
        self.at_once = at_once
        self.frames: deque[bytes] = deque()
        self.spoken = SpokenText(text)
        self.made: list[str] = []
        self.cutter = FrameCutter()
        self.whole = False
        self.played = 0
        self.start: Samples = 0

    def add_words(self, part: SpeechPart) -> None:
        """Note what a part of its sound says."""
        words = [(word.text, word.start, word.end) for word in part.words]
        self.spoken.add(words, len(part.pcm) // SAMPLE_BYTES, part.text)
        self.made.append(part.text)

    def said(self, *, is_cut: bool) -> str:
        """The words of it that were played."""
        if is_cut and (self.frames or not self.whole):
            return self.spoken.until(self.played * FRAME_SAMPLES)
        made = " ".join(self.made)
        # A synthesiser may stop before the end of a text that is too long for it.
        return made if _begins(normalize(self.text), normalize(made)) else self.text


def _begins(words: tuple[str, ...], beginning: tuple[str, ...]) -> bool:
    """Whether some words are the beginning of others, and not all of them."""
    return len(beginning) < len(words) and words[: len(beginning)] == beginning


class SpeechQueue:
    """A queue of utterances, played in order and cut with their words.

    Args:
        agent: whose mouth it is.
    """

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._queue: deque[_Utterance] = deque()
        self._events: list[Event] = []
        self._is_closed = False
        self.dropped = 0

    @property
    def busy(self) -> bool:
        """Whether anything is being said, or waits to be."""
        return bool(self._queue)

    def begin(self, response: str, text: str, *, at_once: bool = False) -> None:
        """An utterance will follow; its sound comes by `add`.

        Args:
            response: what it is called in the log.
            text: its words.
            at_once: whether it is said before all others, and without leave to speak.
        """
        if self._is_closed:
            return
        utterance = _Utterance(response, text, at_once=at_once)
        if not at_once:
            self._queue.append(utterance)
            return
        first = sum(each.at_once or each.played > 0 for each in self._queue)
        self._queue.insert(first, utterance)

    def add(self, response: str, part: SpeechPart | None) -> bool:
        """Sound for an utterance, None at its end; False when it has been cut meanwhile."""
        for utterance in self._queue:
            if utterance.response == response:
                if part is None:
                    utterance.frames.extend(utterance.cutter.flush())
                    utterance.whole = True
                else:
                    utterance.frames.extend(utterance.cutter.push(part.pcm))
                    utterance.add_words(part)
                return True
        return False

    def add_frame(self, pcm: bytes) -> None:
        """A frame made by the agent itself, behind whatever waits; the oldest goes when full."""
        if self._is_closed:
            return
        if not self._queue or self._queue[-1].response:
            self._queue.append(_Utterance("", ""))
            self._queue[-1].whole = True
        frames = self._queue[-1].frames
        if len(frames) >= LONGEST:
            frames.popleft()
            self.dropped += 1
        frames.append(pcm)

    def frame(self, pts: Samples, *, may_speak: bool = True) -> bytes:
        """The next frame to send; silence where there is none.

        Args:
            pts: of the tick.
            may_speak: whether what is not to be said at once may be said.
        """
        while self._queue:
            first = self._queue[0]
            if not (may_speak or first.at_once or first.played):
                return SILENCE
            if first.frames:
                if not first.played and first.response:
                    first.start = pts
                    self._events.append(
                        AgentSpeechStarted(pts=pts, agent=self._agent, response=first.response)
                    )
                first.played += 1
                return first.frames.popleft()
            if not first.whole:
                return SILENCE
            self._queue.popleft()
            self._end(first, pts)
        return SILENCE

    def cut(self, pts: Samples, by: str) -> bool:
        """Say nothing more of what waits; True where something was being said."""
        queue, self._queue = self._queue, deque[_Utterance]()
        speaking = bool(queue and queue[0].played)
        if speaking:
            self._end(queue[0], pts, is_cut=True, by=by)
        return speaking

    def close(self, pts: Samples) -> bool:
        """Say nothing more, now and later; True where something was being said."""
        self._is_closed = True
        return self.cut(pts, "")

    def events(self) -> Iterator[Event]:
        """What has happened since the last call."""
        events, self._events = self._events, []
        yield from events

    def _end(
        self, utterance: _Utterance, pts: Samples, *, is_cut: bool = False, by: str = ""
    ) -> None:
        if not utterance.played or not utterance.response:
            return
        stopped = AgentSpeechStopped(
            pts=pts, agent=self._agent, response=utterance.response, cut=is_cut
        )
        self._events.append(stopped)
        if by not in {"", self._agent}:
            self._events.append(
                Interrupted(pts=pts, agent=self._agent, by=by, response=utterance.response)
            )
        self._events.append(
            Turn(
                pts=pts,
                agent=self._agent,
                number=0,
                response=utterance.response,
                start=utterance.start,
                end=pts,
                generated=utterance.text,
                said=utterance.said(is_cut=is_cut),
                cut_by=by,
            )
        )
