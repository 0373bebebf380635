"""A batch that stops when it is decided: after the same runs, whatever made them."""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from dummy_batch import COMMAND, TALK

from soundstage.ledger import LEDGER

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1200)]

RULE = """
[[expect]]
id = "quick"
agent = "ben"
metric = "response_gap.median"
at_most = "1100ms"
[verdict]
at_least = "40%"
max_runs = 400
"""
"""Ben thinks for 100 to 900 ms, so some runs fail, and the bar is well below the others' share."""


def command(file: Path, out: Path, *arguments: str) -> list[str]:
    batch = ["--clock", "virtual", "--until-decided", "--ui", "none", "--out", str(out)]
    return [*COMMAND, str(file), *batch, *arguments]


def decided(file: Path, out: Path, *arguments: str) -> dict[str, Any]:
    """What the batch came to."""
    done = subprocess.run(command(file, out, *arguments), timeout=600, check=False)
    assert done.returncode == 0
    summary = json.loads((out / "summary.json").read_text())
    (cell,) = summary["cells"]
    return {"verdict": summary["verdict"], **{key: cell[key] for key in ("passed", "judged")}}


def test_it_stops_after_the_same_runs_with_any_engine_and_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "talk.toml"
    file.write_text(TALK + RULE)
    found = {"one": decided(file, tmp_path / "one", "--jobs", "1")}
    found["two"] = decided(file, tmp_path / "two", "--jobs", "2")
    if find_spec("ray") is not None:
        found["ray"] = decided(file, tmp_path / "ray", "--jobs", "2", "--engine", "ray")
    out = tmp_path / "killed"
    with subprocess.Popen(command(file, out, "--jobs", "2")) as running:
        while not (out / LEDGER).is_file() or (out / LEDGER).read_bytes().count(b"\n") < 5:
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(0.02)
        running.kill()
    found["killed"] = decided(file, out, "--jobs", "2")
    print(found)
    assert found["one"]["verdict"] == "passed"
    assert 5 < found["one"]["passed"] < found["one"]["judged"]
    assert len({str(each) for each in found.values()}) == 1
