"""Interruptions: silence at once, and what was not heard is not said."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from soundstage.audio import AUDIBLE_PEAK
from soundstage.config.values import normalize, word_error_rate
from soundstage.messages import events
from soundstage.speech import Engines
from soundstage.units import SAMPLE_RATE, SILENCE, samples_of_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage import Run
    from soundstage.pytest_plugin import RunScenario

WITHIN = samples_of_ms(60)

CALL = """
[agents.support]
voice = "sage"
opening_prompt = "Explain."
turn_detection = { type = "server_vad", silence_duration = "500ms" BACKCHANNEL }
tools = ["find_parcel"]
[agents.support.local]
think = "300ms"
lines = [LINES]
otherwise = "I see, thank you."
[[agents.support.local.rules]]
heard = "parcel {number:number}"
say = "One moment please, I am looking for it in the books."
call = [{ tool = "find_parcel", args = { number = "{number:number}" } }]
[[agents.support.local.rules]]
tool = "find_parcel"
say = "Your parcel is at the {place}."

[tools.find_parcel]
description = "Finds a parcel."
parameters = { type = "object", properties = { number = { type = "number" } } }
mock = [{ returns = { place = "harbour" } }]
latency = "1500ms"

[agents.caller]
kind = "scripted"
voice = "ash"
lines = [CALLER]
[agents.other]
kind = "scripted"
voice = "echo"

[[links]]
between = ["caller", "support"]
[[links]]
between = ["other", "support"]

