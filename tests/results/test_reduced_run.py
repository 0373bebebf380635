"""A run that was reduced to its log."""

import gzip

import pytest

from soundstage.errors import RunFolderError
from soundstage.results import RunFolder, read_events, runs_at

LINE = b'{"type":"joined","pts":0,"agent":"ann"}\n'


@pytest.fixture
def folder(tmp_path):
    made = RunFolder.at(tmp_path / "run")
    made.events.write_bytes(LINE * 3)
    made.mix.write_bytes(b"sound")
    for path in (made.result, made.expectations, made.transcript, made.report):
        path.write_text("{}")
    (made.path / "own").mkdir()
    (made.path / "own" / "heard.wav").write_bytes(b"sound")
    return made


def test_it_keeps_its_log_and_what_no_log_has(folder):
    before = list(read_events(folder.log))
    folder.reduce_to_log()
    assert {path.name for path in folder.path.iterdir()} == {
        "events.jsonl.gz",
        "expectations.json",
        "result.json",
    }
    assert list(read_events(folder.log)) == before
    assert RunFolder.find(folder.path).log == folder.log
    assert list(runs_at([folder.path])) == [folder.path]
    assert list(runs_at([folder.path.parent])) == [folder.path]


def test_equal_logs_are_equal_when_compressed(folder, tmp_path):
    other = RunFolder.at(tmp_path / "other")
    other.events.write_bytes(LINE * 3)
    for each in (folder, other):
        each.reduce_to_log()
    assert folder.log.read_bytes() == other.log.read_bytes()


def test_a_whole_log_counts_where_both_are_there(folder):
    folder.log.with_name("events.jsonl.gz").write_bytes(gzip.compress(LINE))
    assert folder.log == folder.events


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"no gzip"])
def test_a_damaged_one_is_told(folder, damage):
    folder.reduce_to_log()
    folder.log.write_bytes(damage(folder.log.read_bytes()))
    with pytest.raises(RunFolderError, match="cannot be read"):
        list(read_events(folder.log))
