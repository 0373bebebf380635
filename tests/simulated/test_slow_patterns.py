"""A pattern that takes too long ends the run with its name; it is no match, and no miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from soundstage.pytest_plugin import RunScenario

SLOW: Final = r"{ pattern = '(\w|\w\w|\W)+[#%]' }"
"""It has more ways through a sentence than can be tried; nothing in it repeats a repetition."""

TALK: Final = """
[agents.caller]
kind = "scripted"
lines = ["Good morning, I would like to renew three of my books, please."]
[agents.bot]
[agents.bot.local]
lines = ["Certainly."]
RULES
[[links]]
between = ["bot", "caller"]
REST
"""

PLACES: Final = {
    "an end": ("", f"[end]\nwhen = [{{ said = {SLOW}, agent = 'caller' }}]\nmax = '1m'"),
    "a cue": (
        "",
        (
            f"[[cues]]\nafter = {{ said = {SLOW}, agent = 'caller' }}\nagent = 'caller'\n"
            "say = 'Yes.'\n[end]\nturns = 3\nmax = '1m'"
        ),
    ),
    "a rule": (f"rules = [{{ heard = {SLOW}, say = 'Yes.' }}]", "[end]\nturns = 3\nmax = '1m'"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_slow_pattern_makes_the_run_invalid_and_is_named(
    run_scenario: RunScenario, place: str
) -> None:
    run = run_scenario(
        toml=TALK.replace("RULES", PLACES[place][0]).replace("REST", PLACES[place][1]), check=False
    )
    assert run.cause is not None
    assert (run.outcome, run.exit_code, run.cause.reason) == ("invalid", 3, "pattern")
    assert r"'(\w|\w\w|\W)+[#%]' was not found or ruled out" in run.cause.message
    assert run.audio("caller").any()
