"""A day of talk in simulated time: what a run holds does not grow with its length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dummy_soak import read_held, write_soak

from soundstage import run_scenario

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_a_day_of_talk_holds_no_more_than_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = write_soak(tmp_path, minutes=1440, every=HOUR)
    run = run_scenario(file, out=tmp_path / "run", check=False)
    held = read_held(tmp_path, every=HOUR)
    log = (run.folder / "events.jsonl").stat().st_size
    print(
        f"{len(run.turns)} turns; RSS {held.rss[0]:.0f} to {held.rss[-1]:.0f} MB, "
        f"{held.slope:.4f} MB a minute; log {log / max(len(run.turns), 1):.0f} bytes a turn"
    )
    assert (run.outcome, run.reason) == ("ended", "max")
    assert len(run.turns) > 2000
    assert held.slope < 0.1
    assert len(held.threads) == 1
    assert max(held.descriptors) <= held.descriptors[0] + 1
    assert log / len(run.turns) < 4000
