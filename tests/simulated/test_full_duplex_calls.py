"""A hundred seeded calls between two Live agents: what makes them full-duplex is there."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from soundstage.cache import Cache
from soundstage.config.values import word_error_rate
from soundstage.live.server.speaker.duplex import BACKCHANNELS
from soundstage.results import Run
from soundstage.run import play
from soundstage.scenario import load_scenario

pytestmark = [pytest.mark.prove, pytest.mark.timeout(2400)]

CALLS = 100
RUNS = 20
SIDES = ("alice", "bob")


def played(folder: Path, seed: int, turns: int = 8) -> Run:
    sets = (f"end.turns={turns}",)
    play(load_scenario("alice_bob_live", clock="virtual", seed=seed, sets=sets), out=folder)
    return Run.load(folder)


def test_both_speak_at_once_and_each_transcript_is_what_was_audible(tmp_path: Path) -> None:
    overlaps = stopped = nods = 0
    words, errors = dict.fromkeys(SIDES, 0), dict.fromkeys(SIDES, 0.0)
    silent: list[str] = []
    for seed in range(CALLS):
        turns = played(tmp_path / str(seed), seed).turns
        over = [
            other
            for one in turns
            for other in turns
            if one.agent != other.agent and one.start < other.start < one.end
        ]
        overlaps += bool(over)
        # Backchannels lie over speech, and stop no one.
        stopped += sum(bool(turn.interrupted_by) for turn in turns)
        # The end of the run may cut the last one that was heard.
        nods += sum(turn.text in BACKCHANNELS for turn in turns[:-1] if turn.heard_by)
        for side in SIDES:
            own = [turn for turn in turns[:-1] if turn.agent == side]
            said = " ".join(turn.text for turn in own)
            heard = " ".join(text for turn in own for text in turn.heard_by.values())
            words[side] += len(said.split())
            errors[side] += word_error_rate(said, heard) * len(said.split())
        # What was broken off after its first sound has no words, and was heard all the same.
        silent += [f"{seed}: {turn.agent}" for turn in turns[:-1] if not turn.text.strip()]
    print(f"{overlaps} of {CALLS} calls overlap, {stopped} turns cut, {len(silent)} without words")
    rates = {side: errors[side] / words[side] for side in SIDES}
    print(f"{nods} backchannels heard; word errors {rates} of {words} words")
    assert overlaps == CALLS
    assert stopped == 0
    assert silent == []
    assert nods >= CALLS
    assert max(rates.values()) <= 0.05


def test_twenty_runs_are_the_same_to_the_byte_and_as_fast_as_those_of_realtime(
    tmp_path: Path,
) -> None:
    cache = Cache(tmp_path / "cache")

    def run(name: str, number: int) -> tuple[bytes, float]:
        folder, began = tmp_path / f"{name} {number}", process_time()
        play(load_scenario(name, clock="virtual", seed=7), out=folder, cache=cache)
        # Not by the wall clock: what else the machine does is not what a run costs.
        speed = Run.load(folder).duration / (process_time() - began)
        return (folder / "events.jsonl").read_bytes(), speed

    live = [run("alice_bob_live", number) for number in range(RUNS)]
    turns = [run("alice_bob", number) for number in range(4)]
    # The first ones fill the cache. Words of a transcript come in more ticks of a Live session.
    fastest, usual = (max(speed for _, speed in runs[1:]) for runs in (live, turns))
    print(f"warm: {fastest:.0f} s of talk in a second of CPU time, Realtime {usual:.0f}")
    assert len({log for log, _ in live}) == 1
    assert fastest >= usual * 0.5
