"""The folder of a batch: what it keeps, what is owed, and what is refused."""

import json
import subprocess
import sys

import pytest
from msgspec.structs import replace

from soundstage.errors import RecordingFailed, RunFolderError
from soundstage.ledger import (
    LEDGER,
    PLAN,
    UNFINISHED,
    BatchFolder,
    BatchPlan,
    MachineFacts,
    Row,
    digest_of,
    encode_row,
    pure_part,
    read_plan,
    read_rows,
)

IDENTITY = {"tables": {"agents": {"ann": {"voice": "ash"}}}, "versions": {"soundstage": "1"}}


def plan(runs=4, **changes):
    first = BatchPlan(
        digest=digest_of(IDENTITY),
        scenario="talk",
        clock="virtual",
        seed=3,
        runs=runs,
        identity=IDENTITY,
    )
    return replace(first, **changes)


def row(seed, outcome="ended", reason="turns", wall=0.1, cell=None):
    return Row(
        batch=digest_of(IDENTITY),
        cell=cell or {},
        seed=seed,
        outcome=outcome,
        reason=reason,
        exit_code=0,
        machine=MachineFacts(wall=wall),
    )


def fill(folder, *rows, runs=4):
    with BatchFolder(folder, plan(runs)) as batch:
        for each in rows:
            batch.add(each)


def seeds(rows_or_units):
    return [each.seed for each in rows_or_units]


def owed(folder, runs=4):
    with BatchFolder(folder, plan(runs)) as batch:
        return seeds(batch.owed())


def test_what_has_a_row_is_not_owed(tmp_path):
    assert owed(tmp_path) == [3, 4, 5, 6]
    fill(tmp_path, row(5), row(3))
    assert owed(tmp_path) == [4, 6]
    assert owed(tmp_path, runs=6) == [4, 6, 7, 8]
    assert seeds(read_rows(tmp_path)) == [5, 3]


def test_a_row_is_in_the_file_as_soon_as_it_is_added(tmp_path):
    with BatchFolder(tmp_path, plan()) as batch:
        batch.add(row(3))
        assert seeds(read_rows(tmp_path)) == [3]


@pytest.mark.parametrize("cut", [1, 5, 60])
def test_a_torn_last_line_is_owed_and_the_ledger_goes_on_behind_it(tmp_path, cut):
    fill(tmp_path, row(3), row(4))
    path = tmp_path / LEDGER
    path.write_bytes(path.read_bytes()[:-cut])
    assert seeds(read_rows(tmp_path)) == [3]
    fill(tmp_path, row(6))
    assert seeds(read_rows(tmp_path)) == [3, 6]
    assert owed(tmp_path) == [4, 5]


def test_a_line_inside_that_is_no_row_is_told_with_its_number(tmp_path):
    fill(tmp_path, row(3))
    with (tmp_path / LEDGER).open("ab") as file:
        file.write(b"nonsense\n")
    with pytest.raises(RunFolderError, match=r"ledger\.jsonl, line 2 is no row"):
        owed(tmp_path)


@pytest.mark.parametrize("reason", ["worker", "recording"])
def test_a_run_for_which_the_machine_failed_is_owed_again(tmp_path, reason):
    fill(tmp_path, row(3), row(4, "invalid", reason), row(5, "invalid", "provider"))
    assert owed(tmp_path) == [4, 6]
    assert seeds(read_rows(tmp_path)) == [3, 5]


def test_a_unit_is_in_the_ledger_once_even_if_its_row_came_twice(tmp_path):
    fill(tmp_path, row(3), row(3))
    assert owed(tmp_path) == [4, 5, 6]
    assert seeds(read_rows(tmp_path)) == [3]


def test_each_cell_has_its_own_seeds(tmp_path):
    cells = ({"end.turns": 2}, {"end.turns": 4})
    with BatchFolder(tmp_path, plan(2, cells=cells)) as batch:
        batch.add(row(3, cell=cells[1]))
    with BatchFolder(tmp_path, plan(2, cells=cells)) as batch:
        assert [(each.seed, each.cell["end.turns"]) for each in batch.owed()] == [
            (3, 2),
            (4, 2),
            (4, 4),
        ]


