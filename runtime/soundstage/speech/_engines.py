"""Engines by name, each loaded when it is first used."""

from __future__ import annotations

import threading
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from soundstage.errors import EngineMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.speech._protocols import Recognizer, Synthesizer, VoiceActivityEngine

SYNTHESIZERS: Final = "soundstage.synthesizers"
RECOGNIZERS: Final = "soundstage.recognizers"
VADS: Final = "soundstage.vads"


class Engines:
    """The engines of a run, chosen by their entry points' names.

    An engine is loaded once for the whole process, whoever asks first, and shared from then on;
    the properties may be read from any thread and wait for a load that is under way. An entry
    point of the groups `soundstage.synthesizers`, `soundstage.recognizers` and `soundstage.vads`
    names something that is called without arguments and returns the engine.

    Args:
        synthesizer: speaks.
        recognizer: understands words.
        vad: tells speech from silence.
    """

    def __init__(
        self,
        synthesizer: str = "hibari",
        recognizer: str = "whisper-tiny.en",
        vad: str = "silero",
    ) -> None:
        self._names = {SYNTHESIZERS: synthesizer, RECOGNIZERS: recognizer, VADS: vad}

    @property
    def synthesizer(self) -> Synthesizer:
        """The voices.

        Raises:
            EngineMissing: the name is not known, or the engine's library is not installed.
            WeightsMismatch: its model is not the one that was tested.
        """
        return cast("Synthesizer", self._engine(SYNTHESIZERS))

    @property
    def recognizer(self) -> Recognizer:
        """The ears for words; raises as `synthesizer`."""
        return cast("Recognizer", self._engine(RECOGNIZERS))

    @property
    def vad(self) -> VoiceActivityEngine:
        """The ears for speech; raises as `synthesizer`."""
        return cast("VoiceActivityEngine", self._engine(VADS))

    def loaded(self) -> dict[str, str]:
        """Those of them that have been loaded: name to version and checksum of the weights."""
        found = (_SHARED.peek(group, name) for group, name in self._names.items())
        engines = [cast("Synthesizer", engine) for engine in found if engine is not None]
        return {engine.name: f"{engine.version} {engine.fingerprint}" for engine in engines}

    def _engine(self, group: str) -> object:
        return _SHARED.get(group, self._names[group])


class _Shared:
    """The engines that this process has loaded."""

    def __init__(self) -> None:
        self._engines: dict[tuple[str, str], object] = {}
        self._loading: dict[tuple[str, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, group: str, name: str) -> object:
        """The engine, loaded by the first thread that asks; one slow load delays no other."""
        key = (group, name)
        with self._lock:
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            if key not in self._engines:
                self._engines[key] = _load(group, name)
            return self._engines[key]

    def peek(self, group: str, name: str) -> object | None:
        """The engine if it has been loaded."""
        return self._engines.get((group, name))


_SHARED: Final = _Shared()


def _load(group: str, name: str) -> object:
    known = entry_points(group=group)
    if name not in known.names:
        names = ", ".join(sorted(known.names)) or "none"
        raise EngineMissing(f"no engine '{name}' in {group}: known are {names}")
    entry = known[name]
    try:
        make: Callable[[], object] = entry.load()
    except ImportError as error:
        raise EngineMissing(
            f"engine '{name}' ({entry.value}) cannot be imported: {error}; install what it needs"
        ) from error
    return make()
