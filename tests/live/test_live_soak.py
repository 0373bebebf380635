"""Twenty minutes of a live call: what the process holds stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dummy_soak import read_held, write_soak

from soundstage import run_scenario
from soundstage.realtime.server import conversation
from soundstage.speech.shared import judged_windows

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = 60


@pytest.mark.prove
@pytest.mark.realtime
@pytest.mark.timeout(2400)
def test_twenty_minutes_of_a_live_call_hold_no_more_than_its_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # A session keeps the newest sound of its conversation, up to 16 MB, which is more than is said
    # in twenty minutes; and a run the newest judgements of voice activity, up to 5 MB. With less,
    # these bounds are reached at once, and what else grows is seen.
    monkeypatch.setattr(conversation, "MOST_AUDIO_BYTES", 256 * 1024)
    monkeypatch.setattr(judged_windows, "MOST_KEPT", 64)
    file = write_soak(tmp_path, minutes=20, every=MINUTE)
    run = run_scenario(file, clock="wall", out=tmp_path / "run", check=False)
    held = read_held(tmp_path, every=MINUTE)
    print(
        f"{len(run.turns)} turns; RSS {held.rss[0]:.0f} to {held.rss[-1]:.0f} MB, "
        f"{held.slope:.4f} MB a minute; threads {sorted(held.threads)}, "
        f"descriptors {held.descriptors[0]} to {held.descriptors[-1]}"
    )
    assert (run.outcome, run.reason) == ("ended", "max")
    assert len(run.turns) > 60
    assert held.slope < 0.1
    # The loop's pool may take one thread more or less while it works.
    assert max(held.threads) - min(held.threads) <= 1
    assert max(held.descriptors) <= held.descriptors[0] + 2
