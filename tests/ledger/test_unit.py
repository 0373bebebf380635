"""The units of a batch, their shards, and the names of their cells."""

from pathlib import Path

import pytest

from soundstage.ledger import Shard, Unit, cell_name, cell_text, units_of

CELLS = ({"agents.ann.voice": "ash"}, {"agents.ann.voice": "coral"})


def test_all_cells_of_a_seed_come_before_the_next_seed():
    found = [(unit.seed, unit.cell["agents.ann.voice"]) for unit in units_of("b", CELLS, range(2))]
    assert found == [(0, "ash"), (0, "coral"), (1, "ash"), (1, "coral")]


@pytest.mark.parametrize("of", [1, 2, 3, 7, 20])
def test_shards_share_out_every_unit_once(of):
    whole = [unit.key for unit in units_of("b", CELLS, range(5))]
    parts = [
        unit.key for i in range(of) for unit in units_of("b", CELLS, range(5), Shard(i + 1, of))
    ]
    assert sorted(parts) == sorted(whole)


def test_a_longer_batch_keeps_what_its_shard_had():
    short = list(units_of("b", CELLS, range(5), Shard(2, 3)))
    assert list(units_of("b", CELLS, range(9), Shard(2, 3)))[: len(short)] == short


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "1", "a/b", "-1/4", "1/4/2", ""])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(ValueError, match="write I/N"):
        Shard.parse(text)


def test_a_shard_is_written_as_it_is_read():
    assert str(Shard.parse("2/8")) == "2/8"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ({}, ""),
        ({"agents.caller.voice": "ash"}, "voice-ash"),
        ({"effects.cafe.snr": "20dB", "agents.caller.voice": "ash"}, "voice-ash_snr-20dB"),
        ({"end.turns": 4}, "turns-4"),
    ],
)
def test_a_cell_is_named_by_its_keys_and_values(cell, name):
    assert cell_name(cell) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a.b": "x y"}, {"a.b": "x-y"}),
        ({"a.b": "x" * 60}, {"a.b": "x" * 61}),
        ({"a.b": "../.."}, {"a.b": "./."}),
        ({"a.b": "é"}, {"a.b": "è"}),
    ],
)
def test_two_cells_have_two_names_which_are_short_and_safe(one, other):
    names = {cell_name(one), cell_name(other)}
    assert len(names) == 2
    for name in names:
        assert len(name) <= 40
        assert "/" not in name
        assert not name.endswith(".")


def test_equal_cells_are_equal_however_they_are_written():
    one, other = {"a.x": 1, "b.y": "2"}, {"b.y": "2", "a.x": 1}
    assert cell_text(one) == cell_text(other)
    assert cell_name(one) == cell_name(other)
    assert Unit(batch="b", cell=one, seed=1).key == Unit(batch="b", cell=other, seed=1).key


def test_a_run_without_a_matrix_lies_where_it_always_lay():
    assert Unit(batch="b", seed=7).folder(Path("out")) == Path("out/seed-7")
    unit = Unit(batch="b", cell={"end.turns": 4}, seed=7)
    assert unit.folder(Path("out")) == Path("out/turns-4/seed-7")
