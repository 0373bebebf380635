"""The browser agent, without starting it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from soundstage.messages import Entry, Frame, HangUpRequested, Tick
from soundstage.messages.events import Noted
from soundstage.testing import bare
from soundstage.units import FRAME_SAMPLES, SILENCE
from soundstage.web import VisitorAway, VisitorLeft, VisitorSeated
from soundstage_agents.browser import BrowserAgent

LOUD = (1000).to_bytes(2, "little") * FRAME_SAMPLES


class DummyVoice:
    concealed = dropped = late = 0

    def __init__(self, says: bytes) -> None:
        self.says = says
        self.heard: list[bytes] = []

    def take(self) -> bytes:
        return self.says

    def play(self, pcm: bytes) -> None:
        self.heard.append(pcm)


def browser(hears: tuple[str, ...] = (), **settings: object) -> tuple[BrowserAgent, Any]:
    agent = bare(BrowserAgent, BrowserAgent.Settings.model_validate(settings), hears=hears)
    return agent, agent._cell


def noted(agent: BrowserAgent) -> list[tuple[str, dict[str, Any]]]:
    entries = [message.event for message in agent.sent if isinstance(message, Entry)]
    return [(event.name, event.data) for event in entries if isinstance(event, Noted)]


def test_the_scenario_begins_with_the_first_visitor() -> None:
    agent, cell = browser(seats=2)
    assert cell.readies == 0
    agent.welcome(VisitorSeated(1, DummyVoice(SILENCE)))
    agent.welcome(VisitorSeated(2, DummyVoice(SILENCE)))
    assert cell.readies == 1
    assert noted(agent) == [("visitor_joined", {"seat": 1}), ("visitor_joined", {"seat": 2})]


def test_the_visitors_speak_with_one_voice_and_hear_the_room() -> None:
    agent, _ = browser(hears=("bot",))
    voice = DummyVoice(LOUD)
    agent.welcome(VisitorSeated(1, voice))
    agent.speak_frame(Tick(0))
    agent.hear(Frame("bare", 0, LOUD))
    assert Frame("bare", 0, LOUD) in agent.sent
    assert voice.heard == [LOUD]


def test_visitors_hear_each_other_though_no_agent_is_heard() -> None:
    agent, _ = browser(seats=2)
    speaks, listens = DummyVoice(LOUD), DummyVoice(SILENCE)
    agent.welcome(VisitorSeated(1, speaks))
    agent.welcome(VisitorSeated(2, listens))
    agent.speak_frame(Tick(0))
    assert (speaks.heard, listens.heard) == ([SILENCE], [LOUD])


def test_a_visitor_who_comes_back_in_time_was_never_gone() -> None:
    agent, _ = browser()
    agent.welcome(VisitorSeated(1, DummyVoice(SILENCE)))
    agent.do_without(VisitorAway(1))
    agent.welcome(VisitorSeated(1, DummyVoice(SILENCE)))
    assert noted(agent) == [("visitor_joined", {"seat": 1})]


@pytest.mark.parametrize(("on_leave", "hangs_up"), [("free", False), ("end", True)])
def test_a_visitor_who_leaves_frees_the_seat_or_ends_the_run(
    on_leave: str, *, hangs_up: bool
) -> None:
    agent, _ = browser(on_leave=on_leave)
    agent.welcome(VisitorSeated(1, DummyVoice(SILENCE)))
    agent.see_off(VisitorLeft(1, "closed"))
    assert noted(agent)[-1] == ("visitor_left", {"seat": 1, "reason": "closed"})
    assert (HangUpRequested("bare") in agent.sent) is hangs_up


def test_by_default_there_is_one_seat_on_this_machine_and_leaving_it_ends_the_run() -> None:
    settings = BrowserAgent.Settings()
    assert (settings.seats, settings.on_leave, settings.host) == (1, "end", "127.0.0.1")


@pytest.mark.parametrize(
    "wrong", [{"seats": 0}, {"seats": 17}, {"on_leave": "stay"}, {"port": -1}, {"key": "sk"}]
)
def test_a_wrong_key_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BrowserAgent.Settings.model_validate(wrong)
