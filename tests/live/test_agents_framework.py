"""Sessions of the official agents framework, unmodified but for the URL."""

from __future__ import annotations

import asyncio
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, realtime_handoff
from dummy_sdk_events import checked
from dummy_service import make_server, plan, play, say

from soundstage.config.values import word_error_rate
from soundstage.endpoint import CallPlan
from soundstage.kernel import AsyncClock
from soundstage.run import play as play_scenario
from soundstage.scenario import load_scenario
from soundstage.speech import Engines
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, samples_of_seconds

pytestmark = pytest.mark.realtime

HERE = Path(__file__).parent
MODEL = "gpt-realtime-2.1"
WEATHER = {
    "rules": [
        {
            "heard": "weather in {city}",
            "call": [{"tool": "get_weather", "args": {"location": "{city}"}}],
        },
        {"tool": "get_weather", "say": "{sky} in {city}, {temperature} degrees."},
    ],
    "lines": ["Good morning. This is the weather desk. " + "We know about every city. " * 8],
}


@function_tool
def get_weather(location: str) -> str:
    """The weather somewhere."""
    return json.dumps({"sky": f"The sun shines over {location}", "temperature": 11})


class Visit:
    """One session of the framework, and everything that it tells.

    Attributes:
        told: the types of the framework's own events, in order.
        raw: the endpoint's events, each valid by the SDK's own models.
        audio: what was heard of the answers.
    """

    def __init__(self, session: Any) -> None:
        self.told: list[str] = []
        self.raw: list[dict[str, Any]] = []
        self.audio = b""
        self._session = session
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for event in self._session:
            if event.type == "raw_model_event" and event.data.type == "raw_server_event":
                self.raw.append(checked(json.dumps(event.data.data)))
            elif event.type == "audio":
                self.audio += event.audio.data
            if event.type != "raw_model_event":
                self.told.append(event.type)
            self._news.set()

    async def wait_for(self, kind: str, number: int = 1) -> None:
        async with asyncio.timeout(20):
            while self.count(kind) < number:
                self._news.clear()
                await self._news.wait()

    def count(self, kind: str) -> int:
        return self.told.count(kind) + sum(event["type"] == kind for event in self.raw)

    async def speak(self, text: str) -> None:
        """Say something, a frame at a time, and be silent for a second."""
        pcm, clock = say(text), AsyncClock()
        for number, at in enumerate(range(0, len(pcm) + 50 * FRAME_BYTES, FRAME_BYTES)):
            frame = pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
            await self._session.send_audio(frame)
            await clock.sleep_until(number * FRAME_SAMPLES)


AGENT: RealtimeAgent[Any] = RealtimeAgent(
    name="desk", instructions="Be brief.", tools=[get_weather]
)


def visit(
    scene: Any, local: dict[str, Any], *, named: str = "", agent: RealtimeAgent[Any] = AGENT
) -> None:
    """Play a scene with a session of the framework, whose URL may name a behaviour."""

    def choose(names: tuple[str, ...]) -> CallPlan:
        return plan(local, named or None) if named in names else plan()

    async def run() -> None:
        server = make_server(choose=choose, engines=Engines())
        base_url = (await server.start()).replace("http", "ws", 1)
        config: Any = {
            "url": f"{base_url}/realtime?model={named or MODEL}",
            "api_key": "any",
            "initial_model_settings": {
                "model_name": MODEL,
                "input_audio_transcription": {"model": "gpt-transcribe"},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
            },
        }
        try:
            async with await RealtimeRunner(agent).run(model_config=config) as session:
                each = Visit(session)
                listening = asyncio.create_task(each.listen())
                try:
                    await scene(each, session)
                finally:
                    listening.cancel()
                    await asyncio.wait([listening])
        finally:
            await server.close()

    play(run)


def test_a_spoken_question_is_answered_with_a_tool_of_the_framework() -> None:
    async def scene(each: Visit, session: Any) -> None:
        await each.speak("What is the weather in Dublin?")
        await each.wait_for("audio_end")
        assert each.count("tool_end") == 1
        heard = Engines().recognizer.recognize(each.audio).text
        said = "The sun shines over Dublin in Dublin, 11 degrees."
        assert word_error_rate(said, heard) <= 0.15
        roles = [item.role for item in session._history if item.type == "message"]
        assert roles == ["user", "assistant"]

    visit(scene, WEATHER)


