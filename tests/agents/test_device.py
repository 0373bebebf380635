"""A person at a sound card, on a card that the test turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from dummy_card import DummyCard
from dummy_engines import LOUD
from dummy_stage import DummyStage
from pydantic import ValidationError

from soundstage.agent import Agent
from soundstage.kernel import Actor, Phase, SimulatedKernel, handles
from soundstage.messages import Frame, LoseFloor, TakeFloor, Tick
from soundstage.messages.events import Audio, FloorPassed, Warned
from soundstage.units import FRAME_SAMPLES, samples_of_seconds
from soundstage_agents.device import DeviceAgent
from soundstage_agents.scripted import ScriptedAgent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soundstage.agent import AgentContext


class Turner(Actor):
    """Turns the card at the run's own pace."""

    def __init__(self, card: DummyCard) -> None:
        super().__init__()
        self._card = card

    def started(self) -> None:
        self.pace(Phase.SOURCE)

    @handles(Tick)
    def turn(self, _: Tick) -> None:
        self._card.turn(FRAME_SAMPLES)


def on(card: DummyCard) -> type[DeviceAgent]:
    class OnThisCard(DeviceAgent):
        def __init__(self, given: AgentContext) -> None:
            super().__init__(given, card)

    return OnThisCard


@pytest.fixture
def kernel() -> Iterator[SimulatedKernel]:
    with SimulatedKernel() as kernel:
        yield kernel


def staged(kernel: SimulatedKernel, card: DummyCard, **settings: Any) -> DummyStage:
    stage = DummyStage(kernel, "me", "ai")
    kernel.spawn("card", lambda: Turner(card))
    stage.cast("me", on(card), settings=settings)
    stage.cast("ai", ScriptedAgent, settings={"lines": ["Hello there."]})
    stage.begin()
    return stage


def test_what_the_others_say_is_played(kernel: SimulatedKernel) -> None:
    card = DummyCard()
    staged(kernel, card, microphone=False).run(samples_of_seconds(2))
    assert any(card.air)


def test_what_is_recorded_is_heard_by_the_others(kernel: SimulatedKernel) -> None:
    card = DummyCard()
    card.said = b"\x11\x22" * FRAME_SAMPLES * 20
    heard: list[bytes] = []

    class Ear(Agent):
        @handles(Frame)
        def hear(self, frame: Frame) -> None:
            heard.append(frame.pcm)

    stage = DummyStage(kernel, "me", "ear")
    kernel.spawn("card", lambda: Turner(card))
    stage.cast("me", on(card), settings={"speaker": False})
    stage.cast("ear", Ear)
    stage.begin()
    stage.run(samples_of_seconds(1))
    assert b"".join(heard).count(b"\x11\x22") >= FRAME_SAMPLES * 19


def test_a_device_that_goes_away_is_reported_once_and_taken_up_again(
    kernel: SimulatedKernel,
) -> None:
    card = DummyCard()
    stage = staged(kernel, card)
    stage.run(samples_of_seconds(1))
    card.unplug()
    stage.run(samples_of_seconds(6))
    card.plug_in()
    stage.run(samples_of_seconds(4))
    messages = [event.message for event in stage.of(Warned)]
    assert messages == [
        'the microphone "Dummy 9000" has gone: it is looked for until it is back',
        'the speaker "Dummy 9000" has gone: it is looked for until it is back',
        "the microphone is back",
        "the speaker is back",
    ]


def test_a_stream_that_hangs_from_the_start_is_opened_again_and_not_mentioned(
    kernel: SimulatedKernel,
) -> None:
    card = DummyCard(hangs=2)
    stage = staged(kernel, card)
    stage.run(samples_of_seconds(4))
    assert stage.of(Warned) == []
    assert card.opened == 4


def test_a_device_that_never_runs_is_a_fault_of_the_agent(
    kernel: SimulatedKernel, caplog: pytest.LogCaptureFixture
) -> None:
    card = DummyCard(hangs=100)
    stage = staged(kernel, card)
    stage.run(samples_of_seconds(20))
    assert "me failed: DeviceMissing" in caplog.text
    assert card.open == set()


def test_the_devices_are_released_when_the_agent_stops(kernel: SimulatedKernel) -> None:
    card = DummyCard()
    stage = staged(kernel, card)
    stage.run(samples_of_seconds(1))
    kernel.stop([[stage.agents["me"]]], samples_of_seconds(1))
    assert card.open == set()
    [report] = [event for event in stage.of(Audio) if event.agent == "me"]
    assert report.sent > 40


def test_a_device_with_neither_microphone_nor_speaker_is_refused() -> None:
    with pytest.raises(ValidationError, match="a microphone, a speaker or both"):
        DeviceAgent.Settings(microphone=False, speaker=False)


def with_a_floor(kernel: SimulatedKernel, card: DummyCard, **settings: Any) -> DummyStage:
    stage = DummyStage(kernel, "me", "ai")
    kernel.spawn("card", lambda: Turner(card))
    stage.cast("me", on(card), settings=settings, floor="panel")
    stage.cast("ai", ScriptedAgent)
    stage.begin()
    stage.run(samples_of_seconds(1))
    return stage


def test_a_person_has_the_floor_until_what_was_said_is_over(kernel: SimulatedKernel) -> None:
    card = DummyCard()
    stage = with_a_floor(kernel, card)
    card.said = LOUD * 25
    stage.run(samples_of_seconds(2))
    assert stage.of(FloorPassed) == []
    stage.agents["me"].tell(TakeFloor("panel"))
    stage.run(samples_of_seconds(4))
    assert stage.of(FloorPassed) == []
    spoken = kernel.now
    card.said = LOUD * 25
    stage.run(samples_of_seconds(2))
    [passed] = stage.of(FloorPassed)
    assert passed.pts - spoken == pytest.approx(samples_of_seconds(1), abs=5 * FRAME_SAMPLES)


def test_a_person_who_says_nothing_loses_the_floor_when_it_is_taken(
    kernel: SimulatedKernel,
) -> None:
    stage = with_a_floor(kernel, DummyCard())
    stage.agents["me"].tell(TakeFloor("panel"))
    stage.agents["me"].tell(LoseFloor("late"))
    stage.run(samples_of_seconds(1))
    assert [passed.agent for passed in stage.of(FloorPassed)] == ["me"]


def test_who_has_no_microphone_passes_the_floor_on_at_once(kernel: SimulatedKernel) -> None:
    stage = with_a_floor(kernel, DummyCard(), microphone=False)
    stage.agents["me"].tell(TakeFloor("panel"))
    stage.run(2 * FRAME_SAMPLES)
    assert [passed.agent for passed in stage.of(FloorPassed)] == ["me"]
