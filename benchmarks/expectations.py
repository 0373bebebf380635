"""What expectations cost: of a warm simulated run, and of judging stored runs again.

    python benchmarks/expectations.py [--pairs N] [--stored N]

The run is the shipped `alice_bob`. With and without twelve expectations it is run in turn, so that
a machine that is busy is busy for both; the CPU time is compared. Stored runs are judged in one
process. It fails where the twelve cost more than 5 %, or where one core would need more than 20 s
for a thousand stored runs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from soundstage.expectations import judge_again
from soundstage.run import cache_for, play
from soundstage.scenario import load_scenario
from soundstage.scenario.shipped_scenarios import shipped_folder

MOST_SHARE = 0.05
MOST_SECONDS = 20.0

TWELVE = """
[[expect]]
id = "greets"
agent = "alice"
said = "hello bob"
[[expect]]
id = "no-price"
never_said = "{p:money}"
where = { p = { above = 100 } }
[[expect]]
id = "heard"
heard = "dublin"
by = "bob"
[[expect]]
id = "no-tool"
never = { event = "fault" }
[[expect]]
id = "answers"
after = { agent = "alice", said = "how was your week" }
agent = "bob"
reacts = "responds"
within = "3s"
[[expect]]
id = "order"
order = [{ said = "dublin" }, { said = "friday" }, { said = "goodbye" }]
[[expect]]
id = "prompt"
metric = "response_gap.p95"
at_most = "3s"
[[expect]]
id = "share"
agent = "alice"
metric = "talk_share"
at_most = "80%"
[[expect]]
id = "quiet"
never = { silence = "8s" }
[[expect]]
id = "goodbye-last"
agent = "alice"
said = "goodbye"
after = { said = "friday", nth = 1 }
[[expect]]
id = "two-cities"
said = "garden"
times = [1, 3]
[[expect]]
id = "all"
all = ["greets", "order"]
"""


def file_with_twelve(folder: Path) -> Path:
    """The shipped scenario, with twelve expectations."""
    path = folder / "twelve.toml"
    path.write_text((shipped_folder() / "alice_bob.toml").read_text() + TWELVE)
    return path


def cost(pairs: int, folder: Path) -> float:
    """What share of a warm run's CPU time twelve expectations cost: the median of pairs."""
    plain = load_scenario("alice_bob", clock="virtual", sets=["scenario.expect_answers=false"])
    twelve = load_scenario(file_with_twelve(folder), clock="virtual")
    cache = cache_for("virtual", str(folder / "cache"))
    shares = []
    seconds = []
    for number in range(-1, pairs):
        taken = []
        for scenario in (plain, twelve):
            before = time.process_time()
            played = play(scenario, out=folder / f"{scenario.stem}{number}", cache=cache)
            taken.append(time.process_time() - before)
        assert played.outcome.kind == "ended", played.outcome
        assert played.verdicts[0].id == "greets", played.verdicts
        if number >= 0:
            shares.append(taken[1] / taken[0] - 1)
            seconds.append(taken[0])
    print(f"a warm run without expectations: {statistics.median(seconds):.3f} s CPU")
    return statistics.median(shares)


def stored(count: int, folder: Path) -> float:
    """CPU seconds in which one process judges so many stored runs with twelve expectations."""
    run = folder / "twelve0"
    judge_again(run)
    before = time.process_time()
    kinds = {judge_again(run).outcome.kind for _ in range(count)}
    taken = time.process_time() - before
    assert kinds == {"ended"}, kinds
    return taken


def main() -> int:
    """Measure both; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--stored", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        share = cost(arguments.pairs, Path(folder))
        print(f"twelve expectations: {share:+.1%} of its CPU time (at most {MOST_SHARE:.0%})")
        taken = stored(arguments.stored, Path(folder))
    limit = MOST_SECONDS * arguments.stored / 1000
    print(f"{arguments.stored} stored runs: {taken:.1f} s of one core (at most {limit:.0f} s)")
    return int(share > MOST_SHARE or taken > limit)


if __name__ == "__main__":
    sys.exit(main())
