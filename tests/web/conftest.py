from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dummy_played import QUIET, Played

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Callable[..., Played]]:
    """Starts a run of a scenario, a file or its text, in `tmp_path / "run"`."""
    runs: list[Played] = []

    def play(scenario: Path | str, *arguments: str) -> Played:
        if isinstance(scenario, str):
            (tmp_path / "quiet.py").write_text(QUIET)
            (tmp_path / "call.toml").write_text(scenario)
            scenario = tmp_path / "call.toml"
        runs.append(Played(scenario, *arguments, "--out", tmp_path / "run"))
        return runs[-1]

    yield play
    for run in runs:
        run.kill()
