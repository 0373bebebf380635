"""The parts of a batch, put together; no run is made here."""

import json

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from soundstage.cli.command_line import _soundstage
from soundstage.errors import RunFolderError
from soundstage.ledger import (
    BatchFolder,
    BatchPlan,
    ExpectationRow,
    MachineFacts,
    Row,
    digest_of,
    pure_part,
    read_differences,
    read_plan,
    read_rows,
)
from soundstage.sweep import merge

IDENTITY = {"tables": {"agents": {"ann": {"voice": "ash"}}}}


def plan(shard="", identity=None, **changes):
    whole = BatchPlan(
        digest=digest_of(identity or IDENTITY),
        scenario="talk",
        clock="virtual",
        seed=3,
        runs=6,
        shard=shard,
        identity=identity or IDENTITY,
    )
    return replace(whole, **changes)


def row(seed, **changes):
    made = Row(
        batch=digest_of(IDENTITY),
        seed=seed,
        outcome="ended",
        reason="turns",
        exit_code=0,
        deterministic=True,
        fingerprint=f"print {seed}",
        expectations=(ExpectationRow(id="greets", status="passed"),),
        machine=MachineFacts(wall=seed / 10, processor="one"),
    )
    return replace(made, **changes)


def part(folder, *rows, **changes):
    with BatchFolder(folder, plan(**changes)) as batch:
        for each in rows:
            kept = each.unit.folder(folder)
            kept.mkdir(parents=True)
            (kept / "events.jsonl").write_text(f"{each.seed}\n")
            batch.add(each)
    return folder


def command(*arguments):
    return CliRunner().invoke(_soundstage, ["merge", *map(str, arguments)])


def test_shards_together_are_the_whole(tmp_path):
    parts = [
        part(tmp_path / "1", row(5), row(3), row(7), shard="1/2"),
        part(tmp_path / "2", row(4), row(8), row(6), shard="2/2"),
    ]
    out = tmp_path / "out"
    assert command(*parts, "--out", out).exit_code == 0
    whole = sorted(pure_part(row(seed)) for seed in range(3, 9))
    assert sorted(map(pure_part, read_rows(out))) == whole
    assert read_plan(out) == plan()
    for seed in range(3, 9):
        assert (out / f"seed-{seed}" / "events.jsonl").read_text() == f"{seed}\n"
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["asked"], summary["runs"], summary["differences"]) == (6, 6, 0)


def test_a_run_that_no_part_has_is_owed_and_the_whole_is_not_green(tmp_path):
    some = part(tmp_path / "1", row(3), row(4, outcome="invalid", reason="worker"), shard="1/2")
    done = command(some, "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert "give the same command with --out" in done.stdout
    with BatchFolder(tmp_path / "out", plan()) as batch:
        assert [unit.seed for unit in batch.owed()] == [4, 5, 6, 7, 8]


def test_equal_rows_of_one_unit_are_one(tmp_path):
    everything = [row(seed) for seed in range(3, 9)]
    again = [replace(each, machine=MachineFacts(wall=9, processor="one")) for each in everything]
    parts = [part(tmp_path / "1", *everything), part(tmp_path / "2", *again)]
    assert command(*parts, "--out", tmp_path / "out").exit_code == 0
    assert len(list(read_rows(tmp_path / "out"))) == 6


def test_two_runs_of_one_unit_that_differ_are_a_finding(tmp_path):
    everything = [row(seed) for seed in range(3, 9)]
    parts = [part(tmp_path / "1", *everything), part(tmp_path / "2", row(4, fingerprint="other"))]
    out = tmp_path / "out"
    done = command(*parts, "--out", out)
    assert done.exit_code == 3
    assert "1 seeds gave two different runs" in done.stdout
    (found,) = read_differences(out)
    assert (found.seed, found.what, found.fields) == (4, "run", ("fingerprint",))
    assert found.folders == (str(tmp_path / "1"), str(tmp_path / "2"))
    # It stays a finding when the parts are put together once more.
    assert command(*parts, "--out", out).exit_code == 3
    assert len(read_differences(out)) == 1


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"fingerprint": "other"}, None),
        ({"outcome": "failed", "exit_code": 1}, ("outcome", "exit_code")),
        ({"expectations": (ExpectationRow(id="greets", status="failed"),)}, ("expectations",)),
    ],
)
def test_of_two_kinds_of_processor_only_verdicts_are_compared(tmp_path, changes, fields):
    other = row(3, machine=MachineFacts(processor="two"), **changes)
    merge([part(tmp_path / "1", row(3)), part(tmp_path / "2", other)], tmp_path / "out")
    found = read_differences(tmp_path / "out")
    assert [(each.what, each.fields) for each in found] == ([("verdict", fields)] if fields else [])


def test_two_live_runs_of_a_seed_are_two_trials(tmp_path):
    one, other = (row(3, deterministic=False, fingerprint=each) for each in "ab")
    merge([part(tmp_path / "1", one), part(tmp_path / "2", other)], tmp_path / "out")
    assert read_differences(tmp_path / "out") == ()


def test_parts_of_other_batches_are_refused(tmp_path):
    one = part(tmp_path / "1", row(3))
    changed = {"tables": {"agents": {"ann": {"voice": "coral"}}}}
    with pytest.raises(RunFolderError, match=r'agents\.ann\.voice: "coral", was "ash"'):
        merge([one, part(tmp_path / "2", identity=changed)], tmp_path / "out")
    with pytest.raises(RunFolderError, match="begins with seed 4"):
        merge([one, part(tmp_path / "3", seed=4)], tmp_path / "out")
    with pytest.raises(RunFolderError, match="holds no batch"):
        merge([one, tmp_path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_failed_run_fails_the_whole_even_if_others_are_missing(tmp_path):
    one = part(tmp_path / "1", row(3, outcome="failed", exit_code=1))
    assert command(one, "--out", tmp_path / "out").exit_code == 1
