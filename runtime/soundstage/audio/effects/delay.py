"""Delay and jitter of a line."""

from collections import deque
from typing import Annotated, Any, Final, TypeAlias

import numpy as np
from pydantic import AfterValidator

from soundstage.audio.effects.effect import Effect, EffectGiven, EffectSettings, Sound
from soundstage.config.values import Duration
from soundstage.units import FRAME_SAMPLES, Samples

_LONGEST_TIME: Final = Duration("10s")


def _check_time(time: Duration) -> Duration:
    if time > _LONGEST_TIME:
        raise ValueError(f"a line holds sound back for at most {_LONGEST_TIME}, not {time}")
    return time


LineTime: TypeAlias = Annotated[Duration, AfterValidator(_check_time)]
"""A duration of at most 10 s."""


class DelayLine:
    """Returns each frame a fixed time later, to the sample.

    Args:
        delay: how much later.
    """

    def __init__(self, delay: Samples) -> None:
        whole, self._part = divmod(delay, FRAME_SAMPLES)
        nothing = np.zeros(FRAME_SAMPLES, np.float32)
        self._frames: deque[Sound] = deque([nothing] * (whole + 1))

    def push(self, sound: Sound) -> Sound:
        """Take a frame; returns the one that is due with it."""
        self._frames.append(sound)
        older = self._frames.popleft()
        if not self._part:
            return self._frames[0]
        cut = FRAME_SAMPLES - self._part
        return np.concatenate((older[cut:], self._frames[0][:cut]))


class Delay(Effect):
    """Everything is heard later: by a fixed time, and with `jitter` by up to so much more.

    Jitter delays each frame by its own random time; frames stay in order and are played one after
    the other. Where the next has not come yet there is a gap; what has been held up is made up for
    in the next silence.
    """

    class Settings(EffectSettings):
        """The keys of a delay.

        Attributes:
            delay: how much later everything is heard, up to 10 s.
            jitter: the most by which a frame may be later still, drawn for each, up to 10 s.
        """

        delay: LineTime
        jitter: LineTime = Duration("0ms")

    def __init__(self, settings: Any, given: EffectGiven) -> None:
        super().__init__(settings, given)
        self._delay_line = DelayLine(int(settings.delay))
        self._now: Samples = 0
        self._last: Samples = 0
        self._coming: deque[tuple[Samples, Sound]] = deque()
        self._playing = np.empty(0, np.float32)

    @property
    def tail(self) -> Samples:
        """Until the last frame has come."""
        return int(self.settings.delay) + int(self.settings.jitter) + FRAME_SAMPLES

    @property
    def lag(self) -> Samples:
        """The fixed part."""
        return int(self.settings.delay)

    def apply(self, sound: Sound) -> Sound:
        """What comes at the far end while this frame goes in."""
        return self._delay_line.push(self._jittered(sound) if self.settings.jitter else sound)

    def _jittered(self, sound: Sound) -> Sound:
        late = self.given.stream.randint(0, int(self.settings.jitter))
        self._last = max(self._last, self._now + late)
        self._coming.append((self._last, sound))
        played = np.zeros(FRAME_SAMPLES, np.float32)
        place = 0
        while place < FRAME_SAMPLES:
            if not len(self._playing):
                if not self._coming or self._coming[0][0] >= self._now + FRAME_SAMPLES:
                    break
                place = max(place, self._coming[0][0] - self._now)
                self._playing = self._next(self._now + place)
            part = self._playing[: FRAME_SAMPLES - place]
            played[place : place + len(part)] = part
            self._playing = self._playing[len(part) :]
            place += len(part)
        self._now += FRAME_SAMPLES
        return played

    def _next(self, by: Samples) -> Sound:
        """The next frame to play; a silent one is left out where another has come already."""
        _, sound = self._coming.popleft()
        while self._coming and self._coming[0][0] <= by and not sound.any():
            _, sound = self._coming.popleft()
        return sound
