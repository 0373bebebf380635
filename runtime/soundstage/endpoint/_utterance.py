"""One text on its way to being sound, a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.speech import voice_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.realtime import Speak
    from soundstage.speech import Engines, SpeechPart


class Utterance:
    """Makes the parts of a text when it is asked for them, so that it can be given up between two.

    Args:
        job: the text, and how it is to sound.
        engines: the synthesiser, loaded with the first part.
    """

    def __init__(self, job: Speak, engines: Engines) -> None:
        self._job = job
        self._engines = engines
        self._parts: Iterator[SpeechPart] | None = None

    def next_part(self) -> SpeechPart | None:
        """The next part; None once all are made. Slow: it is called in a workshop."""
        if self._parts is None:
            synthesizer = self._engines.synthesizer
            voice, _ = voice_for(self._job.voice, synthesizer.voices)
            self._parts = synthesizer.synthesize(self._job.text, voice, self._job.speed)
        return next(self._parts, None)
