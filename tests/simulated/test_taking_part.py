"""Floors and cues with every kind of agent: recordings, exact words, persons."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import pytest

from soundstage.errors import ScenarioError
from soundstage.messages import events
from soundstage.scenario import load_scenario
from soundstage.speech import Engines
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage import Run
    from soundstage.pytest_plugin import RunScenario

PANEL = """
[agents.ada]
opening_prompt = "Begin."
[agents.ada.local]
lines = ["I think that we should charge.", "A little money would help."]
[agents.dan]
KIND
[agents.ben]
[agents.ben.local]
lines = ["I do not agree with that.", "It would keep the children out."]
[rooms.panel]
members = ["ada", "dan", "ben"]
[rooms.panel.floor]
policy = "round_robin"
[end]
turns = TURNS
silence = "15s"
max = "1m"
"""

VOICES = """
[agents.alice]
[agents.bob]
kind = "KIND"
[[links]]
between = ["alice", "bob"]
[[cues]]
after = { at = "1s" }
agent = "bob"
ACT
[end]
max = "2s"
"""


KINDS = pytest.mark.parametrize(
    "kind", ["device", "browser", 'file"\nkeeps = "heard.wav'], ids=["device", "browser", "file"]
)


def panel(kind: str, turns: int) -> str:
    return PANEL.replace("KIND", kind).replace("TURNS", str(turns))


def voiced(run: Run) -> list[str]:
    said = run.events(events.VoiceStarted)
    return [event.agent for event in said if event.track == "said"]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    parts = Engines().synthesizer.synthesize("I am a recording, and I speak by myself.", "echo")
    path = tmp_path / "voice.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(b"".join(part.pcm for part in parts))
    return path


def test_a_recording_plays_when_it_has_the_floor_and_passes_it_on(
    run_scenario: RunScenario, recording: Path
) -> None:
    run = run_scenario(toml=panel(f'kind = "file"\nplays = "{recording}"', 4))
    given = [event.agent for event in run.events(events.FloorGiven)]
    assert given == ["ada", "dan", "ben", "ada", "dan", "ben"]
    assert voiced(run) == ["ada", "dan", "ben", "ada", "ben"]
    assert list(run.events(events.FloorTaken)) == []
    assert run.totals.overlap == 0
    # Ben has heard the recording out before he answers.
    heard = [e for e in run.events(events.HeardText, agent="ben") if e.speaker == "dan"]
    answer = next(e for e in run.events(events.ResponseStarted) if e.agent == "ben")
    assert heard[0].end <= answer.pts


def test_exact_words_leave_a_pause_so_that_each_session_knows_who_said_what(
    run_scenario: RunScenario,
) -> None:
    dan = 'kind = "scripted"\nlines = ["Dan is my name.", "And I am for it."]'
    run = run_scenario(toml=panel(dan, 6), set={"record.wire": True})
    assert [turn.agent for turn in run.turns] == ["ada", "dan", "ben"] * 2
    labels = [
        event.event["item"]["content"][0]["text"]
        for event in run.events(events.Wire, agent="ben")
        if event.sent and event.event["type"] == "conversation.item.create"
    ]
    first, second = labels[0].splitlines()
    assert first.startswith('Ada said: "I think')
    assert second.startswith('Dan said: "Dan')
    gaps = [
        (after.start - before.end)
        for before, after in zip(run.turns[:-1], run.turns[1:], strict=True)
    ]
    assert min(gaps) >= 0.5


@KINDS
@pytest.mark.parametrize("act", ['say = "Hello."', 'ask = "Say hello."', 'play = "voice.wav"'])
def test_who_has_a_voice_of_its_own_is_given_no_words(
    kind: str, act: str, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recording.parent)
    toml = VOICES.replace("KIND", kind).replace("ACT", act)
    with pytest.raises(ScenarioError, match="none of say, ask, play and keys goes with it"):
        load_scenario(toml=toml)


@KINDS
def test_a_voice_of_its_own_can_be_muted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    toml = VOICES.replace("KIND", kind).replace("ACT", "mute = true")
    assert load_scenario(toml=toml).cues[0].table.mute is True


def warnings_of(*moments: str, link: str = 'between = ["ann", "ben"]') -> list[str]:
    toml = f"""
[agents.ann]
kind = "scripted"
[agents.ben]
kind = "scripted"
[agents.sue]
[[links]]
{link}
[[links]]
from = "ben"
to = "sue"
[[cues]]
after = {moments[0]}
agent = "ann"
say = "Yes?"
[end]
when = [{", ".join(moments[1:])}, {{ event = "hang_up" }}]
"""
    return [each for each in load_scenario(toml=toml).warnings if "recognises" in each]


def test_words_are_warned_about_that_nobody_would_write_down() -> None:
    assert warnings_of('{ said = "hi" }', '{ agent = "ben", said = "bye" }') == []
    ends, cue = warnings_of('{ agent = "ann", said = "hi" }', '{ agent = "sue", said = "bye" }')
    assert ends == (
        "inline.toml:17: end.when[0].said: no agent that hears sue recognises speech: these words "
        "will never be noticed"
    )
    assert cue.startswith("inline.toml:13: cues[0].after.said: no agent that hears ann recognises")
    assert warnings_of('{ event = "fault" }', '{ agent = "ann", event = "joined" }') == []
    assert warnings_of('{ said = "x" }', '{ agent = "ann", said = "x" }', link=SUE) == []


SUE = 'from = "ann"\nto = "sue"'


def test_an_opener_that_is_ready_last_has_the_floor_first(run_scenario: RunScenario) -> None:
    run = run_scenario(
        toml="""
[agents.zoe]
opening_prompt = "Begin."
[agents.zoe.local]
lines = ["Welcome to all of you."]
[agents.dan]
kind = "scripted"
lines = ["Well, thank you."]
[agents.ben]
kind = "scripted"
lines = ["Likewise."]
[rooms.panel]
members = ["zoe", "dan", "ben"]
[rooms.panel.floor]
policy = "addressed"
[end]
turns = 2
silence = "9s"
"""
    )
    assert [event.agent for event in run.events(events.Joined)][-1] == "zoe"
    assert run.turns[0].agent == "zoe"
