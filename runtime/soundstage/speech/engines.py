"""Engines by name, each loaded when it is first used."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, cast

from soundstage.errors import (
    EngineFailed,
    EngineMissing,
    SoundstageError,
    error_text,
    is_interrupt,
)
from soundstage.installed import installed
from soundstage.speech.cached_engines import CachedRecognizer, CachedSynthesizer
from soundstage.speech.identities import IdentifiedEngine, Identity
from soundstage.speech.shared.shared_recognizer import SharedRecognizer
from soundstage.speech.tts_voices import voice_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

    from soundstage.cache import Cache
    from soundstage.speech.protocols import Engine, Recognizer, Synthesizer, VoiceActivityEngine

SYNTHESIZERS: Final = "soundstage.synthesizers"
RECOGNIZERS: Final = "soundstage.recognizers"
VADS: Final = "soundstage.vads"
IDENTITIES: Final = "soundstage.identities"


class Engines:
    """The engines of a run, chosen by their entry points' names.

    An engine is loaded once for the whole process, and shared from then on; the properties may be
    read from any thread, and wait for a load that is under way. An entry
    point of the groups `soundstage.synthesizers`, `soundstage.recognizers` and `soundstage.vads`
    names something that is called without arguments and returns the engine.

    With a cache, an engine is loaded only for what is not in it, if an entry point of the group
    `soundstage.identities` tells what it is; see `identities`.

    Args:
        synthesizer: text to speech.
        recognizer: speech to text.
        vad: voice activity detection.
        cache: where results are; None to compute every one.
    """

    def __init__(
        self,
        synthesizer: str = "hibari",
        recognizer: str = "whisper-tiny.en",
        vad: str = "silero",
        *,
        cache: Cache | None = None,
    ) -> None:
        self._names = {SYNTHESIZERS: synthesizer, RECOGNIZERS: recognizer, VADS: vad}
        self._cache = cache
        self._used: dict[str, Engine] = {}
        self._lock = threading.Lock()

    @property
    def synthesizer(self) -> Synthesizer:
        """Text to speech (TTS).

        Raises:
            EngineMissing: the name is not known, or the engine's library is not installed.
            WeightsMismatch: its model is not the one that was tested.
        """
        return cast("Synthesizer", self._engine(SYNTHESIZERS))

    @property
    def recognizer(self) -> Recognizer:
        """Speech to text (STT); raises as `synthesizer`."""
        return cast("Recognizer", self._engine(RECOGNIZERS))

    @property
    def vad(self) -> VoiceActivityEngine:
        """Voice activity detection (VAD); raises as `synthesizer`."""
        return cast("VoiceActivityEngine", self._engine(VADS))

    def load_listening_engines(self) -> None:
        """Load the recogniser and voice activity, whether or not the cache has their results.

        Raises:
            EngineMissing: as `recognizer`.
            WeightsMismatch: likewise.
        """
        for group in (VADS, RECOGNIZERS):
            _SHARED.get(group, self._names[group])

    @property
    def cache(self) -> Cache | None:
        """Where results of any kind are kept; None where every one is to be computed."""
        return self._cache

    def is_cached(self, text: str, voice: str) -> bool:
        """Whether the cache holds any of a text, said by this voice at the usual speed.

        Raises:
            EngineMissing: as `synthesizer`.
            WeightsMismatch: likewise.
        """
        synthesizer = self.synthesizer
        if not isinstance(synthesizer, CachedSynthesizer):
            return False
        return synthesizer.knows(text, voice_for(voice, synthesizer.voices)[0])

    def used(self) -> dict[str, str]:
        """Those that were asked for: name to version and checksum of the weights."""
        used = [self._used[group] for group in self._names if group in self._used]
        return {engine.name: f"{engine.version} {engine.fingerprint}" for engine in used}

    def versions(self) -> dict[str, str]:
        """Every engine that could be asked for: name to version and checksum of the weights.

        Raises:
            EngineMissing: as `synthesizer`.
            WeightsMismatch: likewise.
        """
        known = {name: _SHARED.identity(group, name) for group, name in self._names.items()}
        return {name: f"{each.version} {each.fingerprint}" for name, each in known.items()}

    def keep(self) -> None:
        """Write what is still to be written into the cache: at the end of a run."""
        from soundstage.speech.cached_vad import CachedVoiceActivity  # noqa: PLC0415

        vad = self._used.get(VADS)
        if isinstance(vad, CachedVoiceActivity):
            vad.keep()

    def _engine(self, group: str) -> Engine:
        engine = self._used.get(group)
        if engine is None:
            engine = self._find(group)
            with self._lock:
                engine = self._used.setdefault(group, engine)
        return engine

    def _find(self, group: str) -> Engine:
        name = self._names[group]

        def load() -> Any:
            return _SHARED.get(group, name)

        if self._cache is None:
            engine = load()
            return SharedRecognizer(engine) if group == RECOGNIZERS else cast("Engine", engine)
        identified: IdentifiedEngine[Any] = IdentifiedEngine(
            name, _SHARED.identity(group, name), load
        )
        if group == SYNTHESIZERS:
            return CachedSynthesizer(identified, self._cache)
        if group == RECOGNIZERS:
            return SharedRecognizer(CachedRecognizer(identified, self._cache))
        # Imported here: it needs numpy, and importing this package loads nothing heavy.
        from soundstage.speech.cached_vad import CachedVoiceActivity  # noqa: PLC0415

        return CachedVoiceActivity(identified, self._cache)


class _Shared:
    """The engines that this process has loaded, and what it knows of others."""

    def __init__(self) -> None:
        self._engines: dict[tuple[str, str], object] = {}
        self._identities: dict[tuple[str, str], Identity] = {}
        self._loading: dict[tuple[str, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, group: str, name: str) -> object:
        """The engine, loaded by the first thread that asks; a slow load delays no other engine."""
        key = (group, name)
        with self._lock:
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            if key not in self._engines:
                self._engines[key] = _load(group, name)
            return self._engines[key]

    def identity(self, group: str, name: str) -> Identity:
        """What an engine says of itself; it is loaded if no entry point of its identity exists."""
        key = (group, name)
        if key not in self._identities:
            identity = _identity(group, name)
            if identity is None:
                engine: Any = self.get(group, name)
                voices = tuple(getattr(engine, "voices", ()))
                identity = Identity(engine.version, engine.fingerprint, voices)
            self._identities[key] = identity
        return self._identities[key]


_SHARED: Final = _Shared()

# pytest parses the modules of its plugins, this package among them, when they are imported; in two
# threads at once, the parser of CPython 3.11 fails ("AST constructor recursion depth mismatch").
_IMPORTING: Final = threading.Lock()


def _load(group: str, name: str) -> object:
    known = installed(group)
    if name not in known.names:
        names = ", ".join(sorted(known.names)) or "none"
        raise EngineMissing(f"no engine '{name}' in {group}: known are {names}")
    entry = known[name]
    try:
        with _IMPORTING:
            make: Callable[[], object] = entry.load()
    except ImportError as error:
        raise EngineMissing(
            f"engine '{name}' ({entry.value}) cannot be imported: {error}; install what it needs"
        ) from error
    try:
        return _checked(group, make(), entry)
    except SoundstageError:
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise
        told = f"the engine '{name}' ({entry.value}) raised {error_text(error)}"
        raise EngineFailed(told) from error


def _checked(group: str, engine: Any, entry: EntryPoint) -> object:
    """The engine, its results looked at.

    Voice activity is judged 50 times a second for each listener, so the shipped detector, which
    its tests vouch for, is left as it is.
    """
    from soundstage.speech.checked import checked_engines  # noqa: PLC0415 - only where an engine is loaded

    if group == SYNTHESIZERS:
        return checked_engines.CheckedSynthesizer(engine)
    if group == RECOGNIZERS:
        return checked_engines.CheckedRecognizer(engine)
    if entry.value.partition(".")[0] == "soundstage":
        return engine
    return checked_engines.CheckedVoiceActivityEngine(engine)


def _identity(group: str, name: str) -> Identity | None:
    """What an engine says of itself before it is loaded, or None."""
    known = installed(IDENTITIES)
    if name in known.names and name in installed(group).names:
        return cast("Identity", known[name].load()())
    return None
