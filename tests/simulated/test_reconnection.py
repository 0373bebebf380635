"""A call with a tool, of which one session is lost at any moment: the conversation goes on."""

from __future__ import annotations

import itertools
import random
import statistics
import wave
from pathlib import Path

import pytest

from soundstage import Run, run_scenario
from soundstage.messages import events
from soundstage.realtime.client.truncations import FIRST_WORD
from soundstage.scenario.shipped_scenarios import shipped_folder
from soundstage.units import seconds_of

SCENE = """
[scenario]
[end]
when = [{{ said = "goodbye" }}]
silence = "12s"
max = "90s"
[[links]]
between = ["alice", "bob"]
[tools.weather]
description = "The weather in a city."
parameters = {{ type = "object", properties = {{ city = {{ type = "string" }} }} }}
mock = [{{ returns = {{ sky = "sunny" }} }}]
latency = "700ms"
[defaults.realtime]
on_drop = "reconnect"
[agents.alice]
voice = "ash"
opening_prompt = "Begin."
[agents.alice.local]
rules = [{{ heard = "sorry", say = "What is the weather in Oslo?" }}]
lines = ["Hello, what is the weather in Oslo?", "Thank you very much for this answer."]
otherwise = "Goodbye then."
faults = [{alice}]
[agents.bob]
tools = ["weather"]
[agents.bob.local]
rules = [
  {{ heard = "weather in Oslo", call = [{{ tool = "weather", args = {{ city = "Oslo" }} }}] }},
  {{ tool = "weather", say = "It is {{sky}} in Oslo today." }},
  {{ heard = "thank you", say = "You are welcome, goodbye." }},
]
otherwise = "Sorry?"
faults = [{bob}]
"""

ENDS_AFTER = 9.0
"""Seconds: every call that is not disturbed lasts longer."""

NOTICED_AFTER = 5.0
"""Seconds before that end in which no path is lost: the loss has to be noticed within the call."""


def scene(seed: int) -> str:
    """Who is lost, when and how, and how long it takes until there is another session."""
    chance = random.Random(seed)
    what = chance.choice(["channel", "connection", "connection", "expire", "path"])
    after = chance.uniform(0.05, ENDS_AFTER - (NOTICED_AFTER if what == "path" else 0))
    kind = 'kind = "expire"' if what == "expire" else f'kind = "drop", what = "{what}"'
    faults = [f'{{ {kind}, session = 1, after = "{after:.3f}s" }}']
    later = 2
    if chance.random() < 0.3:
        faults.append('{ kind = "refuse", status = 503, session = 2 }')
        later = 3
    delay = f"{chance.uniform(0, 1500):.0f}ms"
    faults.append(f'{{ kind = "slow_answer", session = {later}, delay = "{delay}" }}')
    lost = chance.choice(["alice", "bob"])
    others = {"alice": "", "bob": "", lost: ", ".join(faults)}
    return SCENE.format(**others)


def check(run: Run) -> float:
    """That nothing was answered, called or recorded wrongly; how long the gap was, in seconds."""
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "when[0]", 0)
    [lost], [again] = run.events(events.Dropped), run.events(events.Reconnected)
    assert lost.agent == again.agent
    assert again.gap == again.pts - lost.pts
    assert [call.tool for call in run.events(events.ToolCalled)] == ["weather"]
    # What is shorter than turn detection notices is no answer, and is given again.
    turns = [turn for turn in run.turns if turn.end - turn.start >= seconds_of(FIRST_WORD)]
    speakers = [turn.agent for turn in turns]
    assert all(one != after for one, after in itertools.pairwise(speakers)), turns
    whole = [turn.text for turn in turns if turn.text == turn.generated]
    assert sorted(whole) == sorted(set(whole)), whole
    for port in run.events(events.Audio):
        assert (port.dropped, port.concealed, port.late) == (0, 0, 0)
        assert port.sent == port.heard
    for carried in run.events(events.Carried):
        assert (carried.missing, carried.late, carried.dropped, carried.wrong) == (0, 0, 0, 0)
    assert len({length(path) for path in (run.folder / "audio").glob("*.wav")}) == 1
    return seconds_of(again.gap)


def length(path: Path) -> int:
    with wave.open(str(path)) as recording:
        return recording.getnframes()


def transcript(run: Run) -> str:
    return (run.folder / "transcript.md").read_text()


def play(seed: int, folder: Path) -> float:
    run = run_scenario(toml=scene(seed), out=folder / f"{seed}", seed=seed, check=False)
    try:
        return check(run)
    except AssertionError as wrong:
        raise AssertionError(f"seed {seed}: {wrong}\n{transcript(run)}") from wrong


def quantile(gaps: list[float], share: float) -> float:
    return statistics.quantiles(gaps, n=100, method="inclusive")[round(share * 100) - 1]


@pytest.mark.parametrize("seed", range(25))
def test_wherever_a_session_is_lost_nothing_is_answered_or_called_twice(
    seed: int, tmp_path: Path
) -> None:
    assert play(seed, tmp_path) <= 2.1


def test_sessions_that_expire_again_and_again_make_one_conversation(tmp_path: Path) -> None:
    toml = SCENE.format(alice="", bob="").replace("lines =", 'expires_after = "3s"\nlines =')
    run = run_scenario(toml=toml, out=tmp_path / "run", check=False)
    assert (run.outcome, run.reason) == ("ended", "when[0]")
    lost, again = run.events(events.Dropped), run.events(events.Reconnected)
    # The last loss may be the end of the run as well.
    assert len(lost) >= len(again) >= 2
    assert {each.agent for each in lost} == {"alice"}
    assert "longest duration" in lost[0].error
    assert run.metrics["alice"].reconnects == len(again)
    assert run.metrics["alice"].reconnect_gap.count == len(again)
    assert run.metrics["bob"].reconnects == 0
    assert "*Alice lost its session*" in transcript(run)


