"""`--version`, of both commands."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest


@pytest.mark.parametrize("command", ["run_scenario", "soundstage"])
def test_a_command_prints_the_version_of_the_package(command: str) -> None:
    program = f"from soundstage.cli import {command}; {command}()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--version"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    version = metadata.version("soundstage")
    assert done.stdout.startswith(f"soundstage {version} (Python {sys.version.split()[0]}")
    assert done.stderr == ""
