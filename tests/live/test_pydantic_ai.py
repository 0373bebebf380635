"""A voice conversation of Pydantic AI, unmodified but for the URL."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from dummy_service import say
from pydantic_ai import Agent
from pydantic_ai.messages import (
    ModelResponse,
    PartDeltaEvent,
    PartEndEvent,
    SpeechPart,
    SpeechPartDelta,
)
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.realtime import RealtimeSession, RealtimeTurnCompleteEvent
from pydantic_ai.realtime.openai import OpenAIRealtimeModel

from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage import LocalEndpoint

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(240)]

BEHAVIOUR = """
[defaults.realtime.local]
rules = [
  { heard = "in {city}", call = [{ tool = "get_weather", args = { location = "{city}" } }] },
  { tool = "get_weather", say = "It is {sky} there." },
  { heard = "something long", say = "A long answer begins, and goes on until it is cut." },
]
otherwise = "Goodbye."
"""


class Talk:
    """One session, and everything that it tells."""

    def __init__(self, session: RealtimeSession) -> None:
        self.session = session
        self.told: list[Any] = []
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for event in self.session:
            self.told.append(event)
            self._news.set()

    async def until(self, kind: type, number: int) -> None:
        async with asyncio.timeout(60):
            while sum(isinstance(event, kind) for event in self.told) < number:
                self._news.clear()
                await self._news.wait()

    async def until_audio(self) -> None:
        """Wait for audio of the assistant's that comes from now on."""
        known = len(self.told)
        async with asyncio.timeout(60):
            while not any(_is_audio(event) for event in self.told[known:]):
                self._news.clear()
                await self._news.wait()

    async def speak(self, text: str) -> None:
        """Say something, a frame at a time, and be silent for a second."""
        pcm, clock = say(text), AsyncClock()
        for number, at in enumerate(range(0, len(pcm) + 50 * FRAME_BYTES, FRAME_BYTES)):
            frame = pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
            await self.session.send_audio(frame)
            await clock.sleep_until(number * FRAME_SAMPLES)

    @property
    def transcripts(self) -> list[tuple[str, str]]:
        parts = [event.part for event in self.told if isinstance(event, PartEndEvent)]
        return [
            (part.speaker, part.transcript or "") for part in parts if isinstance(part, SpeechPart)
        ]


def _is_audio(event: Any) -> bool:
    delta = event.delta if isinstance(event, PartDeltaEvent) else None
    return isinstance(delta, SpeechPartDelta) and bool(delta.audio_chunk)


def test_a_conversation_with_a_tool_an_interruption_and_a_typed_turn(
    realtime_endpoint: Callable[[str], LocalEndpoint],
) -> None:
    endpoint = realtime_endpoint(BEHAVIOUR)
    calls: list[str] = []
    agent = Agent(instructions="Be brief.")

    @agent.tool_plain
    def get_weather(location: str) -> str:
        """The weather somewhere."""
        calls.append(location)
        return json.dumps({"sky": "grey"})

    provider = OpenAIProvider(base_url=endpoint.base_url, api_key="any")
    model = OpenAIRealtimeModel("gpt-realtime-2.1", provider=provider)

    async def run() -> None:
        async with agent.realtime(model).session() as session:
            talk = Talk(session)
            listening = asyncio.create_task(talk.listen())
            await talk.speak("What is the weather in Dublin?")
            await talk.until(RealtimeTurnCompleteEvent, 1)
            assert calls == ["Dublin"]
            heard, said = talk.transcripts
            assert heard[0] == "user"
            assert "Dublin" in heard[1]
            assert said == ("assistant", "It is grey there.")

            await session.send("Please say something long.")
            await talk.until_audio()
            await session.interrupt(played_ms=100)
            await talk.until(RealtimeTurnCompleteEvent, 2)
            cut = [m for m in session.all_messages() if isinstance(m, ModelResponse)][-1]
            assert cut.state == "interrupted"
            assert [
                part.interrupted_at_ms for part in cut.parts if isinstance(part, SpeechPart)
            ] == [100]

            await session.send("Bye.")
            await talk.until(RealtimeTurnCompleteEvent, 3)
            assert talk.transcripts[-1] == ("assistant", "Goodbye.")
            assert not [event for event in talk.told if "Error" in type(event).__name__]
        # The framework's own iteration ends when its session is closed.
        async with asyncio.timeout(60):
            await asyncio.wait([listening])

    asyncio.run(run())
