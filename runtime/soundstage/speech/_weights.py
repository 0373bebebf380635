"""Model files, checked before they are used."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from soundstage.errors import EngineMissing, WeightsMismatch

_BLOCK = 1 << 20


def package_file(package: str, name: str) -> Path:
    """A file inside an installed package, at any depth, found without importing that.

    Raises:
        EngineMissing: the package is not installed, or the file is not in it.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineMissing(f"the package {package} is not installed: pip install soundstage")
    found = sorted(Path(spec.origin).parent.rglob(name))
    if not found:
        raise EngineMissing(f"{package} has no {name}: the package is broken; reinstall it")
    return found[0]


def checked(path: Path, sha256: str) -> Path:
    """The path, if the file's SHA-256 is this one.

    Raises:
        WeightsMismatch: it is another one.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise WeightsMismatch(
            f"{path} is not the model that was tested: its SHA-256 is {digest.hexdigest()}, "
            f"expected {sha256}; reinstall the package it came with"
        )
    return path
