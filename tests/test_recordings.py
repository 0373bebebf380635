"""Files that are no recordings are told from those that are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.errors import UsageError
from soundstage.recordings import read_recording

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", [b"", b"no sound at all", b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.wav"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"some\.wav"):
        read_recording(file)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no file"):
        read_recording(tmp_path / "none.wav")
