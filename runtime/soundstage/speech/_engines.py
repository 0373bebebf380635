"""The engines of a run: named in the scenario, loaded when they are first used."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from soundstage.errors import EngineMissing

if TYPE_CHECKING:
    from soundstage.speech._protocols import Recognizer, Synthesizer, VoiceActivityEngine

_loaded: dict[tuple[str, str], Any] = {}
_lock = threading.Lock()


class Engines:
    """Speech engines by name; each is loaded once in a process, whoever asks.

    Args:
        synthesizer: an entry point of the group `soundstage.synthesizers`.
        recognizer: one of `soundstage.recognizers`.
        vad: one of `soundstage.vads`.

    Raises:
        EngineMissing: by its attributes: no such engine, or its package is not installed.
        WeightsMismatch: by its attributes: a model file is not the one that was tested.
    """

    def __init__(
        self,
        synthesizer: str = "hibari",
        recognizer: str = "whisper-tiny.en",
        vad: str = "silero",
    ) -> None:
        self._names = (synthesizer, recognizer, vad)

    @cached_property
    def synthesizer(self) -> Synthesizer:
        """Text to speech."""
        return _load("soundstage.synthesizers", self._names[0])

    @cached_property
    def recognizer(self) -> Recognizer:
        """Speech to text."""
        return _load("soundstage.recognizers", self._names[1])

    @cached_property
    def vad(self) -> VoiceActivityEngine:
        """Voice activity."""
        return _load("soundstage.vads", self._names[2])

    def load(self) -> None:
        """Load all three now, so that nobody waits for them later."""
        _ = (self.vad, self.synthesizer, self.recognizer)


def _load(group: str, name: str) -> Any:  # noqa: ANN401 - an entry point can be anything
    with _lock:
        if (group, name) in _loaded:
            return _loaded[group, name]
        found = entry_points(group=group)
        if name not in found.names:
            known = ", ".join(sorted(found.names)) or "none"
            raise EngineMissing(f"no speech engine {name!r} in {group}; installed are: {known}")
        # More threads change hibari's samples, and cost CPU for nothing; must be set before BLAS
        # loads, and means nothing after.
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
        try:
            _loaded[group, name] = found[name].load()()
        except ImportError as error:
            raise EngineMissing(f"the speech engine {name!r} cannot be loaded: {error}") from error
        return _loaded[group, name]
