"""The command lines: arguments in, exit code out.

Importing this loads nothing heavy, so that `--help` answers at once.
"""

from soundstage.cli.command_line import run_scenario, soundstage

__all__ = ["run_scenario", "soundstage"]
