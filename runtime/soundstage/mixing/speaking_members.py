"""Which members speak, where several sound at once: a voice counts, however loud the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from soundstage.units import FRAMES_PER_SECOND, SILENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.speech import VoiceActivity, VoiceActivityEngine

SPEECH: Final = 0.5
"""Probability from which on a frame is speech, as turn detection has it."""

HOLDS: Final = 10
"""Frames for which a voice still counts after its last frame of speech: 200 ms, as in a word."""

LET_GO: Final = FRAMES_PER_SECOND
"""Frames of silence after which a member is judged no more."""

MOST_JUDGED: Final = 8
"""Members that are judged at once: each costs about a tenth of a millisecond a frame."""


_NONE: Final[frozenset[int]] = frozenset()


class _Judge:
    """Follows one member, from when it first sounded beside another one."""

    def __init__(self, activity: VoiceActivity) -> None:
        self._activity = activity
        self._holds = 0
        self._silent = 0

    def hear(self, pcm: bytes) -> None:
        """Take the next frame."""
        is_speech = self._activity.hear(pcm) >= SPEECH
        self._holds = HOLDS if is_speech else max(0, self._holds - 1)
        self._silent = self._silent + 1 if pcm is SILENCE else 0

    @property
    def speaks(self) -> bool:
        """Whether the member speaks now, or did a moment ago."""
        return self._holds > 0

    @property
    def is_done(self) -> bool:
        """Whether the member has been silent for long."""
        return self._silent >= LET_GO


class SpeakingMembers:
    """Judges members by voice activity as soon as two of them sound in the same frame.

    One that sounds alone needs no judgement: what is heard is its own. Those that are judged are
    heard on, also alone, until they have been silent for a second.

    Attributes:
        engine: voice activity; None as long as there is none, and then no member is judged.
    """

    def __init__(self) -> None:
        self.engine: VoiceActivityEngine | None = None
        self._judges: dict[int, _Judge] = {}

    @property
    def judges(self) -> bool:
        """Whether any member is judged now."""
        return bool(self._judges)

    def silent(self, said: Sequence[bytes]) -> frozenset[int]:
        """Take each member's frame; returns the members that do not speak, though they may sound.

        A member that is not judged is never among them.
        """
        if self.engine is None:
            return _NONE
        sounding = [index for index, pcm in enumerate(said) if pcm is not SILENCE]
        if len(sounding) > 1:
            for index in sounding:
                if index not in self._judges and len(self._judges) < MOST_JUDGED:
                    self._judges[index] = _Judge(self.engine.open())
        if not self._judges:
            return _NONE
        for index, judge in list(self._judges.items()):
            judge.hear(said[index])
            if judge.is_done:
                del self._judges[index]
        return frozenset(index for index, judge in self._judges.items() if not judge.speaks)
