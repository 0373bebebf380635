"""The two clocks."""

from __future__ import annotations

from typing import Final

WALL: Final = "wall"
"""Time as it passes: sound cards, browsers and networks keep it."""

VIRTUAL: Final = "virtual"
"""Time that jumps to the next thing that can happen: as fast as the machine goes."""
