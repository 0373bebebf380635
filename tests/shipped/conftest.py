from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.results import Run
from soundstage.scenario import load_scenario, play

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@pytest.fixture
def simulate(tmp_path: Path) -> Callable[..., Run]:
    """Plays a shipped scenario on the virtual clock; gives the run."""

    def simulate(name: str, *, seed: int | None = None, sets: Sequence[str] = ()) -> Run:
        out = tmp_path / f"{name}-{seed}"
        played = play(load_scenario(name, seed=seed, sets=sets, clock="virtual"), out=out)
        assert played.verdict.exit_code == 0, played.verdict
        return Run.load(out)

    return simulate
