"""An effect on its own, fed with sound of any length."""

import random

import numpy as np

from soundstage.audio.effects import EffectGiven
from soundstage.errors import UsageError
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE


def no_file(name):
    raise UsageError(f"{name} is not here")


def make(effect, *, seed=1, open_sound=no_file, **table):
    """An effect by its table."""
    settings = effect.Settings.model_validate({"kind": "x", **table})
    return effect(settings, EffectGiven(random.Random(seed), open_sound))


def run(effect, sound):
    """What comes out, as long as what goes in; the last frame is filled with silence."""
    whole = -(-len(sound) // FRAME_SAMPLES) * FRAME_SAMPLES
    padded = np.zeros(whole, np.float32)
    padded[: len(sound)] = sound
    frames = padded.reshape(-1, FRAME_SAMPLES)
    for frame in frames:
        frame.setflags(write=False)
    return np.concatenate([effect.apply(frame) for frame in frames])[: len(sound)]


def tone(frequency, seconds, level=0.25):
    return (level * np.sin(2 * np.pi * frequency * time(seconds))).astype(np.float32)


def white(seconds, level=0.1, seed=7):
    draw = np.random.Generator(np.random.PCG64(seed))
    return (level * draw.standard_normal(len(time(seconds)))).astype(np.float32)


def time(seconds):
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def decibels(sound, against=1.0):
    """Mean power, against that of another sound."""
    power = np.mean(np.square(sound, dtype=float))
    other = np.mean(np.square(against, dtype=float))
    return 10 * np.log10(max(power, 1e-12) / other)
