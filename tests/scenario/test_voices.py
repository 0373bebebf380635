from __future__ import annotations

import pytest

from soundstage import realtime
from soundstage.errors import ScenarioError
from soundstage.scenario import VOICES, load_scenario
from soundstage.scenario.agent_declarations import free_voices


def test_free_voices_are_given_out_in_order_and_no_two_alike():
    chosen = {"a": None, "b": VOICES[0], "c": None}
    assert free_voices(chosen) == {"a": VOICES[1], "b": VOICES[0], "c": VOICES[2]}


def test_with_more_agents_than_voices_they_come_round_again():
    given = free_voices({f"a{n}": None for n in range(len(VOICES) + 3)})
    assert list(given.values()) == [*VOICES, *VOICES[:3]]


def test_agents_that_sound_alike_and_voices_nobody_knows_are_warned_about(write, call):
    path = write(call.replace('"ash"', '"shimer"') + '[agents.carol]\nvoice = "shimmer"\n'
                 '[[links]]\nbetween = ["alice", "carol"]\n')  # fmt: skip
    unknown, alike = load_scenario(path).warnings
    assert unknown == (
        'call.toml:6: agents.bob.voice: "shimer" is no known voice, and a stand-in speaks '
        'locally; did you mean "shimmer"?'
    )
    assert alike == (
        'call.toml:14: agents.carol.voice: "shimmer" is the voice of alice, too: they sound alike'
    )


def test_a_voice_that_the_service_lacks_is_refused_where_that_is_wanted(write, call):
    path = write(call.replace('"ash"', '"shimer"'))
    told = r'call\.toml:6: agents\.bob\.voice: "shimer" is no voice of the service; .*"shimmer"'
    with pytest.raises(ScenarioError, match=told):
        load_scenario(path, strict=True)
    assert load_scenario(write(call), strict=True).warnings == ()


def test_the_voices_that_are_given_out_are_those_of_the_service():
    assert {*VOICES} == {*realtime.VOICES}
    assert len(VOICES) == len(realtime.VOICES)
