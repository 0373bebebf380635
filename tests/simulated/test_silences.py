"""Silences, as they come in a run, are those of its event log and of its recordings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from soundstage.config.values import Moment
from soundstage.expectations.declared.expectation_tables import ExpectedMoment
from soundstage.expectations.judges.timeline import Timeline
from soundstage.messages import events
from soundstage.moments import KNOWN_WITHIN, MomentMatcher
from soundstage.results import History
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE

LONG = 14_400
PAUSE = 9_600

CALL = """
[defaults.scripted]
wait = ["700ms", "2s"]
[agents.ann]
kind = "scripted"
lines = ["Hello.", "What did you say? I could not hear you.", "Fine."]
[agents.ben]
kind = "scripted"
lines = ["Yes?", "Nothing.", { one_of = ["Good.", "All right, then let us leave it at that."] }]
[[links]]
between = ["ann", "ben"]
[[cues]]
after = { silence = "600ms" }
agent = "ann"
mute = false                      # it changes nothing, and is in the log
times = "every"
[[cues]]
after = { agent = "ann", silence = "2500ms", delay = "100ms" }
agent = "ben"
mute = false
times = "every"
[end]
turns = 6
max = "1m"
"""


def quiet_stretches(tracks):
    """Where no track is audible, in samples; pauses of up to 400 ms belong to a voice."""
    sound = np.max(np.abs(np.stack([track.astype(int) for track in tracks])), axis=0)
    loud = np.flatnonzero(sound >= 100)
    edges = [(int(a) + 1, int(b)) for a, b in pairwise(loud) if b - a - 1 >= PAUSE]
    return [(0, int(loud[0])), *edges, (int(loud[-1]) + 1, len(sound))]


@pytest.mark.parametrize("seed", range(6))
def test_a_silence_comes_when_the_recordings_are_silent_for_so_long(run_scenario, seed):
    run = run_scenario(toml=CALL, seed=seed)
    given = [(each.cue, each.pts) for each in run.events(events.CueGiven)]
    own = [run.audio("ann")]
    for cue, tracks, long, delay in (
        (0, [*own, run.audio("ben")], LONG, 0),
        (1, own, int(2.5 * SAMPLE_RATE), 2_400),
    ):
        expected = [
            start + long + delay
            for start, end in quiet_stretches(tracks)
            if end - start >= long and start + long + delay + KNOWN_WITHIN < run_end(run)
        ]
        came = [pts for place, pts in given if place == cue]
        late = [pts - due for pts, due in zip(came, expected, strict=True)]
        # It is known at the latest after 60 ms, or with the voice that ends it.
        assert all(-FRAME_SAMPLES <= each <= KNOWN_WITHIN + FRAME_SAMPLES for each in late)
    assert len(given) > 2


def run_end(run):
    """When the run winds down: a cue comes no more."""
    return run.events(events.Turn)[-1].pts


@pytest.mark.parametrize("seed", range(3))
def test_the_log_of_a_run_tells_of_the_same_silences(run_scenario, seed):
    run = run_scenario(toml=CALL, seed=seed)
    matcher = MomentMatcher([Moment.model_validate({"silence": "600ms"})])
    told = [each.pts for event in run.events() for each in matcher.observe(event)]
    given = [each.pts - KNOWN_WITHIN for each in run.events(events.CueGiven) if each.cue == 0]
    assert told[: len(given)] == pytest.approx(given, abs=FRAME_SAMPLES)
    assert given
    # An expectation finds the same ones, also that with which the run ended.
    expected = ExpectedMoment.model_validate({"silence": "600ms"})
    found = Timeline(History.read(run.folder / "events.jsonl")).find(expected)
    assert [each.start for each in found][: len(told)] == told
