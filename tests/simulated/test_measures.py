"""The measures of a run are what anyone finds who looks at the energy of its recordings."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage import RunFailed, run_scenario
from soundstage.messages import events
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from soundstage import Run

BARGE_IN = """
[agents.bot]
voice = "ash"
opening_prompt = "Go."
[agents.bot.local]
lines = ["Our shop is open from nine in the morning until six in the evening on every day of the week except for Sunday, and we have parking behind the house."]
otherwise = "Yes, of course, I am listening to you."
[agents.caller]
kind = "scripted"
voice = "coral"
[[links]]
between = ["bot", "caller"]
[[cues]]
after = { at = "AT" }
agent = "caller"
say = "SAY"
overlap = true
[end]
silence = "3s"
max = "40s"
"""  # noqa: E501
SAID = ["Excuse me, I have a question.", "Wait a moment, please.", "Stop, that is not what I want."]
LOUD = 100
PAUSE = round(0.4 * SAMPLE_RATE)
CLOSE = 0.02
"""Seconds that a measure may differ from what the recordings show."""


def stretches(run: Run, agent: str) -> list[tuple[int, int]]:
    """Where an agent's recording is loud, pauses of less than 400 ms included."""
    loud = np.flatnonzero(np.abs(run.audio(agent).astype(np.int32)) >= LOUD)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > PAUSE)
    starts = [loud[0], *loud[breaks + 1]]
    ends = [*loud[breaks], loud[-1]]
    return [(int(start), int(end) + 1) for start, end in zip(starts, ends, strict=True)]


def shared(run: Run) -> int:
    """Samples in which both were loud."""
    return sum(
        max(0, min(end, until) - max(start, since))
        for start, end in stretches(run, "bot")
        for since, until in stretches(run, "caller")
    )


def played(seed: int, clock: str = "virtual") -> Run:
    drawn = random.Random(seed)
    at = f"{drawn.randint(1500, 6500)}ms"
    toml = BARGE_IN.replace("AT", at).replace("SAY", drawn.choice(SAID))
    return run_scenario(toml=toml, seed=seed, clock=clock)


def time_to_silence_off(run: Run) -> float:
    """How far the time to silence is from what the recordings show, in seconds."""
    [cut] = run.events(events.Interrupted)
    start = min(start for start, end in stretches(run, "caller") if end > cut.pts)
    end = next(end for begin, end in stretches(run, "bot") if begin < cut.pts)
    found = run.metrics["bot"].time_to_silence
    assert found.count == 1
    # A bot that was in the silence at the end of its reply had fallen silent before: at once.
    return abs(found.median - max(0, end - start) / SAMPLE_RATE)


def check(seed: int) -> float:
    """How far the time to silence is off, in seconds; all other measures are right."""
    run = played(seed)
    assert run.totals.overlap == pytest.approx(shared(run) / SAMPLE_RATE, abs=CLOSE)
    assert run.metrics["caller"].talk_over == pytest.approx(shared(run) / SAMPLE_RATE, abs=CLOSE)
    [reply] = [turn for turn in run.turns if turn.agent == "bot" and turn.gap is not None]
    quiet = max(until for _, until in stretches(run, "caller"))
    again = min(begin for begin, _ in stretches(run, "bot") if begin > quiet)
    assert reply.gap == pytest.approx((again - quiet) / SAMPLE_RATE, abs=CLOSE)
    return time_to_silence_off(run)


@pytest.mark.parametrize("seed", range(20))
def test_measures_are_those_of_the_recordings(seed: int) -> None:
    assert check(seed) <= CLOSE


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_measures_of_a_hundred_interruptions_are_those_of_the_recordings() -> None:
    off = [check(seed) for seed in range(100)]
    print(f"time to silence: at most {max(off) * 1000:.1f} ms off in {len(off)} interruptions")
    assert max(off) <= CLOSE


def live(seed: int) -> Run:
    """A live call; one that a busy machine kept from beginning says nothing, and is made again."""
    for _ in range(5):
        try:
            return played(seed, "wall")
        except RunFailed as failed:
            if failed.run.reason != "start":
                raise
    raise AssertionError("the local endpoint was not ready five times")


@pytest.mark.prove
@pytest.mark.realtime
@pytest.mark.timeout(1200)
def test_the_time_to_silence_of_live_interruptions_is_that_of_the_recordings() -> None:
    off: list[float] = []
    seeds = iter(range(40))
    while len(off) < 10:
        # On a busy machine the bot may have finished before the caller's words come.
        run = live(next(seeds))
        if len(run.events(events.Interrupted)) == 1:
            off.append(time_to_silence_off(run))
    print(f"live time to silence: at most {max(off) * 1000:.1f} ms off in {len(off)} interruptions")
    assert max(off) <= CLOSE
