"""A caller on a loudspeaker without echo cancelling: the bot hears itself, and stops for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage import run_scenario
from soundstage.errors import ScenarioError
from soundstage.messages import events
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from soundstage import Run

CALL = """
[agents.bot]
voice = "ash"
opening_prompt = "Go."
[agents.bot.turn_detection]
type = "server_vad"
interrupt_response = true
[agents.bot.local]
lines = ["We are open from nine in the morning until six in the evening on every day of the week."]
otherwise = "Yes."
[agents.caller]
kind = "scripted"
voice = "coral"
LINE
[effects.speakerphone]
kind = "acoustic_echo"
delay = "140ms"
level = "LEVEL"
[[links]]
between = ["bot", "caller"]
[end]
max = "8s"
[record]
tracks = ["said", "heard"]
"""

ONE_WAY = """from = "caller"
to = "bot"
effects = ["speakerphone"]
[[links]]
from = "bot"
to = "caller"
"""


def call(line: str = 'line = { sends = ["speakerphone"] }', *, level: str = "-6dB") -> str:
    return CALL.replace("LINE", line).replace("LEVEL", level)


def played(toml: str) -> Run:
    return run_scenario(toml=toml, check=False)


def test_without_the_echo_the_bot_speaks_to_its_end() -> None:
    run = played(call(""))
    assert run.heard_by("bot") == ""
    assert run.events(events.Interrupted) == ()


def test_a_bot_that_hears_itself_cuts_itself() -> None:
    run = played(call())
    cuts = run.events(events.Interrupted, "bot")
    assert cuts
    first = next(turn for turn in run.turns if turn.agent == "bot")
    assert first.text != first.generated
    # Its own first words, back from the loudspeaker.
    assert run.heard_by("bot").lower().startswith("we are")
    # And yet the caller has said nothing.
    assert [turn.agent for turn in run.turns if turn.agent == "caller"] == []
    assert not run.audio("caller").any()


def test_what_the_bot_hears_is_its_own_voice_so_much_later_and_softer() -> None:
    run = played(call(level="-30dB"))
    said = run.audio("bot").astype(float)
    heard = run.audio("bot", "heard").astype(float)
    late = round(0.14 * SAMPLE_RATE)
    part = slice(0, 4 * SAMPLE_RATE)
    echo = heard[late:][part]
    assert np.corrcoef(said[part], echo)[0, 1] > 0.99
    level = 20 * np.log10(np.std(echo) / np.std(said[part]))
    assert level == pytest.approx(-30, abs=0.2)


def test_an_echo_is_the_same_every_time() -> None:
    assert played(call()).fingerprint == played(call()).fingerprint


def test_an_echo_on_the_line_that_an_agent_hears_on_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"speakerphone brings back what caller hears in what"):
        played(call('line = { hears = ["speakerphone"] }'))


def test_an_echo_on_the_link_to_one_listener_works_as_on_the_own_line() -> None:
    toml = call("").replace('between = ["bot", "caller"]', ONE_WAY)
    assert played(toml).heard_by("bot").lower().startswith("we are")
