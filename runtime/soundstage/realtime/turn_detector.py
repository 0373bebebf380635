"""Where turns begin and end, decided from one probability of speech for each frame.

Positions count the audio heard since the session began, not the time that went by: audio that is
appended faster than it was spoken is judged by the same rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from soundstage.units import FRAME_SAMPLES, Samples, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

HYSTERESIS: Final = 0.15
"""How far below the threshold the probability must fall for a frame to count as silence."""

LONGEST_LAG: Final[Samples] = samples_of_ms(100)
"""How far what is judged may lie behind what is heard."""

PAUSE: Final[Samples] = samples_of_ms(200)
"""Silence after which a turn may well be over, so that recognising it is worth beginning."""

LONGEST_WAIT_MS: Final[Mapping[str, int]] = {
    "low": 8000,
    "medium": 4000,
    "auto": 4000,
    "high": 2000,
}
"""The longest silence that each eagerness of semantic detection waits for more."""


class TurnSettings(Struct, frozen=True):
    """How turns are detected.

    Attributes:
        threshold: probability of speech from which a frame counts as speech, 0 to 1.
        prefix: audio kept from before the first frame of speech.
        silence: silence that ends a turn.
        semantic: whether a turn ends sooner once its words make a whole sentence.
        create_response: whether the end of a turn makes a response.
        interrupt_response: whether the start of a turn cuts the response that is running or heard.
        idle: silence after the last response at which another one is made; None for never.
    """

    threshold: float = 0.5
    prefix: Samples = samples_of_ms(300)
    silence: Samples = samples_of_ms(500)
    semantic: bool = False
    create_response: bool = True
    interrupt_response: bool = True
    idle: Samples | None = None


class TurnStarted(Struct, frozen=True):
    """Speech began; `start` is its first sample with the prefix taken off."""

    start: Samples


class TurnPaused(Struct, frozen=True):
    """The speaker has been silent for `PAUSE`, but the turn is not over."""


class TurnResumed(Struct, frozen=True):
    """The speaker went on after `TurnPaused`."""


class TurnEnded(Struct, frozen=True):
    """The turn is over; `end` is one past its closing silence."""

    end: Samples


TurnChange: TypeAlias = TurnStarted | TurnPaused | TurnResumed | TurnEnded


class TurnDetector:
    """Finds the turns in a stream of frames.

    A turn begins with a frame at or above the threshold and ends after enough silence. Silence
    begins with a frame more than `HYSTERESIS` below the threshold; a frame between the two
    neither begins nor breaks it.

    Attributes:
        speaking: whether a turn is open.
        quiet_since: position at which the silence within the open turn began, or None.
    """

    def __init__(self, settings: TurnSettings) -> None:
        self.settings = settings
        self.speaking = False
        self.quiet_since: Samples | None = None
        self._paused = False

    def hear(self, probability: float, end: Samples) -> TurnChange | None:
        """Judge one frame.

        Args:
            probability: how likely the frame holds speech, 0 to 1.
            end: position one past the frame's last sample.

        Returns:
            What changed with this frame, or None.
        """
        if not self.speaking:
            # Outside of a turn a single frame decides: its prefix holds what came before it.
            return self._hear_outside(probability, end)
        if probability >= self.settings.threshold:
            return self._go_on()
        # Two thresholds, so that a voice that wavers about one of them makes no pauses.
        if self.quiet_since is None and probability < self.settings.threshold - HYSTERESIS:
            # From the start of this frame: it is silent as a whole.
            self.quiet_since = end - FRAME_SAMPLES
        return self._wait(end)

    def end(self, position: Samples) -> TurnEnded | None:
        """End the open turn now if its speaker is silent: its words are complete."""
        # A speaker who goes on has not finished, whatever the words so far look like.
        if not self.speaking or self.quiet_since is None:
            return None
        self.reset()
        return TurnEnded(position)

    def reset(self) -> None:
        """Forget the open turn."""
        self.speaking = False
        self.quiet_since = None
        self._paused = False

    def _hear_outside(self, probability: float, end: Samples) -> TurnStarted | None:
        if probability < self.settings.threshold:
            return None
        self.speaking = True
        # A detector is late by a few frames; without the prefix a word would lose its first sound.
        return TurnStarted(max(0, end - FRAME_SAMPLES - self.settings.prefix))

    def _go_on(self) -> TurnResumed | None:
        self.quiet_since = None
        paused, self._paused = self._paused, False
        return TurnResumed() if paused else None

    def _wait(self, end: Samples) -> TurnPaused | TurnEnded | None:
        if self.quiet_since is None:
            return None
        quiet = end - self.quiet_since
        if quiet >= self.settings.silence:
            return self.end(end)
        # Told once a pause: each one begins a transcription.
        if quiet >= PAUSE and not self._paused:
            self._paused = True
            return TurnPaused()
        return None