def test_a_changed_scenario_is_refused_and_what_changed_is_told(tmp_path):
    fill(tmp_path)
    changed = {**IDENTITY, "tables": {"agents": {"ann": {"voice": "coral"}}}}
    with pytest.raises(RunFolderError, match=r'agents\.ann\.voice: "coral", was "ash"'):
        BatchFolder(tmp_path, plan(digest=digest_of(changed), identity=changed))
    newer = {**IDENTITY, "versions": {"soundstage": "2"}}
    with pytest.raises(RunFolderError, match=r'versions\.soundstage: "2", was "1"'):
        BatchFolder(tmp_path, plan(digest=digest_of(newer), identity=newer))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"runs": 3}, "has --repeat 4, and this command asks for 3"),
        ({"seed": 4}, "begins with seed 3, and this command with 4"),
        ({"shard": "1/2"}, "is the whole batch, and this command asks for shard 1/2"),
        ({"cells": ({"end.turns": 2},)}, "has cells in its matrix"),
    ],
)
def test_another_part_of_a_batch_is_refused(tmp_path, changes, said):
    fill(tmp_path)
    with pytest.raises(RunFolderError, match=said):
        BatchFolder(tmp_path, plan(**changes))
    assert read_plan(tmp_path) == plan()


def test_the_units_of_a_shard_are_a_part_of_the_total():
    cells = ({"end.turns": 2}, {"end.turns": 4})
    part = plan(6, cells=cells, shard="1/3")
    assert part.total == 12
    assert len(list(part.units())) == 4


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(RunFolderError, match=r"there is thesis\.txt"):
        BatchFolder(tmp_path, plan())
    with pytest.raises(RunFolderError, match="cannot be used"):
        BatchFolder(tmp_path / "thesis.txt", plan())


def test_a_plan_of_a_later_version_is_refused(tmp_path):
    fill(tmp_path)
    written = json.loads((tmp_path / PLAN).read_text())
    (tmp_path / PLAN).write_text(json.dumps({**written, "version": 2}))
    with pytest.raises(RunFolderError, match="reads up to 1"):
        owed(tmp_path)


def test_one_command_at_a_time_is_at_work_in_a_folder(tmp_path):
    with (
        BatchFolder(tmp_path, plan()),
        pytest.raises(RunFolderError, match="another command is at work"),
    ):
        BatchFolder(tmp_path, plan())
    fill(tmp_path, row(3))


HOLDER = """
import sys, pathlib
from soundstage.ledger import BatchFolder, read_plan
folder = pathlib.Path(sys.argv[1])
batch = BatchFolder(folder, read_plan(folder))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_killed_holder_leaves_no_lock(tmp_path):
    fill(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        try:
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(RunFolderError, match="another command is at work"):
                owed(tmp_path)
        finally:
            holder.kill()
    assert owed(tmp_path) == [3, 4, 5, 6]


def test_what_was_left_of_runs_that_were_broken_off_goes(tmp_path):
    fill(tmp_path)
    left = tmp_path / UNFINISHED / "x"
    left.mkdir(parents=True)
    assert owed(tmp_path) == [3, 4, 5, 6]
    assert not left.exists()


class FullFile:
    """Takes no more than so many bytes."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, data):
        data = data[: self.room]
        self.room -= len(data)
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)


def test_a_full_disk_loses_no_row_that_was_added(tmp_path):
    batch = BatchFolder(tmp_path, plan())
    batch.add(row(3))
    file = batch._ledger._file
    file._file = FullFile(file._file, 20)
    with pytest.raises(RecordingFailed, match=r"ledger\.jsonl"):
        batch.add(row(4))
    assert seeds(read_rows(tmp_path)) == [3]
    file._file.room = 1 << 20
    batch.close()
    assert seeds(read_rows(tmp_path)) == [3, 4]


def test_the_facts_of_the_machine_are_not_of_the_unit():
    one, other = row(3, wall=0.1), row(3, wall=0.2)
    assert encode_row(one) != encode_row(other)
    assert pure_part(one) == pure_part(other)
