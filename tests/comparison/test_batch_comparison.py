"""Two batches are compared seed by seed, and only what is shown is called a difference."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import msgspec
import pytest
from dummy_batches import batch, row
from msgspec.structs import replace

from soundstage.comparison import compare_batches, comparison_schema
from soundstage.errors import RunFolderError
from soundstage.ledger import MachineFacts

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(100)
CELLS = ({"voice": "ash"}, {"voice": "echo"})


def changed(seeds, outcome="failed", count=100):
    """Rows of which some have other words, and another outcome."""
    return [row(s, outcome, words="other") if s in seeds else row(s) for s in range(count)]


def test_a_batch_is_identical_to_one_with_the_same_fingerprints(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed({1, 2}))
    b = batch(tmp_path / "b", reversed(changed({1, 2})))

    found = compare_batches(a, b)

    assert (found.verdict, found.pairs, found.identical, found.exit_code) == (
        "identical", 100, 100, 0,
    )  # fmt: skip
    assert found.changes == ()


def test_six_pairs_that_only_fail_now_are_a_regression_and_five_are_none(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(()))
    six = compare_batches(a, batch(tmp_path / "six", changed(range(6))))
    five = compare_batches(a, batch(tmp_path / "five", changed(range(5))))

    assert (six.verdict, six.regressed, six.exit_code) == ("regressed", 6, 1)
    assert six.difference is not None
    assert (six.difference.estimate, six.difference.p) == (-0.06, 2 / 2**6)
    assert (five.verdict, five.regressed, five.exit_code) == ("no_difference_shown", 5, 0)
    assert five.difference is not None
    assert five.difference.smallest == 0.06


def test_a_variant_that_passes_more_often_is_improved(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(range(6)))
    b = batch(tmp_path / "b", changed(()))

    found = compare_batches(a, b)

    assert (found.verdict, found.improved, found.exit_code) == ("improved", 6, 0)


def test_expectations_are_counted_one_by_one(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(()))
    b = batch(tmp_path / "b", changed(range(8)))

    (only,) = compare_batches(a, b).expectations

    assert (only.id, only.improved, only.regressed, only.p) == ("refunds", 0, 8, 2 / 2**8)
    assert only.adjusted == 2 * only.p


def test_many_invalid_runs_leave_the_comparison_unjudged(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(()))
    five = compare_batches(a, batch(tmp_path / "five", changed(range(5), "invalid")))
    six = compare_batches(a, batch(tmp_path / "six", changed(range(6), "invalid")))

    assert (five.verdict, five.not_judged, five.exit_code) == ("no_difference_shown", 5, 0)
    assert (six.verdict, six.not_judged, six.exit_code) == ("not_judged", 6, 3)


def test_a_batch_that_was_broken_off_is_never_green(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(()))
    b = batch(tmp_path / "b", changed((), count=10), runs=100)

    found = compare_batches(a, b)

    assert (found.pairs, found.missing, found.verdict, found.exit_code) == (
        10, 90, "not_judged", 3,
    )  # fmt: skip


def test_a_shorter_batch_is_compared_by_the_seeds_that_both_declare(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(()))
    b = batch(tmp_path / "b", changed((), count=10))

    found = compare_batches(a, b)

    assert (found.verdict, found.pairs, found.missing) == ("identical", 10, 0)
    assert len(found.a.only_here) == 90


def cells(failing: dict[str, range]):
    return [
        replace(
            row(seed, "failed", words="other") if seed in failing[cell["voice"]] else row(seed),
            cell=cell,
        )
        for cell in CELLS
        for seed in SEEDS
    ]


def test_a_cell_that_regresses_is_not_outweighed_by_one_that_improves(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", cells({"ash": range(9), "echo": range(0)}), cells=CELLS)
    b = batch(tmp_path / "b", cells({"ash": range(0), "echo": range(9)}), cells=CELLS)

    found = compare_batches(a, b)

    assert (found.verdict, found.improved, found.regressed) == ("regressed", 9, 9)
    assert [(each.cell, each.p) for each in found.cells] == [(cell, 2 / 2**9) for cell in CELLS]
    assert found.cells[1].adjusted == 3 * 2 / 2**9


def test_a_cell_must_differ_by_more_where_many_are_looked_at(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", cells({"ash": range(0), "echo": range(0)}), cells=CELLS)
    b = batch(tmp_path / "b", cells({"ash": range(0), "echo": range(6)}), cells=CELLS)

    found = compare_batches(a, b)

    assert found.verdict == "no_difference_shown"
    assert found.cells[1].p < 0.05 < found.cells[1].adjusted


def test_where_nothing_varies_one_changed_run_decides_without_a_test(tmp_path: Path) -> None:
    same = {"varies": {}}
    a = batch(tmp_path / "a", [row(s, fingerprint="x") for s in range(9)], **same)
    b = batch(tmp_path / "b", [row(s, "failed", fingerprint="y") for s in range(9)], **same)

    found = compare_batches(a, b)

    assert (found.verdict, found.one_observation, found.difference) == ("regressed", True, None)
    assert found.expectations[0].p is None


def test_what_changed_first_is_grouped_with_both_sides_words(tmp_path: Path) -> None:
    a = batch(
        tmp_path / "a",
        changed(()),
        logs={3: "Order 12 is refunded.", 7: "Order 34 is refunded.", 8: "It rains."},
    )
    b = batch(
        tmp_path / "b",
        changed({3, 7, 8}, "ended"),
        logs={3: "Order 12 is repaid.", 7: "Order 34 is repaid.", 8: "Goodbye."},
    )

    found = compare_batches(a, b)

    assert (found.identical, found.changed, found.untold) == (97, 3, 0)
    most, other = found.changes
    assert [each.seed for each in most.runs] == [3, 7]
    assert [(each.a, each.b) for each in most.replaced] == [("refunded.", "repaid.")]
    assert most.a is not None
    assert most.a.words == "Order 12 is refunded."
    assert [(each.a, each.b) for each in other.replaced] == [("It rains.", "Goodbye.")]


def test_runs_without_a_log_are_told_to_differ_but_not_how(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(()))
    b = batch(tmp_path / "b", changed({3}, "ended"))

    found = compare_batches(a, b)

    assert (found.identical, found.changed, found.untold, found.changes) == (99, 1, 1, ())


def test_two_kinds_of_processor_are_named(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", changed(()))
    arm = MachineFacts(processor="arm64")
    b = batch(tmp_path / "b", [row(s, machine=arm, words="other") for s in SEEDS])

    assert compare_batches(a, b).processors == ("arm64", "x86-64-v3")


def test_batches_without_a_common_seed_are_refused(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", [row(0), row(1)])
    b = batch(tmp_path / "b", [row(5), row(6)], runs=7)

    with pytest.raises(RunFolderError, match=r"no seed in common \(0 to 1; 5 to 6\)"):
        compare_batches(a, b)


def test_the_two_clocks_are_never_compared(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", [row(0)])
    b = batch(tmp_path / "b", [row(0)], clock="wall")

    with pytest.raises(RunFolderError, match="never compared"):
        compare_batches(a, b)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="gone does not exist"):
        compare_batches(tmp_path / "gone", tmp_path / "gone")


def test_what_is_found_has_the_published_schema(tmp_path: Path) -> None:
    a = batch(tmp_path / "a", cells({"ash": range(9), "echo": range(0)}), cells=CELLS)
    b = batch(tmp_path / "b", cells({"ash": range(0), "echo": range(9)}), cells=CELLS)

    found = json.loads(msgspec.json.encode(compare_batches(a, b)))
    schema = comparison_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
