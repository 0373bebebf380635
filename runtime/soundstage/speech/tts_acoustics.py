"""The voice model, phonemes in and sound out, and shifting the pitch of a voice."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from hibari import dsp  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # it has none
from msgspec import Struct

from soundstage.speech.onnx_model import open_session
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from soundstage.units import Samples

HOP: Final = 300
"""Samples for which the model gives one pitch."""

SYMBOL_STEP: Final = 600
"""Samples of the unit in which the model counts how long a symbol lasts."""

EARLY: Final[Samples] = 960
"""How much sooner than the model counts a symbol is heard, measured at pauses between words."""

_SPECTRA: Final = ("lh", "theta", "ln", "lr", "phi")
_PITCH: Final = "f0"
_LENGTHS: Final = "/Cast_32_output_0"

_VOICED: Final = 40.0
_UNVOICED_RATE: Final = 100.0
_SHORTEST: Final = 40
_LONGEST: Final = 600
_MARGIN: Final = 1_024


class Sound(Struct, frozen=True):
    """What the model made of a reading.

    Attributes:
        samples: 24 kHz, full scale at 1.
        pitch: Hz for every `HOP` samples, 0 where there is no voice.
        lengths: samples for every symbol of the reading.
    """

    samples: NDArray[np.float32]
    pitch: NDArray[np.float32]
    lengths: tuple[int, ...]


class AcousticModel:
    """hibari's network and vocoder, without its voice settings.

    Args:
        weights: the model file's content.
    """

    def __init__(self, weights: bytes) -> None:
        self._session = open_session(weights + _as_output(_LENGTHS))

    def speak(self, symbols: Sequence[int], speed: float) -> Sound:
        """Say a reading; equal arguments give equal samples.

        Args:
            symbols: of a reading, edge marks included.
            speed: 1.0 is the pace it was trained at; 0.5 to 2.0 sounds well.
        """
        inputs: dict[str, NDArray[Any]] = {
            "ids": np.asarray([symbols], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        outputs = self._session.run([*_SPECTRA, _PITCH, _LENGTHS], inputs)
        *spectra, pitch = (output[0] for output in outputs[:-1])
        lengths = outputs[-1] * SYMBOL_STEP
        return Sound(_waveform(spectra, pitch), pitch, tuple(lengths.tolist()))


def _waveform(
    spectra: Sequence[NDArray[np.float32]], pitch: NDArray[np.float32]
) -> NDArray[np.float32]:
    # The breath in a voice is noise; always the same noise, so that a text always sounds the same.
    noise = np.random.Generator(np.random.PCG64(0))
    return cast("NDArray[np.float32]", cast("Any", dsp).synth(*spectra, pitch, noise))


def _as_output(tensor: str) -> bytes:
    """What to append to an ONNX file so that it also gives out one of its inner tensors.

    A protobuf message that follows another one is merged into it, so this is a model that
    consists of a graph that consists of one output.
    """
    model_graph, graph_output, value_name = 7, 12, 1
    message = tensor.encode()
    for field in (value_name, graph_output, model_graph):
        message = bytes((field << 3 | 2, len(message))) + message
    return message


def shift_pitch(
    samples: NDArray[np.float32], pitch: NDArray[np.float32], hop: int, ratio: float
) -> NDArray[np.float32]:
    """Multiply the pitch of a voice by `ratio`.

    TD-PSOLA: periods are cut out around their pitch marks and set down again closer together
    or further apart, some of them twice or not at all; where there is no voice they stay.

    Args:
        samples: 24 kHz.
        pitch: Hz for every `hop` samples, below 40 where there is no voice.
        hop: samples between two values of `pitch`.
        ratio: above 1 for a higher voice; 0.5 to 2 sounds well.
    """
    rate = np.repeat(pitch.astype(np.float64), hop)[: len(samples)]
    voiced = rate > _VOICED
    rate = np.where(voiced, rate, _UNVOICED_RATE)
    marks = np.flatnonzero(np.diff(np.floor(np.cumsum(rate) / SAMPLE_RATE)) > 0)
    if not len(marks):
        return samples
    following = marks[-1] + int(SAMPLE_RATE / rate[marks[-1]])
    periods = np.clip(np.diff(marks, append=following), _SHORTEST, _LONGEST)
    steps = np.where(voiced[marks], periods / ratio, periods)
    return _overlap_add(samples, marks, periods, steps)


def _overlap_add(
    samples: NDArray[np.float32],
    marks: NDArray[np.int64],
    periods: NDArray[np.int64],
    steps: NDArray[np.float64],
) -> NDArray[np.float32]:
    padded = np.pad(samples, _MARGIN)
    shifted = np.zeros_like(padded)
    # Python numbers: the loop below runs once a period, and numpy's scalars would double its cost.
    nearest_until = [*((marks[1:] + marks[:-1]) / 2).tolist(), float("inf")]
    sources, halves, ahead = (marks + _MARGIN).tolist(), periods.tolist(), steps.tolist()
    at, nearest = float(marks[0]), 0
    while at < len(samples):
        while nearest_until[nearest] <= at:
            nearest += 1
        half, source, target = halves[nearest], sources[nearest], _MARGIN + int(at)
        shifted[target - half : target + half] += padded[source - half : source + half] * _window(
            half
        )
        at += ahead[nearest]
    return shifted[_MARGIN : _MARGIN + len(samples)]


@cache
def _window(half: int) -> NDArray[np.float32]:
    return np.hanning(2 * half).astype(np.float32)
