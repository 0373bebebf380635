"""The doubles for tests of one's own agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soundstage import Agent
from soundstage.messages import Say
from soundstage.testing import Collector, bare

if TYPE_CHECKING:
    from pathlib import Path


def test_a_bare_agent_has_the_surroundings_that_the_test_gives_it(tmp_path: Path) -> None:
    agent = bare(Agent, Agent.Settings(voice="cedar"), name="ada", hears=["ben"], folder=tmp_path)
    assert (agent.name, agent.context.voice) == ("ada", "cedar")
    assert (agent.context.hears, agent.context.folder) == (("ben",), tmp_path)


def test_a_bare_agent_keeps_what_it_sends_in_order() -> None:
    agent = bare(Agent, Agent.Settings())
    agent.say("Good day.")
    agent.mute("ben")
    assert agent.sent[0] == Say("Good day.")
    assert len(agent.sent) == 2


def test_in_a_room_with_a_floor_a_bare_agent_may_not_speak_until_it_is_given_the_floor() -> None:
    assert bare(Agent, Agent.Settings())._floor_grant.may_speak
    assert not bare(Agent, Agent.Settings(), floor="hall")._floor_grant.may_speak


def test_a_bare_agent_can_be_started_and_says_that_it_is_ready() -> None:
    agent = Agent.bare()
    agent.started()
    agent.ready()
    place: Any = agent._cell
    assert place.readies == 1


def test_a_collector_keeps_what_it_is_told() -> None:
    collector = Collector("ear")
    collector.tell("one")
    collector.tell("two")
    assert collector.sent == ["one", "two"]


def test_the_former_name_of_the_context_still_works_and_warns() -> None:
    agent = Agent.bare()
    with pytest.warns(DeprecationWarning, match="`context`"):
        assert agent.given is agent.context
