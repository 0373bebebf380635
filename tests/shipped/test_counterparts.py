"""The ready-made counterparts: a sound agent passes with each, and a broken one does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.messages.events import Dtmf, Left, Noted

if TYPE_CHECKING:
    from soundstage.pytest_plugin import RunScenario

CALLERS = ("impatient_caller", "hesitant_caller", "chatty_caller", "persona_caller")
OTHERS = ("silent_caller", "voicemail", "phone_menu", "on_hold")
LATE = {"agents.support.local.faults": [{"kind": "slow_response", "delay": "9s"}]}


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", [*CALLERS, *OTHERS])
def test_a_sound_agent_passes_with_each_counterpart(
    run_scenario: RunScenario, name: str, seed: int
) -> None:
    run = run_scenario(name, seed=seed)
    assert {each.status for each in run.expectations} <= {"passed", "skipped"}


def test_a_menu_is_gone_through_by_the_keys_that_the_model_presses(
    run_scenario: RunScenario,
) -> None:
    run = run_scenario("phone_menu")
    assert "".join(each.key for each in run.events(Dtmf)) == "24711#"
    assert [call.name for call in run.tool_calls()] == ["press_keys", "press_keys"]


def test_the_silent_caller_is_asked_twice(run_scenario: RunScenario) -> None:
    run = run_scenario("silent_caller")
    assert (run.outcome, run.said_by("caller")) == ("ended", "")


def test_the_persona_says_its_facts_when_it_is_asked_and_is_satisfied(
    run_scenario: RunScenario,
) -> None:
    run = run_scenario("persona_caller")
    told = [(each.name, each.data.get("fact")) for each in run.events(Noted)]
    assert told == [("revealed", "order"), ("revealed", "fault"), ("satisfied", None)]
    # Nothing offline may look like the words of a model.
    assert [turn.made_by for turn in run.turns] == [""] * len(run.turns)


def test_the_persona_gives_up_with_an_agent_that_refuses(run_scenario: RunScenario) -> None:
    rules = [
        {"heard": "order {order:number}", "say": "And what is wrong with it?"},
        {"heard": "leaks", "say": "I cannot send a new one."},
    ]
    run = run_scenario("persona_caller", set={"agents.support.local.rules": rules}, check=False)
    assert (run.outcome, run.reason) == ("failed", "expect:satisfied")
    assert run.said_by("caller").endswith("Then I will go to another shop. Goodbye.")


@pytest.mark.prove
def test_the_impatient_caller_hangs_up_on_a_late_agent(run_scenario: RunScenario) -> None:
    run = run_scenario("impatient_caller", set=LATE, check=False)
    assert run.outcome == "failed"
    assert [each.agent for each in run.events(Left)][:1] == ["caller"]
    assert "Are you still there?" in run.said_by("caller")
