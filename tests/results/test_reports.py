from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path

import pytest
from dummy_run import call

from soundstage.errors import RecordingFailed, RunFolderError
from soundstage.results import Facts, RunFolder, write_reports, write_result
from soundstage.results.history import History
from soundstage.results.run_result import read_result

GOLDEN = Path(__file__).with_name("golden")
KNOWN = {
    "wall": 0.1,
    "providers": {"alice": "local", "bob": "local"},
    "engines": {"hibari": "0.2.1 sha256:abc"},
    "resolved": {"scenario": {"seed": 7}},
}


def derived(folder: RunFolder) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in (folder.transcript, folder.captions, folder.metrics)
    }


def test_transcript_captions_and_metrics_are_those_of_the_log(recorded):
    write_reports(recorded)
    expected = {path.name: path.read_bytes() for path in GOLDEN.iterdir() if path.is_file()}
    assert derived(recorded) == expected


def test_everything_can_be_derived_again_from_the_log_alone(recorded, tmp_path):
    write_reports(recorded)
    write_result(recorded, Facts(**KNOWN))
    alone = RunFolder.at(tmp_path / "alone")
    alone.events.write_bytes(recorded.events.read_bytes())
    write_reports(alone)
    assert derived(alone) == derived(recorded)
    write_reports(recorded)
    assert derived(alone) == derived(recorded)
    original, rebuilt = (
        read_result(folder, History.read(folder.events)) for folder in (recorded, alone)
    )
    for field in ("scenario", "seed", "clock", "outcome", "reason", "exit_code", "duration"):
        assert getattr(original, field) == getattr(rebuilt, field)


def test_the_result_says_what_ran_and_how_it_ended(recorded):
    varies, drawn = {"agents.bob.wait": "1s to 2s"}, {"agents.bob.wait": "1200ms"}
    write_result(recorded, Facts(**KNOWN, varies=varies, drawn=drawn))
    assert json.loads(recorded.result.read_text()) == {
        "scenario": "alice_bob",
        "seed": 7,
        "clock": "virtual",
        "deterministic": False,
        "chat_latency": {},
        "varies": {"agents.bob.wait": "1s to 2s"},
        "drawn": {"agents.bob.wait": "1200ms"},
        "outcome": "ended",
        "reason": "turns",
        "exit_code": 0,
        "duration": 12.0,
        "wall": 0.1,
        "speed": 120.0,
        "providers": {"alice": "local", "bob": "local"},
        "versions": {
            "soundstage": version("soundstage"),
            "python": platform.python_version(),
            "hibari": "0.2.1 sha256:abc",
        },
        "resolved": {"scenario": {"seed": 7}},
        "cause": None,
    }


def test_a_result_is_read_as_it_was_written(recorded):
    result = write_result(recorded, Facts(**KNOWN))
    assert read_result(recorded, History(call())) == result


def test_a_run_that_was_broken_off_could_not_be_judged(recorded):
    recorded.events.write_bytes(recorded.events.read_bytes()[:2000])
    result = write_result(recorded, Facts(**KNOWN))
    assert (result.outcome, result.reason, result.exit_code) == ("invalid", "broken off", 3)


def test_a_run_that_took_no_time_has_no_speed(recorded):
    assert write_result(recorded, Facts(**{**KNOWN, "wall": 0.0})).speed == 0


def test_a_result_that_is_damaged_is_named(recorded):
    recorded.result.write_text("{")
    with pytest.raises(RunFolderError, match=r"result\.json cannot be read"):
        read_result(recorded, History(call()))


@pytest.mark.parametrize("name", ["transcript.md", "transcript.vtt", "metrics.json"])
def test_a_report_that_cannot_be_written_is_a_failure_that_leaves_no_half(recorded, name):
    (recorded.path / name / "in the way").mkdir(parents=True)
    with pytest.raises(RecordingFailed, match=name):
        write_reports(recorded)
    assert not list(recorded.path.glob("*.part"))


def test_a_result_that_cannot_be_written_is_a_failure(recorded):
    (recorded.result / "in the way").mkdir(parents=True)
    with pytest.raises(RecordingFailed, match=r"result\.json"):
        write_result(recorded, Facts(**KNOWN))
