"""Everybody hears all the others and never itself: shown with a tone for each."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.audio import to_float, to_pcm
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from soundstage.pytest_plugin import RunScenario

FREQUENCY = {"ann": 440, "ben": 620, "cleo": 870, "dan": 1230, "eve": 1730, "fay": 2450}
SECONDS = 2
LEVEL = 0.1


def record_tones(folder: Path) -> None:
    """A file for each, with its tone."""
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    for name, frequency in FREQUENCY.items():
        tone = LEVEL * np.sin(2 * np.pi * frequency * time)
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(to_pcm(tone.astype(np.float32)))


def scene(folder: Path, effects: str = "") -> Path:
    """All of them in one room, each playing its file."""
    agents = "".join(
        f'[agents.{name}]\nkind = "file"\nplays = "{name}.wav"\n{effects}' for name in FREQUENCY
    )
    path = folder / "tones.toml"
    path.write_text(f"""
{agents}
[rooms.lobby]
members = {list(FREQUENCY)}
[end]
max = "4s"
[record]
tracks = ["said", "heard"]
""")
    return path


def levels(sound: NDArray[np.int16]) -> dict[str, float]:
    """How loud each one's tone is, 1.0 as loud as it was recorded."""
    samples = to_float(sound.tobytes())
    # Half a second in the middle, where all of them sound.
    audible = np.flatnonzero(np.abs(samples) > LEVEL / 4)
    middle = int(audible[0] + audible[-1]) // 2
    part = samples[middle - SAMPLE_RATE // 4 : middle + SAMPLE_RATE // 4]
    window = np.hanning(len(part))
    time = np.arange(len(part)) / SAMPLE_RATE
    return {
        name: abs(2 * np.sum(part * window * np.exp(-2j * np.pi * frequency * time)))
        / window.sum()
        / LEVEL
        for name, frequency in FREQUENCY.items()
    }


def test_each_tone_is_in_every_other_heard_track_and_not_in_its_own(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    record_tones(tmp_path)
    run = run_scenario(scene(tmp_path))
    for listener in FREQUENCY:
        heard = levels(run.audio(listener, "heard"))
        assert heard.pop(listener) < 0.001
        assert heard == pytest.approx(dict.fromkeys(heard, 1.0), abs=0.01)


def test_nobody_hears_itself_over_telephones_either(
    run_scenario: RunScenario, tmp_path: Path
) -> None:
    record_tones(tmp_path)
    run = run_scenario(scene(tmp_path, 'line = { sends = ["phone"], hears = ["phone"] }\n'))
    for listener in FREQUENCY:
        heard = levels(run.audio(listener, "heard"))
        # Companding adds a little of everything.
        assert heard.pop(listener) < 0.02
        assert min(heard.values()) > 0.5
