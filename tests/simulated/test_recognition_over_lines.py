"""What is understood over a line with weather: words that are heard wrong, of all that are said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from soundstage.config.values import word_error_rate

if TYPE_CHECKING:
    from soundstage import Run
    from soundstage.pytest_plugin import RunScenario

SAID = (
    "The train to the coast leaves at half past nine.",
    "My grandmother taught me how to bake bread without a scale.",
    "Please send the parcel to the shop around the corner.",
    "It rained every single day, but we enjoyed the music.",
    "Could you tell me what the weather will be like tomorrow?",
    "The museum should be free for every child in the city.",
    "We walked along the river until it was dark.",
    "He forgot his keys and had to wait outside for two hours.",
    "I would like a table for four people by the window.",
    "The doctor said that you should drink more water.",
    "Nobody knew why the old bridge had been closed.",
    "She reads more books than anyone I know.",
    "There is a small garden behind the yellow house.",
    "Turn left at the church and then go straight ahead.",
    "The children were playing football in the street.",
    "Our flight was late because of the snow.",
    "I have been working in this office for seven years.",
    "Would you mind opening the door for me?",
    "They sold their car and bought two bicycles.",
    "The soup needs a little more salt and pepper.",
    "My brother plays the piano every evening after dinner.",
    "You can pay by card or with cash at the counter.",
    "The meeting begins at ten and ends before lunch.",
    "I heard a strange noise in the kitchen last night.",
)

LINES = {
    "clean": (None, 0.05),
    "telephone": ({"kind": "telephone"}, 0.08),
    "white noise": ({"kind": "noise", "source": "white", "snr": "15dB"}, 0.08),
    "pink noise": ({"kind": "noise", "source": "pink", "snr": "15dB"}, 0.08),
    "loss": ({"kind": "loss", "rate": "5%"}, 0.08),
}
VOICES = ("ash", "coral")
FEW = 6

CALL = """
[agents.speaker]
kind = "scripted"
voice = "{voice}"
lines = {lines}
wait = "900ms"
[agents.ear.turn_detection]
type = "server_vad"
create_response = false
[[links]]
from = "speaker"
to = "ear"
effects = [{effects}]
{table}
[end]
silence = "5s"
max = "4m"
"""


def call(said: tuple[str, ...], voice: str, effect: dict[str, str] | None) -> str:
    """One speaks, the other listens and says nothing."""
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in (effect or {}).items())
    return CALL.format(
        voice=voice,
        lines=json.dumps(said),
        effects='"weather"' if effect else "",
        table="[effects.weather]\n" + table if effect else "",
    )


def heard_wrong(run: Run, said: tuple[str, ...]) -> float:
    assert run.outcome == "ended"
    assert [turn.text for turn in run.turns] == list(said)
    return word_error_rate(" ".join(said), run.heard_by("ear"))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("line", LINES)
def test_a_few_sentences_are_understood(run_scenario: RunScenario, line: str) -> None:
    effect, most = LINES[line]
    run = run_scenario(toml=call(SAID[:FEW], VOICES[0], effect), seed=1)
    assert heard_wrong(run, SAID[:FEW]) <= most


@pytest.mark.prove
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("line", LINES)
def test_many_sentences_of_two_voices_are_understood(run_scenario: RunScenario, line: str) -> None:
    effect, most = LINES[line]
    rates = [
        heard_wrong(run_scenario(toml=call(SAID, voice, effect), seed=seed), SAID)
        for voice in VOICES
        for seed in (1, 2)
    ]
    mean = sum(rates) / len(rates)
    print(f"{line}: {mean:.1%} of the words heard wrong, each call {[f'{r:.1%}' for r in rates]}")
    assert mean <= most
