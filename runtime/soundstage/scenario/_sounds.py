"""Recordings that a scenario names, as the run hears them."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np

from soundstage.audio import Resampler, to_pcm
from soundstage.errors import UsageError
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_SECONDS = 120
"""As long as an agent may speak at a stretch."""


def read_sound(path: Path) -> bytes:
    """A WAV file of 16-bit samples as 24 kHz mono PCM, its channels mixed.

    Raises:
        UsageError: it cannot be read, is of another kind, or is too long.
    """
    try:
        with wave.open(str(path)) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            if width != 2:  # noqa: PLR2004 - bytes
                raise UsageError(f"{path} has {8 * width}-bit samples: 16-bit ones are needed")
            if file.getnframes() > LONGEST_SECONDS * rate:
                raise UsageError(f"{path} is longer than {LONGEST_SECONDS} s")
            data = file.readframes(file.getnframes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except (EOFError, wave.Error) as error:
        raise UsageError(f"{path} is no WAV file of plain samples: {error}") from None
    whole = len(data) - len(data) % (2 * channels)
    samples = np.frombuffer(data[:whole], "<i2").reshape(-1, channels)
    mono = samples.mean(axis=1, dtype=np.float32) / np.float32(32768)
    if rate != SAMPLE_RATE:
        resampler = Resampler(rate, SAMPLE_RATE)
        mono = np.concatenate([resampler.push(mono), resampler.flush()])
    return to_pcm(mono)
