"""`soundstage compare`."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from dummy_batches import batch, row

from soundstage.cli.comparing.compare_command import compare

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-c", "from soundstage.cli import soundstage; soundstage()", "compare"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=50, check=False
    )


@pytest.fixture
def batches(tmp_path: Path) -> tuple[Path, Path]:
    """A batch, and one in which eight runs say other words and fail."""
    said = dict.fromkeys(range(8), "[red]It rains.")
    other = dict.fromkeys(range(8), "[red]It pours.")
    rows = [row(seed) for seed in range(40)]
    worse = [row(s, "failed", words="other") if s < 8 else row(s) for s in range(40)]
    return (
        batch(tmp_path / "a", rows, logs=said),
        batch(tmp_path / "b", worse, logs=other, identity={"tables": {"end": {"turns": 6}}}),
    )


def shown(*folders: Path) -> tuple[int, list[str]]:
    out = StringIO()
    code = compare(*folders, confidence=0.95, as_json=False, out=out)
    return code, out.getvalue().splitlines()


def test_a_worse_batch_exits_with_1_and_its_last_line_is_the_verdict(batches) -> None:
    done = run(*batches)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("\nverdict  regressed: B passes less often\n")


def test_what_changed_is_shown_with_both_sides_words_and_how_to_look_closer(batches) -> None:
    code, lines = shown(*batches)
    assert code == 1
    assert "set      end.turns: 4 | 6" in lines
    assert "pairs    40: 32 identical, 8 regressed" in lines
    place = lines.index("    8 differ first by: bob says other words: rains. | pours., 8 regressed")
    a, b, seeds, diff = (line.strip() for line in lines[place + 1 : place + 5])
    assert a.startswith("A  ")
    assert "“[red]It rains.”" in a
    assert "“[red]It pours.”" in b
    assert seeds == "seeds 0, 1, 2, 3, 4, 5, 6, 7"
    assert diff == f"soundstage diff {batches[0] / 'seed-0'} {batches[1] / 'seed-0'}"
    assert (
        "expected refunds: 0 improved, 8 regressed, p = 0.00781 (0.0156 for all expectations)"
        in lines
    )
    rate, smallest = lines[-3:-1]
    assert rate == (
        "rate     B passes -20.0%: -34.8% to -9.5% (95 % confidence; exact McNemar p = 0.00781)"
    )
    assert smallest.strip() == "40 pairs would have shown a difference of 15.0%"


def test_a_batch_against_itself_is_identical_and_exits_with_0(batches) -> None:
    code, lines = shown(batches[0], batches[0])
    assert code == 0
    assert lines[2:] == [
        "pairs    40: 40 identical",
        "verdict  identical: the same was played and called in each pair",
    ]


def test_json_is_one_line_with_the_verdict(batches) -> None:
    out = StringIO()
    compare(*batches, confidence=0.999, as_json=True, out=out)
    found = json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1
    assert (found["verdict"], found["confidence"]) == ("no_difference_shown", 0.999)


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("soundstage compare: ")
