"""The fixture `run_scenario`, as somebody else's test uses it."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

SCENARIO = """
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there."]
[agents.ben]
voice = "ash"
[[links]]
between = ["ann", "ben"]
[end]
turns = 1
max = "9s"
"""

TESTS = f'''
SCENARIO = """{SCENARIO}"""

def test_passes(run_scenario, tmp_path):
    first = run_scenario(toml=SCENARIO)
    second = run_scenario(toml=SCENARIO)
    assert first.clock == "virtual"
    assert first.folder != second.folder
    assert first.folder.is_relative_to(tmp_path.resolve())
    assert first.fingerprint == second.fingerprint

def test_whose_run_fails(run_scenario):
    run_scenario(toml=SCENARIO, set={{"end.max": "1s"}})

def test_that_looks_anyway_and_fails(run_scenario):
    run = run_scenario(toml=SCENARIO, check=False)
    assert "nonesuch" in run.said_by("ann")
'''


@pytest.mark.timeout(120)
def test_the_report_of_a_failed_test_shows_how_its_run_went(tmp_path):
    (tmp_path / "test_theirs.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-W", "error", "."]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False
    )
    assert "2 failed, 1 passed" in done.stdout, done.stdout
    assert "RunFailed: failed: max (no other end was reached" in done.stdout
    assert "run-1" in done.stdout
    assert "run of inline, seed 0" in done.stdout
    assert "Hello there." in done.stdout


SHARED = f'''
import pytest

@pytest.fixture(scope="module")
def call(run_scenario_session):
    return run_scenario_session(toml="""{SCENARIO}""", seed=7)

def test_first(call):
    assert call.seed == 7

def test_second(call):
    assert "Hello there." in call.said_by("ann")
'''


@pytest.mark.timeout(120)
def test_many_tests_share_a_run_which_the_junit_report_names(tmp_path):
    (tmp_path / "test_shared.py").write_text(SHARED)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-W", "error", "."]
    done = subprocess.run(
        [*command, "--junitxml", "report.xml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout
    report = ET.parse(tmp_path / "report.xml")
    [first, second] = [
        {found.get("name"): found.get("value") or "" for found in case.iter("property")}
        for case in report.iter("testcase")
    ]
    assert (first["scenario"], first["seed"], first["outcome"]) == ("inline", "7", "ended")
    assert (Path(first["folder"]) / "result.json").is_file()
    assert "Hello there." in first["transcript"]
    assert Path(first["report"]).is_file()
    assert not second


def test_the_plugin_loads_nothing_heavy():
    heavy = ("numpy", "pydantic", "pykka", "aiortc", "onnxruntime", "soundstage.scenario")
    program = (
        "import sys, pytest; before = set(sys.modules); import soundstage.pytest_plugin\n"
        f"print(*[name for name in {heavy!r} if name in sys.modules and name not in before])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == ""