def test_a_behaviour_that_the_url_names_survives_the_frameworks_own_model() -> None:
    async def scene(each: Visit, session: Any) -> None:
        await session.send_message("What is the weather in Dublin?")
        await each.wait_for("tool_end")
        updated = next(event for event in each.raw if event["type"] == "session.updated")
        assert updated["session"]["model"] == MODEL
        assert updated["session"]["instructions"] == "Be brief."
        assert each.count("error") == 0

    visit(scene, WEATHER, named="weather_desk")


def test_a_typed_message_is_answered_aloud() -> None:
    async def scene(each: Visit, session: Any) -> None:
        await session.send_message("Good evening.")
        await each.wait_for("audio_end")
        heard = Engines().recognizer.recognize(each.audio).text
        assert word_error_rate("Good evening to you.", heard) == 0

    visit(scene, {"lines": ["Good evening to you."]})


def test_the_caller_interrupts_and_the_framework_truncates_what_was_not_heard() -> None:
    async def scene(each: Visit, session: Any) -> None:
        await session.send_message("Hello?")
        await each.wait_for("response.output_audio.delta")
        await AsyncClock().sleep(samples_of_seconds(1))
        await each.speak("What is the weather in Dublin?")
        await each.wait_for("audio_interrupted")
        await each.wait_for("conversation.item.truncated")
        [cut] = [e for e in each.raw if e["type"] == "conversation.item.truncated"]
        assert 500 <= cut["audio_end_ms"] <= 5000
        await each.wait_for("tool_end")
        faults = [event for event in each.raw if event["type"] == "error"]
        assert not [fault for fault in faults if fault["error"]["type"] != "invalid_request_error"]

    visit(scene, WEATHER)


def test_a_hand_off_gives_the_call_to_the_second_agent_with_its_instructions_and_tools() -> None:
    local = {
        "rules": [
            {"heard": "refund", "call": [{"tool": "transfer_to_refunds"}]},
            {"tool": "transfer_to_refunds", "say": "Refunds. What is your order?"},
            {"heard": "order {order}", "call": [{"tool": "refund", "args": {"order": "{order}"}}]},
            {"tool": "refund", "say": "It is on its way."},
        ],
        "otherwise": "The desk.",
    }
    refunded: list[str] = []

    @function_tool
    def refund(order: str) -> str:
        """Refund an order."""
        refunded.append(order)
        return json.dumps({"refunded": True})

    refunds = RealtimeAgent(name="refunds", instructions="You make refunds.", tools=[refund])
    desk = RealtimeAgent(
        name="desk", instructions="Be brief.", handoffs=[realtime_handoff(refunds)]
    )

    async def scene(each: Visit, session: Any) -> None:
        await session.send_message("Order seven, please.")
        await each.wait_for("audio_end")
        assert refunded == [], "the desk has no such tool"
        await each.speak("I would like a refund, please.")
        await each.wait_for("handoff")
        await each.wait_for("audio_end", 2)
        updated = [e["session"] for e in each.raw if e["type"] == "session.updated"]
        assert updated[0]["instructions"] == "Be brief."
        assert updated[-1]["instructions"] == "You make refunds."
        assert [tool["name"] for tool in updated[0]["tools"]] == ["transfer_to_refunds"]
        assert [tool["name"] for tool in updated[-1]["tools"]] == ["refund"]
        await each.speak("It is order seven.")
        await each.wait_for("audio_end", 3)
        [order] = refunded
        assert order.rstrip(".").casefold() in {"seven", "7"}
        done = "response.output_audio_transcript.done"
        # What it says before the hand-off may have been broken off, and then has an end as well.
        await each.wait_for(done, 3)
        said = [event["transcript"] for event in each.raw if event["type"] == done]
        assert said == ["The desk.", "Refunds. What is your order?", "It is on its way."]
        assert each.count("error") == 0

    visit(scene, local, agent=desk)


def test_the_framework_plays_a_part_in_a_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(HERE / "desk" / "desk.toml")
    played = play_scenario(scenario, out=tmp_path / "run")
    assert (played.outcome.kind, played.outcome.reason) == ("ended", "silence")
    with wave.open(str(tmp_path / "run" / "audio" / "desk.wav")) as track:
        heard = Engines().recognizer.recognize(track.readframes(track.getnframes())).text
    said = "The poetry is upstairs on the left. We open at ten."
    assert word_error_rate(said, heard) <= 0.15
