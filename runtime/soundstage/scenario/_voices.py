"""Voices: a free one for each agent that names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.config.values import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.config import Diagnostics, Document

VOICES = (
    *("marin", "cedar", "shimmer", "ash", "coral"),
    *("echo", "sage", "verse", "alloy", "ballad"),
)
"""The voices of the Realtime API, in the order in which they are given out."""


def free_voices(chosen: Mapping[str, str | None]) -> dict[str, str]:
    """A voice for every agent: its own, else the next that no other agent has.

    Args:
        chosen: agent to the voice it names, in the order of declaration.
    """
    taken = {voice for voice in chosen.values() if voice}
    free = [voice for voice in VOICES if voice not in taken]
    voices: dict[str, str] = {}
    for name, voice in chosen.items():
        spare = free or list(VOICES)
        voices[name] = voice or spare[0]
        # With more agents than voices they are given out a second time, in the same order.
        free = [other for other in spare if other != voices[name]] if not voice else free
    return voices


def warn_about_voices(
    voices: Mapping[str, str], document: Document, diagnostics: Diagnostics
) -> None:
    """Warn about voices that are unknown, and about agents that sound alike."""
    first: dict[str, str] = {}
    for name, voice in voices.items():
        place = document.place_of(("agents", name, "voice"))
        if voice in first:
            diagnostics.warn(
                place, f'"{voice}" is the voice of {first[voice]}, too: they sound alike'
            )
        first.setdefault(voice, name)
        if voice not in VOICES:
            hint = suggestion(voice, VOICES)
            diagnostics.warn(
                place, f'"{voice}" is no known voice, and a stand-in speaks locally; {hint}'
            )
