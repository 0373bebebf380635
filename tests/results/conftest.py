from __future__ import annotations

import pytest
from dummy_run import SECOND, call

from soundstage.results import Archive, RunFolder
from soundstage.units import FRAME_SAMPLES


@pytest.fixture
def recorded(tmp_path) -> RunFolder:
    """The folder of a call that was recorded to its end."""
    folder = RunFolder.at(tmp_path / "run")
    archive = Archive.open(folder, ("alice", "bob"))
    for event in call():
        archive.event(event)
    archive.frame(SECOND, {"alice": b"\1\0" * FRAME_SAMPLES}, {"bob": b"\2\0" * FRAME_SAMPLES})
    archive.close(12 * SECOND)
    return folder
