"""Every wrong file says itself what is wrong with it: `# !! KEY PATH | WORDS` on the line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from soundstage.errors import ScenarioError
from soundstage.scenario import load_scenario

WRONG = sorted((Path(__file__).parent / "wrong").glob("*.toml"))
MARK = re.compile(r"# !! ([^|#]*?) ?\| ([^#\n]+?)\s*(?=#|$)", re.MULTILINE)


def expected(path: Path) -> list[tuple[str, str]]:
    """The start of each fault's line, and words that it must have."""
    found: list[tuple[str, str]] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for key_path, words in MARK.findall(line):
            where = path.name if key_path == "file" else f"{path.name}:{number}"
            inner = "" if key_path in {"file", ""} else f" {key_path}:"
            found.append((f"{where}:{inner}", words))
    return found


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_file_is_told_with_file_line_key_path_and_hint(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path.name)
    left = list(caught.value.faults)
    for start, words in expected(path):
        [fault] = [line for line in left if line.startswith(start) and words in line]
        left.remove(fault)
    assert left == []


def test_there_are_at_least_forty_wrong_files():
    assert len(WRONG) >= 40
    assert all(expected(path) for path in WRONG)
