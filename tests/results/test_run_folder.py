from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from soundstage.errors import RunFolderError
from soundstage.results import RunFolder

NOON = datetime(2025, 11, 23, 12, 0, 5, tzinfo=UTC)


def created(runs, seed=7):
    return RunFolder.create("alice_bob", seed=seed, started=NOON, runs=runs)


def test_a_run_folder_is_named_for_the_scenario_the_time_and_the_seed(tmp_path):
    folder = created(tmp_path / "runs")
    assert folder.path == tmp_path / "runs" / "alice_bob" / "20251123T120005Z-7"
    assert folder.sounds.is_dir()


def test_every_artefact_has_its_place(tmp_path):
    folder = RunFolder(tmp_path)
    assert [
        str(path.relative_to(tmp_path))
        for path in (
            folder.events,
            folder.transcript,
            folder.captions,
            folder.metrics,
            folder.result,
            folder.mix,
            folder.audio("bob"),
            folder.audio("bob", "heard"),
        )
    ] == [
        "events.jsonl",
        "transcript.md",
        "transcript.vtt",
        "metrics.json",
        "result.json",
        "audio/mix.wav",
        "audio/bob.wav",
        "audio/bob.heard.wav",
    ]


def test_many_runs_of_one_seed_in_one_second_have_a_folder_each(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: created(tmp_path), range(20)))
    assert len({folder.path for folder in folders}) == 20
    assert {folder.path.name for folder in folders} >= {
        "20251123T120005Z-7",
        "20251123T120005Z-7.2",
    }
    left = {path.name for path in (tmp_path / "alice_bob").iterdir()}
    assert left == {folder.path.name for folder in folders} | {"latest"}


def test_latest_is_a_link_to_the_newest_run_that_survives_moving_the_runs(tmp_path):
    created(tmp_path / "runs", seed=1)
    newest = created(tmp_path / "runs", seed=2)
    latest = tmp_path / "runs" / "alice_bob" / "latest"
    assert latest.is_symlink()
    assert latest.resolve() == newest.path
    (tmp_path / "runs").rename(tmp_path / "moved")
    assert (tmp_path / "moved" / "alice_bob" / "latest" / "audio").is_dir()


def test_latest_is_a_text_file_where_there_are_no_links(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for seed in (1, 2):
        folder = created(tmp_path, seed=seed)
    folder.events.touch()
    latest = tmp_path / "alice_bob" / "latest"
    assert latest.read_text() == "20251123T120005Z-2\n"
    assert RunFolder.find(latest).path == folder.path.resolve()


def test_a_run_is_found_by_its_folder_and_by_latest(tmp_path):
    folder = created(tmp_path)
    folder.events.touch()
    assert RunFolder.find(folder.path).path == folder.path.resolve()
    assert RunFolder.find(folder.path.with_name("latest")).path == folder.path.resolve()


@pytest.mark.parametrize("name", ["nothing", "empty", "text"])
def test_what_holds_no_run_is_not_found(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_bytes(b"somewhere")
    with pytest.raises(RunFolderError, match=r"not the folder of a run"):
        RunFolder.find(tmp_path / name)


def test_a_latest_that_is_no_text_cannot_be_read(tmp_path):
    (tmp_path / "latest").write_bytes(b"\xff")
    with pytest.raises(RunFolderError, match="cannot be read"):
        RunFolder.find(tmp_path / "latest")


def test_something_else_called_latest_is_left_alone(tmp_path):
    (tmp_path / "alice_bob" / "latest" / "mine").mkdir(parents=True)
    with pytest.raises(RunFolderError, match="latest"):
        created(tmp_path)
    assert (tmp_path / "alice_bob" / "latest" / "mine").is_dir()
    assert not list((tmp_path / "alice_bob").glob(".latest*"))


def test_a_given_folder_may_be_absent_or_empty(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("absent/deep", "empty"):
        assert RunFolder.at(tmp_path / name).sounds.is_dir()


def test_a_given_folder_with_something_in_it_is_refused_and_named(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(RunFolderError, match=r"not empty \(there is notes\.txt\).*--out"):
        RunFolder.at(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_of_two_runs_in_one_given_folder_the_second_is_refused(tmp_path):
    RunFolder.at(tmp_path / "out")
    with pytest.raises(RunFolderError, match="not empty"):
        RunFolder.at(tmp_path / "out")


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="file cannot be made a run folder"):
        RunFolder.at(tmp_path / "file")
    with pytest.raises(RunFolderError, match="cannot be made a run folder"):
        created(tmp_path / "file")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    mkdir = Path.mkdir

    def refuse(path, *args, **options):
        if path.name == "audio":
            raise PermissionError(errno.EACCES, "Permission denied")
        mkdir(path, *args, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RunFolderError, match=r"out cannot be made .*Permission denied.*--out"):
        RunFolder.at(tmp_path / "out")
    with pytest.raises(RunFolderError, match="Permission denied"):
        created(tmp_path)


def test_a_dangling_link_in_the_way_is_refused(tmp_path):
    (tmp_path / "alice_bob").symlink_to(tmp_path / "gone")
    with pytest.raises(RunFolderError, match="cannot be made a run folder"):
        created(tmp_path)
