"""Engines beside the local pool: what is not there, and what a task does in its process."""

import sys

import msgspec
import pytest
from dummy_batch import TALK

from soundstage.errors import EngineMissing
from soundstage.ledger import Row, Unit
from soundstage.servers import RunningServer
from soundstage.sweep import RayEngine, SweepRequest
from soundstage.sweep.ray_task import run_units


def test_ray_that_is_not_installed_is_told_with_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    request = SweepRequest(
        file="x.toml", clock="virtual", provider=None, sets=(), out=tmp_path, cache=False
    )
    with pytest.raises(EngineMissing, match=r'pip install "soundstage\[ray\]"'):
        RayEngine(request, done=lambda row: None)


def test_a_task_runs_its_units_and_its_process_keeps_what_the_next_one_can_use(tmp_path):
    file = tmp_path / "talk.toml"
    file.write_text(TALK)
    request = SweepRequest(
        file=str(file),
        clock="virtual",
        provider=None,
        sets=(),
        out=tmp_path / "out",
        cache=tmp_path / "cache",
        servers={"shop": RunningServer(name="shop", port=1)},
    )
    units = [msgspec.msgpack.encode(Unit(batch="b", seed=seed)) for seed in (1, 2, 3)]
    lines = [*run_units(request, units[:2]), *run_units(request, units[2:])]
    rows = [msgspec.json.decode(line, type=Row) for line in lines]
    assert [(row.seed, row.outcome) for row in rows] == [(1, "ended"), (2, "ended"), (3, "ended")]
