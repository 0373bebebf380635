"""A virtual environment of its own, for a framework whose versions do not agree with ours."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def python_with(folder: Path, *packages: str) -> str:
    """The interpreter of an environment with these packages; skips where pip cannot have them."""
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=120)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if installed.returncode:
        pytest.skip(f"pip cannot install: {installed.stderr[-300:]}")
    return str(python)
