"""Conversations with a Realtime service of another make, by agents and by `RealtimeClient`."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from dummy_command import ALICE_BOB, nothing_left, play_here
from dummy_far_end import KEY
from dummy_near_ga_service import (
    FRAMES_PER_WORD,
    ODD,
    TRANSCRIPT,
    Asks,
    NearGaService,
    NearGaSocketService,
)
from dummy_tone import tone

from soundstage import RealtimeClient
from soundstage.audio import peak
from soundstage.client import server_events as server
from soundstage.messages import events
from soundstage.results import Run

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.webrtc import TransportKind

pytestmark = pytest.mark.realtime

UNANNOUNCED = "audio arrives that no response announced"
SPEECH = b"".join(tone(number) for number in range(30))


async def heard(client: RealtimeClient, *, loud: bool, frames: int) -> None:
    """Listen until so many frames were loud, or so many in a row were not."""
    found = 0
    async for frame in client.sound.heard:
        # A frame that the network had late is silent in the midst of a tone.
        fits = (peak(frame) > 1000) == loud
        found = found + fits if loud or fits else 0
        if found == frames:
            return
    raise AssertionError("the sound ended")


async def done(client: RealtimeClient) -> server.ResponseDone:
    async for event in client:
        if isinstance(event, server.ResponseDone):
            return event
    raise AssertionError("the events ended")


def test_a_client_hears_its_replies_and_cuts_one(caplog: pytest.LogCaptureFixture) -> None:
    async def talk(base_url: str) -> None:
        async with (
            asyncio.timeout(30),
            RealtimeClient(model="other-1", base_url=base_url, api_key="any") as client,
        ):
            client.respond()
            first = await done(client)
            assert first.response.status == "completed"
            assert first.response.said == "Hello, who is there?"
            await heard(client, loud=True, frames=2 * FRAMES_PER_WORD)
            await heard(client, loud=False, frames=60)
            client.sound.write(SPEECH)
            assert (await done(client)).response.said == LONG
            await heard(client, loud=True, frames=25)
            # Speech cuts it: its rest is not heard, and the next reply is.
            client.sound.write(SPEECH)
            await heard(client, loud=False, frames=20)
            assert (await done(client)).response.said == "Bye."
            await heard(client, loud=True, frames=5)

    with (
        caplog.at_level(logging.WARNING, "soundstage.client"),
        nothing_left(),
        NearGaService("Hello, who is there?", LONG, "Bye.") as service,
    ):
        asyncio.run(talk(service.base_url))
        assert service.refused == 1
        assert service.models == ["other-1"]
        assert len(service.far_ends[0].session.cut) == 1
    assert sum(UNANNOUNCED in record.message for record in caplog.records) == 1


LONG = " ".join(["word"] * 40)


def test_a_client_over_a_websocket_hears_its_replies_and_says_what_was_heard_of_one() -> None:
    async def talk(base_url: str) -> None:
        async with (
            asyncio.timeout(50),
            RealtimeClient(
                model="other-1", base_url=base_url, api_key="any", transport="websocket"
            ) as client,
        ):
            client.respond()
            first = await done(client)
            assert first.response.status == "completed"
            assert first.response.said == "Hello, who is there?"
            # All of it came at once, and is heard at the pace of speech.
            await heard(client, loud=True, frames=4 * FRAMES_PER_WORD)
            client.sound.write(SPEECH)
            assert (await done(client)).response.said == LONG
            await heard(client, loud=True, frames=25)
            client.sound.write(SPEECH)
            await heard(client, loud=False, frames=20)
            assert (await done(client)).response.said == "Bye."
            await heard(client, loud=True, frames=5)

    with nothing_left(), NearGaSocketService("Hello, who is there?", LONG, "Bye.") as service:
        asyncio.run(talk(service.base_url))
        assert service.models == ["other-1"]
        [session] = service.sessions
    truncations = [each for each in session.received if each["type"].endswith(".truncate")]
    assert [each["item_id"] for each in truncations] == ["item-2"]
    # It had been heard for 25 frames, and for a while after that until the speech was noticed.
    assert 500 <= truncations[0]["audio_end_ms"] < 20 * FRAMES_PER_WORD * 40


def conversation(service: NearGaService | NearGaSocketService, folder: Path, more: str = ""):
    """What is logged of a conversation of two agents there."""
    file = folder / "elsewhere.toml"
    provider = f'[providers.elsewhere]\nbase_url = "{service.base_url}"\n{more}\n'
    file.write_text(f"{ALICE_BOB.read_text()}\n{provider}")
    done = play_here(
        file, "--provider", "elsewhere", "--out", folder / "run", "--ui", "none",
        "--set", "end.turns=4", "--set", "record.wire=true",
    )  # fmt: skip
    assert done.code == 0, done
    return [*Run.load(folder / "run").events()]


@pytest.mark.prove
def test_agents_over_websockets_hold_a_conversation(tmp_path: Path) -> None:
    with nothing_left(), NearGaSocketService("Hello, who is there?", "It is me.") as service:
        seen = conversation(service, tmp_path, f'transport = "websocket"\napi_key = "{KEY}"')
    kept = [path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert kept
    assert not any(KEY.encode() in content for content in kept)
    turns = [event for event in seen if isinstance(event, events.Turn)]
    assert [(turn.agent, turn.said) for turn in turns[:4]] == [
        ("alice", "Hello, who is there?"),
        ("bob", "Hello, who is there?"),
        ("alice", "It is me."),
        ("bob", "It is me."),
    ]
    assert all(turn.end - turn.start > 24_000 / 2 for turn in turns)


def test_agents_at_such_a_service_hold_a_conversation(tmp_path: Path) -> None:
    with nothing_left(), NearGaService("Hello, who is there?", "It is me.") as service:
        seen = conversation(service, tmp_path)
        assert service.refused == 2
    turns = [event for event in seen if isinstance(event, events.Turn)]
    assert [(turn.agent, turn.said) for turn in turns[:4]] == [
        ("alice", "Hello, who is there?"),
        ("bob", "Hello, who is there?"),
        ("alice", "It is me."),
        ("bob", "It is me."),
    ]
    assert all(turn.end - turn.start > 24_000 / 2 for turn in turns)
    warned = [event for event in seen if isinstance(event, events.Warned)]
    odd = [(each.agent, each.message) for each in warned if each.code == "odd_field"]
    assert len(odd) == len({*odd}) == 2 * len(ODD)
    heard = [event.text for event in seen if isinstance(event, events.HeardText)]
    assert heard[:3] == [TRANSCRIPT] * 3
    unannounced = [event.agent for event in warned if event.code == "unannounced_audio"]
    assert sorted(unannounced) == ["alice", "bob"]


LINES = [Asks("Let me see.", "get_weather", {"city": "Oslo"}), "It is wet in Oslo."]


@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_odd_values_lose_no_word_no_transcript_and_no_call(
    transport: TransportKind, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """What the weather is."""
        asked.append(city)
        return "wet"

    async def talk(base_url: str) -> None:
        async with (
            asyncio.timeout(50),
            RealtimeClient(
                model="other-1",
                base_url=base_url,
                api_key="any",
                transport=transport,
                tools=[get_weather],
            ) as client,
        ):
            client.sound.write(SPEECH)
            heard: list[str] = []
            done: list[server.ResponseDone] = []
            words = ""
            async for event in client:
                match event:
                    case server.ConversationItemAdded():
                        assert event.item.id == "heard-1"
                    case server.InputTranscriptionCompleted():
                        heard.append(event.transcript)
                    case server.OutputTranscriptDelta():
                        words += event.delta
                    case server.ResponseDone():
                        done.append(event)
                        if len(done) == 2:
                            break
                    case _:
                        pass
            assert heard == [TRANSCRIPT]
            assert words == "Let me see. It is wet in Oslo. "
            assert [each.response.said for each in done] == ["Let me see.", "It is wet in Oslo."]
            assert [each.response.status for each in done] == ["completed", "completed"]

    make = NearGaService if transport == "webrtc" else NearGaSocketService
    with (
        caplog.at_level(logging.WARNING, "soundstage.client"),
        nothing_left(),
        make(*LINES) as service,
    ):
        asyncio.run(talk(service.base_url))
    assert asked == ["Oslo"]
    told = [record.getMessage() for record in caplog.records if "an odd" in record.getMessage()]
    odd = {f"an odd {field} in the server's {event}" for event, field in ODD}
    # Each once, however often it came; events that a client does not read are not looked at.
    assert sorted(told) == sorted(odd)