def test_a_loss_is_a_moment_and_so_is_the_session_after_it(tmp_path: Path) -> None:
    drop = 'kind = "drop", after = "1s", session = 1'
    slow = 'kind = "slow_answer", delay = "700ms", session = 2'
    toml = SCENE.format(alice=f"{{ {drop} }}, {{ {slow} }}", bob="")
    toml = toml.replace('{ said = "goodbye" }', '{ event = "reconnected", agent = "alice" }')
    toml += '[[cues]]\nagent = "bob"\nafter = { event = "dropped" }\nmute = true\n'
    run = run_scenario(toml=toml, out=tmp_path / "run", check=False)
    assert run.reason == "when[0]"
    [cue] = run.events(events.CueGiven)
    [lost], [again] = run.events(events.Dropped), run.events(events.Reconnected)
    assert cue.pts == lost.pts
    assert seconds_of(again.gap) == pytest.approx(0.7, abs=0.05)


@pytest.mark.parametrize(
    ("faults", "keys", "why", "reconnects"),
    [
        ('{ kind = "drop", after = "1s" }', 'on_drop = "fault"', "without hanging up", 0),
        ('{ kind = "drop", after = "1s" }', "reconnects = 2", "without hanging up", 2),
        (
            (
                '{ kind = "drop", after = "1s", session = 1 },'
                ' { kind = "refuse", status = 401, session = 2 }'
            ),
            "",
            "HTTP 401",
            0,
        ),
        (
            (
                '{ kind = "drop", after = "1s", session = 1 },'
                ' { kind = "slow_answer", delay = "9s", session = 2 }'
            ),
            'reconnect_within = "3s"',
            "without hanging up",
            0,
        ),
        ('{ kind = "refuse", status = 503, session = 1 }', "", "HTTP 503", 0),
    ],
)
def test_what_cannot_be_mended_goes_on_to_on_fault(
    faults: str, keys: str, why: str, reconnects: int, tmp_path: Path
) -> None:
    told = keys if "on_drop" in keys else f'on_drop = "reconnect"\n{keys}'
    toml = SCENE.format(alice="", bob=faults).replace('on_drop = "reconnect"', told)
    run = run_scenario(toml=toml, out=tmp_path / "run", check=False)
    assert run.outcome == "invalid"
    [fault] = run.faults
    assert (fault.agent, fault.action) == ("bob", "leave")
    assert why in fault.error
    assert len(run.events(events.Reconnected)) == reconnects


def test_two_runs_with_the_same_losses_are_the_same(tmp_path: Path) -> None:
    runs = [
        run_scenario(toml=scene(7), out=tmp_path / f"{n}", seed=7, check=False) for n in range(2)
    ]
    assert runs[0].fingerprint == runs[1].fingerprint


@pytest.mark.parametrize("seed", range(5))
def test_an_agent_that_asks_for_its_answers_itself_asks_once(seed: int, tmp_path: Path) -> None:
    toml = scene(seed).replace(
        'on_drop = "reconnect"',
        'on_drop = "reconnect"\nturn_detection = { backchannel = "100ms" }',
    )
    check(run_scenario(toml=toml, out=tmp_path / "run", seed=seed, check=False))


@pytest.mark.prove
def test_a_room_with_a_floor_goes_on_whichever_member_is_lost(tmp_path: Path) -> None:
    table = (shipped_folder() / "roundtable.toml").read_text()
    table = table.replace("turns = 13", 'when = [{ agent = "chair", said = "goodbye" }]')
    reconnects = '[defaults.realtime]\non_drop = "reconnect"\n[defaults.realtime.local]'
    table = table.replace("[defaults.realtime.local]", reconnects)
    for seed in range(16):
        chance = random.Random(seed)
        lost = chance.choice(["chair", "ada", "ben", "cleo"])
        what = chance.choice(["channel", "connection", "path"])
        drop = (
            f'kind = "drop", what = "{what}", session = 1, after = "{chance.uniform(0, 55):.2f}s"'
        )
        slow = f'kind = "slow_answer", session = 2, delay = "{chance.uniform(0, 1500):.0f}ms"'
        faults = f"[agents.{lost}.local]\nfaults = [{{ {drop} }}, {{ {slow} }}]"
        toml = table.replace(f"[agents.{lost}.local]", faults)
        run = run_scenario(toml=toml, out=tmp_path / f"{seed}", check=False)
        assert (run.outcome, run.reason) == ("ended", "when[0]"), seed
        assert len(run.events(events.Reconnected)) == 1, seed
        turns = [turn for turn in run.turns if turn.end - turn.start >= seconds_of(FIRST_WORD)]
        whole = [turn.text for turn in turns if turn.text == turn.generated]
        assert sorted(whole) == sorted(set(whole)), seed


@pytest.mark.prove
def test_a_hundred_losses_at_any_moment(tmp_path: Path) -> None:
    gaps = [play(seed, tmp_path) for seed in range(100)]
    print(
        f"100 losses: the gap is {quantile(gaps, 0.5):.2f} s in the median,"
        f" {quantile(gaps, 0.95):.2f} s at p95"
    )
    assert all(gap <= 2.1 for gap in gaps)
