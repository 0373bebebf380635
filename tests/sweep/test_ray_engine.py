"""A batch on Ray: on this machine, and on two nodes of which one is killed, and then the head."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import pytest
from dummy_batch import COMMAND, TALK

from soundstage.kernel import Stopwatch
from soundstage.ledger import pure_part, read_rows

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(find_spec("ray") is None, reason='Ray is not installed: "soundstage[ray]"'),
]

RUNS = 2000


# Two raylets beside each other: Ray's own way to have two nodes on one machine. It says where it
# is, and on each line that it reads, kills the node of that number and says so.
CLUSTER = """
import os, signal, sys
from ray.cluster_utils import Cluster

small = {"num_cpus": 1, "object_store_memory": 80_000_000}
cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
nodes = [cluster.head_node, cluster.add_node(**small)]
print(cluster.address, flush=True)
for line in sys.stdin:
    nodes[int(line)].kill_raylet(check_alive=False)
    if int(line) == 0:
        nodes[0].kill_gcs_server(check_alive=False)
    print("killed", flush=True)
cluster.shutdown()
"""


class TwoNodes:
    """A cluster of two nodes, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CLUSTER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def kill(self, node: int) -> None:
        """Kill the processes of a node, the head's for 0."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{node}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "killed\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    file = tmp_path / "talk.toml"
    file.write_text(TALK)
    return file


def command(file: Path, out: Path, *arguments: str, count: int = RUNS) -> list[str]:
    whole = ["--clock", "virtual", "--repeat", str(count), "--ui", "plain", "--out", str(out)]
    return [*COMMAND, str(file), *whole, *arguments]


def run(*arguments: object, count: int = RUNS) -> float:
    watch = Stopwatch()
    done = subprocess.run(
        command(*arguments, count=count),  # type: ignore[arg-type]
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    return watch.seconds


def pure_rows(out: Path) -> list[bytes]:
    return sorted(map(pure_part, read_rows(out)))


def wait_for_rows(out: Path, running: subprocess.Popen[str], count: int) -> None:
    while len(list(read_rows(out))) < count:
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.5)


def test_ray_makes_the_rows_of_the_local_pool_and_takes_little_longer(talk: Path, tmp_path: Path):
    run(talk, tmp_path / "cold", "--jobs", "2", count=20)
    local = run(talk, tmp_path / "local", "--jobs", "2")
    cluster = run(talk, tmp_path / "ray", "--jobs", "2", "--engine", "ray")
    print(f"{RUNS} runs: {local:.1f} s in the local pool, {cluster:.1f} s on Ray")
    assert pure_rows(tmp_path / "ray") == pure_rows(tmp_path / "local")
    assert cluster / local < 2


def test_a_node_that_is_killed_and_then_the_head_cost_no_row(talk: Path, tmp_path: Path):
    run(talk, tmp_path / "local", "--jobs", "2")
    out = tmp_path / "ray"
    with TwoNodes() as cluster:
        arguments = ["--engine", "ray", "--address", cluster.address]
        with subprocess.Popen(command(talk, out, *arguments), text=True) as running:
            try:
                wait_for_rows(out, running, RUNS // 4)
                cluster.kill(1)
                assert running.wait(900) == 0
            finally:
                running.kill()
    assert pure_rows(out) == pure_rows(tmp_path / "local")
    out = tmp_path / "headless"
    with TwoNodes() as cluster:
        arguments = ["--engine", "ray", "--address", cluster.address]
        with subprocess.Popen(command(talk, out, *arguments), text=True) as running:
            try:
                wait_for_rows(out, running, RUNS // 4)
                cluster.kill(0)
                assert running.wait(200) != 0
            finally:
                running.kill()
    assert RUNS // 4 <= len(list(read_rows(out))) < RUNS
    run(talk, out, "--jobs", "2")
    assert pure_rows(out) == pure_rows(tmp_path / "local")
