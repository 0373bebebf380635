"""What the clients of both APIs do alike, against the local endpoint."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

import pytest
from dummy_program import TRANSPORTS, endpoint
from dummy_service import play

from soundstage import LiveClient, RealtimeClient
from soundstage.errors import ConnectError, ConnectionLost, KeyMissing, UsageError
from soundstage.kernel import AsyncClock
from soundstage.units import FRAMES_PER_SECOND, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from soundstage.webrtc import TransportKind

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.parametrize("kind", [RealtimeClient, LiveClient]),
]

NOWHERE = "http://127.0.0.1:9/v1"
Client: TypeAlias = RealtimeClient | LiveClient
Kind: TypeAlias = type[RealtimeClient] | type[LiveClient]


def questions(client: Client) -> list[Callable[[], object]]:
    """Ways to ask something of a session."""
    if isinstance(client, RealtimeClient):
        return [client.respond, lambda: client.prompt("Hi."), lambda: client.add_text("Hi.")]
    return [lambda: client.comment("Hi."), lambda: client.write("Hi."), client.mute]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_no_one_at_the_address_is_an_error_that_names_it(
    kind: Kind, transport: TransportKind
) -> None:
    async def scene() -> None:
        with pytest.raises(ConnectError, match=r"cannot be reached at (http|ws)://127\.0\.0\.1:9"):
            async with kind(base_url=NOWHERE, transport=transport):
                pass

    play(scene)


def test_without_a_key_openai_is_not_called(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(KeyMissing, match="OPENAI_API_KEY"):
        kind()


def test_a_change_before_the_client_is_connected_is_an_error(kind: Kind) -> None:
    async def scene() -> None:
        with pytest.raises(UsageError, match="not connected"):
            await kind(base_url=NOWHERE).update(voice="ash")

    play(scene)


def test_a_client_connects_once_and_takes_nothing_after_its_end(kind: Kind) -> None:
    async def scene() -> None:
        async with endpoint() as made:
            async with kind(base_url=made.base_url) as client:
                with pytest.raises(UsageError, match="connects once"):
                    await client.connect()
            for ask in questions(client):
                with pytest.raises(ConnectionLost, match="the client was closed"):
                    ask()
            await client.close()

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_waited_for_while_a_client_closes_raises(
    kind: Kind, transport: TransportKind
) -> None:
    async def scene() -> None:
        async with (
            endpoint() as made,
            kind(base_url=made.base_url, transport=transport) as client,
        ):
            client.sound.write(b"\x01\x00" * 24_000 * 60)
            sent = asyncio.create_task(client.sound.wait_sent())
            await asyncio.wait([sent], timeout=0)
            closing = asyncio.create_task(client.close())
            await asyncio.wait([closing], timeout=0)
            with pytest.raises(ConnectionLost):
                await client.update()
            for ask in questions(client):
                with pytest.raises(ConnectionLost, match="the client was closed"):
                    ask()
            with pytest.raises(ConnectionLost, match="not all was sent"):
                await sent
            await closing

    play(scene)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_client_that_is_dropped_says_so_and_leaves_no_task(
    kind: Kind, transport: TransportKind
) -> None:
    async def scene() -> None:
        async with endpoint() as made:
            before = asyncio.all_tasks()

            async def forget() -> None:
                await kind(base_url=made.base_url, transport=transport).connect()

            with pytest.warns(ResourceWarning, match="dropped and not closed"):
                await forget()
            clock = AsyncClock()
            last = clock.now() + samples_of_seconds(20)
            while asyncio.all_tasks() - before and clock.now() < last:
                await clock.sleep(FRAMES_PER_SECOND)
            assert asyncio.all_tasks() - before == set()

    play(scene)
