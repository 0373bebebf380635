"""What a shell offers when the Tab key is pressed.

A completion runs the command at each press of the key, so it imports what it needs and no more.
"""

from __future__ import annotations

from pathlib import Path


def complete_scenario(incomplete: str) -> list[str]:
    """The shipped scenarios, and the TOML files of the folder that is being typed."""
    from soundstage.scenario import list_scenarios  # noqa: PLC0415 - as the module says

    shipped = [found.name for found in list_scenarios()]
    folder = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    files = [path.as_posix() for path in sorted(folder.glob("*.toml"))]
    return [name for name in (*shipped, *files) if name.startswith(incomplete)]


def complete_engine(incomplete: str) -> list[str]:
    """The synthesizers that packages bring."""
    from soundstage.installed import installed  # noqa: PLC0415 - as the module says

    names = sorted(installed("soundstage.synthesizers").names)
    return [name for name in names if name.startswith(incomplete)]


def complete_voice(incomplete: str) -> list[str]:
    """The voices of the engine that is used when no other is named."""
    from soundstage.speech.identities import hibari  # noqa: PLC0415 - as the module says

    return [name for name in hibari().voices if name.startswith(incomplete)]