[end]
silence = "4s"
max = "1m"
[record]
tracks = ["said", "heard"]
"""

LECTURE = (
    '"Every morning our drivers load the vans, and every van has forty stops. If nobody is at '
    'home we leave a card, and you collect the parcel from the shop around the corner."'
)

OBJECTION = "No, please stop there for a moment."

CUE = """
[[cues]]
after = {{ agent = "support", event = "{event}", nth = {nth}, delay = "{delay}ms" }}
agent = "{agent}"
say = "{say}"
overlap = true
"""


class Moment(NamedTuple):
    kind: str
    toml: str


def cue(event: str, delay: float, *, agent: str = "caller", nth: int = 1) -> str:
    say = OBJECTION if agent == "caller" else "Excuse me, I have a question."
    return CUE.format(event=event, nth=nth, delay=int(delay), agent=agent, say=say)


def moment(seed: int, length_ms: float) -> Moment:
    """One of the five kinds of moments, drawn from a seed."""
    draw = random.Random(seed)
    kind = ("before", "between", "last", "tool", "two")[seed % 5]
    caller, lines = "", LECTURE
    match kind:
        case "before":
            cues = cue("response_started", draw.uniform(0, 280))
        case "between":
            cues = cue("speech_started", draw.uniform(200, length_ms - 600))
        case "last":
            cues = cue("speech_started", length_ms - NOTICED_MS - draw.uniform(0, 100))
        case "tool":
            caller, lines = '"Hello, where is parcel 7?"', '"Good morning."'
            cues = cue("response_done", draw.uniform(0, 1900), nth=2)
        case _:
            at = draw.uniform(500, length_ms - 1500)
            cues = cue("speech_started", at)
            cues += cue("speech_started", at + draw.uniform(0, 60), agent="other")
    backchannel = ', backchannel = "300ms"' if seed % 10 >= 5 and kind != "last" else ""
    toml = CALL.replace("BACKCHANNEL", backchannel).replace("LINES", lines)
    return Moment(kind, toml.replace("CALLER", caller) + cues)


NOTICED_MS = 100
"""From a cue to the moment in which a session notices the voice."""


@pytest.fixture(scope="module")
def length_ms() -> float:
    """How long the lecture is when nobody interrupts it."""
    text, voice = json.loads(LECTURE), "sage"
    parts = Engines().synthesizer.synthesize(text, voice)
    return sum(len(part.pcm) for part in parts) / 2 / SAMPLE_RATE * 1000


def cuts(run: Run) -> Iterator[tuple[events.Interrupted, events.Turn]]:
    turns = {turn.response: turn for turn in run.events(events.Turn)}
    for cut in run.events(events.Interrupted):
        yield cut, turns[cut.response]


def silent_after(run: Run, cut: events.Interrupted, track: str, agent: str) -> int:
    """Samples from the decision to the last audible one of the second that follows."""
    sound = run.audio(agent, track)[cut.pts : cut.pts + SAMPLE_RATE // 2]
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) >= AUDIBLE_PEAK)
    return int(loud[-1]) + 1 if len(loud) else 0


def words_wrong(run: Run, turn: events.Turn, listener: str) -> float:
    """Words by which what a listener's recording holds of a turn differs from its transcript.

    Of three lengths of silence around it the best counts: after a cut the recogniser sometimes
    begins the sentence anew, or makes up its end.
    """
    sound = run.audio(listener, "heard")[turn.start : turn.end].tobytes()
    recognizer, said = Engines().recognizer, normalize(turn.said)
    heard = [recognizer.recognize(SILENCE * n + sound + SILENCE * n).text for n in (0, 10, 25)]
    if not said:
        return min(len(normalize(text)) for text in heard)
    return min(word_error_rate(turn.said, text) for text in heard) * len(said)


def check_cuts(run: Run) -> int:
    """Every interruption of a run, measured in its recordings; how many there were."""
    number = 0
    for cut, turn in cuts(run):
        number += 1
        assert silent_after(run, cut, "said", cut.agent) <= WITHIN
        assert turn.generated.startswith(turn.said.rstrip())
        # A word that was cut in two counts as heard or not; the recogniser may think otherwise.
        assert words_wrong(run, turn, "caller") <= 1.5 + 0.1 * len(normalize(turn.said)), turn
    return number


def check_order(run: Run) -> None:
    """Nothing of a cut response comes after it; tools run only for responses that are whole."""
    assert run.outcome == "ended"
    assert run.faults == ()
    assert list(run.events(events.Warned)) == []
    over: set[str] = set()
    for event in run.events():
        if isinstance(event, events.AgentSpeechStarted):
            assert event.response not in over
        elif isinstance(event, events.Turn):
            assert event.response not in over
            over.add(event.response)
    whole = {e.response for e in run.events(events.ResponseDone) if e.status == "completed"}
    called = list(run.events(events.ToolCalled))
    assert {call.response for call in called} <= whole
    assert all(isinstance(json.loads(call.arguments), dict) for call in called)
    assert [r.call for r in run.events(events.ToolReturned)] == [call.call for call in called]


def check_moment(run: Run, kind: str) -> None:
    check_order(run)
    number = check_cuts(run)
    first = next(iter(run.events(events.ResponseDone, agent="support")))
    last = run.turns[-1]
    assert (last.agent, last.interrupted_by) == ("support", "")
    match kind:
        case "before":
            assert number <= 1
            assert first.status == "cancelled" or number == 1
        case "between" | "two":
            assert number == 1
            assert run.turns[0].interrupted_by in {"caller", "other"}
        case "tool":
            assert len(list(run.events(events.ToolReturned))) == 1
            # What the tool has found is told, unless the objection came between the two.
            assert any("Your parcel" in each.text for each in run.events(events.ResponseDone))
        case _:
            spoken = next(turn for turn in run.turns if turn.agent == "support")
            missing = len(normalize(spoken.generated)) - len(normalize(spoken.text))
            assert missing <= 1


def test_a_word_of_assent_does_not_stop_the_agent_and_an_objection_does(
    run_scenario: RunScenario,
) -> None:
    run = run_scenario("barge_in")
    check_order(run)
    [(cut, turn)] = cuts(run)
    assert check_cuts(run) == 1
    assert (cut.agent, cut.by, turn.cut_by) == ("support", "caller", "caller")
    _, yes, _, *rest = run.turns
    assert (yes.agent, yes.text) == ("caller", "Yes.")
    assert turn.start < yes.start * SAMPLE_RATE < yes.end * SAMPLE_RATE < turn.end
    assert silent_after(run, cut, "heard", "caller") <= WITHIN
    assert [each.agent for each in rest] == ["support", "caller", "support"]
    assert f"{turn.said.rstrip()}\N{EM DASH}" in run.transcript
    assert "cut by Caller" in run.transcript


def test_without_a_length_for_backchannels_any_sound_interrupts(run_scenario: RunScenario) -> None:
    detection = {"type": "server_vad", "silence_duration": "500ms"}
    run = run_scenario("barge_in", set={"agents.support.turn_detection": detection}, check=False)
    cut, turn = next(cuts(run))
    noticed = next(e for e in run.events(events.Listening, agent="support") if e.on)
    assert cut.pts - noticed.pts <= WITHIN
    assert check_cuts(run) >= 1
    assert turn.end < turn.start + 4 * SAMPLE_RATE


def test_the_conversation_keeps_what_was_heard_and_no_more(run_scenario: RunScenario) -> None:
    run = run_scenario("barge_in", set={"record.wire": True})
    [(_, turn)] = cuts(run)
    [kept] = [
        event.event["item"]["content"][0]["transcript"]
        for event in run.events(events.Wire, agent="support")
        if event.event["type"] == "conversation.item.retrieved"
    ]
    assert kept == turn.said


@pytest.mark.parametrize("seed", range(10))
def test_any_moment_will_do(run_scenario: RunScenario, length_ms: float, seed: int) -> None:
    kind, toml = moment(seed, length_ms)
    check_moment(run_scenario(toml=toml, seed=seed), kind)


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_a_hundred_moments_will_do(run_scenario: RunScenario, length_ms: float) -> None:
    number = 0
    for seed in range(100):
        kind, toml = moment(seed, length_ms)
        run = run_scenario(toml=toml, seed=seed)
        check_moment(run, kind)
        number += len(list(cuts(run)))
    print(f"100 moments, {number} replies cut, each silent within 60 ms of the decision")
