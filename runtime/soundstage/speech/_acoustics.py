"""The voice model: symbols in, sound and its pitch out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from hibari import dsp  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # it has none
from msgspec import Struct

from soundstage.speech._onnx import open_session

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
