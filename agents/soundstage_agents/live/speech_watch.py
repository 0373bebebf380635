"""What a Live peer is saying: seen in its session's sound, for no event says when speech ends.

The words come beside the sound, as fragments of a transcript. An utterance lasts until its session
has been silent for `APART`; it was cut where another agent spoke over its end and its words make no
whole sentence.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.messages.events import (
    AgentSpeechStarted,
    AgentSpeechStopped,
    Interrupted,
    ResponseDone,
    ResponseStarted,
    Saying,
    Turn,
)
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from soundstage.messages.events import Event

APART: Final[Samples] = samples_of_ms(600)
"""The silence after which an utterance is over: a pause between two sentences is shorter."""

COMES_WITHIN: Final[Samples] = samples_of_ms(1500)
"""How long the sound of words that were told may take to come."""

_WATCHED: Final[Samples] = samples_of_ms(1000)
"""The end of an utterance in which it is looked for another voice."""

_CUTS: Final[Samples] = samples_of_ms(500)
"""How much of that voice cuts it, rather than a backchannel."""

_WHOLE: Final = (".", "!", "?", "…")


class _Utterance(Struct):
    response: str
    start: Samples
    end: Samples
    text: str = ""


class SpeechWatch:
    """Follows one utterance at a time.

    Args:
        agent: whose it is.
    """

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._count = 0
        self._utterance: _Utterance | None = None
        self._early: list[tuple[Samples, str]] = []
        self._over: deque[tuple[Samples, str]] = deque(maxlen=_WATCHED // FRAME_SAMPLES)

    @property
    def is_speaking(self) -> bool:
        """Whether an utterance is not over."""
        return self._utterance is not None

    @property
    def response(self) -> str:
        """What the log calls the utterance; empty for none."""
        return "" if self._utterance is None else self._utterance.response

    def hear(self, pts: Samples, speaker: str) -> None:
        """Another agent is heard, while this one may be speaking."""
        utterance = self._utterance
        # What is heard after its end has not cut it.
        if utterance is not None and speaker and pts <= utterance.end:
            self._over.append((pts, speaker))

    def frame(self, pts: Samples, *, audible: bool) -> list[Event]:
        """One frame of its session."""
        utterance = self._utterance
        if audible and utterance is None:
            return self._begin(pts)
        if utterance is None:
            return []
        if audible:
            utterance.end = pts + FRAME_SAMPLES
        return self.end(pts) if pts - utterance.end >= APART else []

    def foresee(self, pts: Samples, audible: Sequence[bool]) -> int:
        """Of how many of the next frames `frame` has nothing to tell; this changes nothing."""
        if self._utterance is None:
            return audible.index(True) if True in audible else len(audible)
        end = self._utterance.end
        for place, heard in enumerate(audible):
            now = pts + place * FRAME_SAMPLES
            end = now + FRAME_SAMPLES if heard else end
            if now - end >= APART:
                return place
        return len(audible)

    def skip(
        self, pts: Samples, audible: Sequence[bool], heard: Iterable[tuple[Samples, str]]
    ) -> None:
        """So many frames have come of which nothing was to be told.

        Args:
            pts: of the first one.
            audible: which of them are.
            heard: when which other agent was heard meanwhile.
        """
        utterance = self._utterance
        if utterance is None:
            return
        others = dict(heard)
        for place, is_audible in enumerate(audible):
            now = pts + place * FRAME_SAMPLES
            if is_audible:
                utterance.end = now + FRAME_SAMPLES
            self.hear(now, others.get(now, ""))

    def words(self, now: Samples, delta: str) -> list[Event]:
        """The next words that it says."""
        if self._utterance is None:
            # On a network the sound takes longer than the words.
            self._early.append((now, delta))
            return []
        return [self._add(self._utterance, now, delta)]

    def end(self, now: Samples, by: str = "") -> list[Event]:
        """The utterance is over.

        Args:
            now: the time.
            by: who has cut it; empty where that is seen in the sound.
        """
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return []
        by = by or self._cut_by(utterance)
        self._over.clear()
        made: list[Event] = [
            AgentSpeechStopped(
                pts=utterance.end, agent=self._agent, response=utterance.response, cut=bool(by)
            )
        ]
        if by:
            response = utterance.response
            made.append(Interrupted(pts=now, agent=self._agent, by=by, response=response))
        return [*made, *self._told(utterance, now, by)]

    def lost_reply(self, now: Samples, reason: str) -> list[Event]:
        """Its service failed to make a reply, of which nothing is heard.

        Args:
            now: the time.
            reason: why, as the service names it.
        """
        self._count += 1
        agent, response = self._agent, f"{self._agent}_{self._count}"
        return [
            ResponseStarted(pts=now, agent=agent, response=response),
            ResponseDone(
                pts=now, agent=agent, response=response, status="failed", text="", reason=reason
            ),
        ]

    def _begin(self, pts: Samples) -> list[Event]:
        self._count += 1
        response = f"{self._agent}_{self._count}"
        self._utterance = _Utterance(response, pts, pts + FRAME_SAMPLES)
        early, self._early = self._early, []
        return [
            ResponseStarted(pts=pts, agent=self._agent, response=response),
            AgentSpeechStarted(pts=pts, agent=self._agent, response=response),
            *(
                self._add(self._utterance, pts, delta)
                for told, delta in early
                if pts - told <= COMES_WITHIN
            ),
        ]

    def _add(self, utterance: _Utterance, now: Samples, delta: str) -> Saying:
        parted = utterance.text and not delta.startswith(" ")
        words = f" {delta}" if parted else delta
        utterance.text += words
        return Saying(pts=now, agent=self._agent, response=utterance.response, text=words)

    def _told(self, utterance: _Utterance, now: Samples, by: str) -> list[Event]:
        # What the model would have said beyond this, it alone knows.
        text = utterance.text.strip()
        return [
            ResponseDone(
                pts=now,
                agent=self._agent,
                response=utterance.response,
                status="cancelled" if by else "completed",
                text=text,
                reason="turn_detected" if by else "",
            ),
            Turn(
                pts=now,
                agent=self._agent,
                number=0,
                response=utterance.response,
                start=utterance.start,
                end=utterance.end,
                generated=text,
                said=text,
                cut_by=by,
            ),
        ]

    def _cut_by(self, utterance: _Utterance) -> str:
        if utterance.text.rstrip().endswith(_WHOLE):
            return ""
        since = utterance.end - _WATCHED
        over = [name for pts, name in self._over if since <= pts < utterance.end]
        return over[-1] if len(over) * FRAME_SAMPLES >= _CUTS else ""
