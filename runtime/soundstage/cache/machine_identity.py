"""What identifies the arithmetic of a machine: its numerical libraries and its processor."""

from __future__ import annotations

import platform
import re
from functools import lru_cache
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Final

from soundstage.installed import version_of

_LIBRARIES: Final = ("numpy", "scipy", "soxr", "onnxruntime", "ctranslate2")
"""Libraries whose versions may change the last bits of a sample."""

_WIDE: Final = re.compile(r"\b(?:avx\w*|fma\w*|amx\w*|f16c|asimd\w*|sve\w*|i8mm|bf16)\b")
"""Processor features for which numerical libraries have code of their own."""

_FIRST_CORE: Final = 8192
"""Bytes of the list of processors that hold the first one."""


@lru_cache(maxsize=1)
def machine() -> str:
    """The numerical libraries' versions, and the processor's kind and level of features."""
    libraries = " ".join(f"{name}={_version(name)}" for name in _LIBRARIES)
    return f"{libraries} {processor(_described())}"


def processor(description: str) -> str:
    """The kind and level of features of the processor that `/proc/cpuinfo` describes.

    Its vendor counts too: some libraries have other code for each of them.
    """
    vendor = re.search(r"^(?:vendor_id|CPU implementer)\s*:\s*(\S+)", description, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", description, re.MULTILINE)
    features = sorted(set(_WIDE.findall(flags[1]))) if flags else [platform.processor()]
    return " ".join([platform.machine(), vendor[1] if vendor else "", *features])


def _described() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            return file.read(_FIRST_CORE)
    except OSError:  # not Linux
        return ""


def _version(library: str) -> str:
    try:
        return version_of(library)
    except PackageNotFoundError:
        return "none"
