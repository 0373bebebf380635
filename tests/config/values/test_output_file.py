"""Files that a run writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.config.values import OutputFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    [
        "",
        "s.toml",
        "heard",
        "../heard.wav",
        "a/../../heard.wav",
        "a\\..\\heard.wav",
        "audio/mix.wav",
        "x\0.wav",
        ".wav",
    ],
)
def test_what_leaves_the_run_folder_or_lies_among_its_own_files_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="written into the run folder"):
        OutputFile(name)


def test_it_is_made_in_the_run_folder_with_the_folders_above_it(tmp_path: Path) -> None:
    made = OutputFile("kept/heard.wav").created(tmp_path)
    assert made == tmp_path / "kept" / "heard.wav"
    assert made.read_bytes() == b""


def test_an_agent_that_is_restarted_overwrites_nothing(tmp_path: Path) -> None:
    made = [OutputFile("heard.wav").created(tmp_path).name for _ in range(3)]
    assert made == ["heard.wav", "heard-2.wav", "heard-3.wav"]


def test_an_absolute_path_is_taken_unless_a_file_is_there(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    assert OutputFile(str(path)).created(tmp_path / "run") == path
    with pytest.raises(FileExistsError):
        OutputFile(str(path)).created(tmp_path / "run")
