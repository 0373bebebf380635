"""The version, as both commands print it."""

from __future__ import annotations

import platform
import sys
from importlib import metadata

import typer


def print_version(wanted: bool) -> None:  # noqa: FBT001 - the value of a flag
    """Print the versions of the package and of Python, and exit; nothing without `--version`."""
    if wanted:
        version = metadata.version("soundstage")
        sys.stdout.write(f"soundstage {version} (Python {platform.python_version()})\n")
        raise typer.Exit
