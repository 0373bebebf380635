"""From the tables of effects to effects: presets, kind, settings."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundstage.audio import to_float
from soundstage.audio.effects import PRESETS, Effect, EffectGiven
from soundstage.errors import UsageError, error_text, is_interrupt
from soundstage.recordings import LONGEST_CUE, read_recording
from soundstage.scenario.kinds import installed_effects, load_effect
from soundstage.scenario.model import EffectDeclaration

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.audio.effects import Sound
    from soundstage.config import Validator
    from soundstage.config.values import Channel


def make_effect(
    declared: EffectDeclaration,
    stream: random.Random,
    remark: Callable[[str], object] = lambda _: None,
) -> Effect:
    """An instance of an effect, for one line.

    Args:
        declared: the effect.
        stream: what it draws from.
        remark: is told what is unusual about a recording that it reads.

    Raises:
        UsageError: its table asks for something that cannot be had.
    """
    given = EffectGiven(stream, _OpenSound(declared.folder, remark))
    return declared.effect_class(declared.settings, given)


@dataclass(frozen=True)
class _OpenSound:
    """Reads sound files beside the file that declares an effect."""

    folder: Path
    remark: Callable[[str], object]

    def __call__(self, name: str, channel: Channel | None = None) -> Sound:
        file = self.folder / Path(name).expanduser()
        recording = read_recording(file, longest=LONGEST_CUE, channel=channel)
        for line in recording.remarks:
            self.remark(line)
        return to_float(recording.pcm)


def declared_effects(validator: Validator) -> dict[str, EffectDeclaration]:
    """The effects that every scenario knows and those that this one declares, if they are right."""
    document, diagnostics = validator.document, validator.diagnostics
    found = {
        name: EffectDeclaration(name, effect_class, settings, document.top.folder)
        for name, (effect_class, settings) in PRESETS.items()
    }
    for name, table in validator.named_tables("effects").items():
        if name in PRESETS:
            reason = "every scenario knows this effect: give one of your own another name"
            diagnostics.add(document.place_of(("effects", name)), reason)
            continue
        declared = _declared(name, table, validator)
        if declared is not None:
            found[name] = declared
    return found


def _declared(name: str, table: dict[str, Any], validator: Validator) -> EffectDeclaration | None:
    path = ("effects", name)
    place = validator.document.place_of((*path, "kind"))
    kind = table.get("kind")
    if not isinstance(kind, str):
        reason = "must be text in quotes" if "kind" in table else '"kind" is missing'
        known = ", ".join(installed_effects())
        validator.diagnostics.add(place, f"{reason}: one of {known}, or your own")
        return None
    try:
        effect_class = load_effect(kind, place.folder)
    except UsageError as error:
        validator.diagnostics.add(place, str(error))
        return None
    settings = validator.valid(effect_class.Settings, table, path)
    if settings is None:
        return None
    folder = validator.document.place_of(path).folder
    declared = EffectDeclaration(name, effect_class, settings, folder)
    return declared if _can_be_made(declared, validator) else None


def _can_be_made(declared: EffectDeclaration, validator: Validator) -> bool:
    """Make it once, so that what it lacks is said before the run."""
    place = validator.document.place_of(("effects", declared.name))
    try:
        stream = random.Random(0)  # noqa: S311 - not for secrets
        make_effect(declared, stream, partial(validator.diagnostics.warn, place))
    except UsageError as error:
        validator.diagnostics.add(place, str(error))
    except BaseException as error:
        if is_interrupt(error):
            raise
        validator.diagnostics.add(place, f"making it raised {error_text(error)}")
    else:
        return True
    return False
