"""The audio of a client, without a call."""

from __future__ import annotations

import asyncio

import pytest

from soundstage.client.streams import HEARS_BEHIND, SPEAKS_AHEAD, Sound, Stream
from soundstage.errors import ConnectionLost, UsageError
from soundstage.units import FRAME_BYTES, SILENCE

LOUD = b"\x01\x10" * (FRAME_BYTES // 2)


def test_what_is_written_is_sent_a_frame_at_a_time_and_then_silence() -> None:
    sound = Sound()
    sound.write(LOUD + LOUD[:100])
    assert sound.next() == LOUD
    assert sound.next() == LOUD[:100] + bytes(FRAME_BYTES - 100)
    assert sound.next() is SILENCE


def test_who_waits_goes_on_when_all_has_been_sent_or_was_cleared() -> None:
    async def scene() -> None:
        sound = Sound()
        sound.begin()
        await sound.wait_sent()
        for finish in (lambda: [sound.next() for _ in range(3)], sound.clear):
            sound.write(LOUD * 2)
            waits = asyncio.create_task(sound.wait_sent())
            await asyncio.wait([waits], timeout=0)
            assert not waits.done()
            finish()
            await waits

    asyncio.run(scene())


def test_what_was_never_sent_is_told_when_the_call_is_over_and_counted() -> None:
    async def scene() -> None:
        sound = Sound()
        sound.begin()
        sound.write(LOUD * 2)
        waits = asyncio.create_task(sound.wait_sent())
        await asyncio.wait([waits], timeout=0)
        sound.end(None)
        with pytest.raises(ConnectionLost, match="not all was sent; the call is over: the client"):
            await waits
        assert sound.dropped == 2
        sound.write(LOUD)
        with pytest.raises(ConnectionLost):
            await sound.wait_sent()
        assert sound.dropped == 3

    asyncio.run(scene())


def test_what_was_sent_before_the_call_was_over_is_no_loss() -> None:
    async def scene() -> None:
        sound = Sound()
        sound.begin()
        sound.write(LOUD)
        sound.next()
        sound.end(ConnectionLost("gone"))
        await sound.wait_sent()

    asyncio.run(scene())


def test_waiting_for_what_no_call_will_send_is_an_error() -> None:
    async def scene() -> None:
        sound = Sound()
        sound.write(LOUD)
        with pytest.raises(UsageError, match="connect it first"):
            await sound.wait_sent()

    asyncio.run(scene())


def test_too_much_speech_loses_the_oldest_and_counts_it() -> None:
    sound = Sound()
    sound.write(LOUD * (SPEAKS_AHEAD + 3))
    assert sound.dropped == 3


def test_a_program_that_does_not_read_loses_the_oldest_and_counts_it() -> None:
    sound = Sound()
    for number in range(HEARS_BEHIND + 2):
        sound.heard.put(number.to_bytes(4, "big"))
    assert sound.heard.missed == 2


def test_a_stream_is_read_to_its_end() -> None:
    async def scene(error: Exception | None) -> list[int]:
        stream: Stream[int] = Stream(10)
        read: list[int] = []

        async def run() -> None:
            async for value in stream:
                read.append(value)  # noqa: PERF401 - what was read before an error counts too

        reads = asyncio.create_task(run())
        await asyncio.wait([reads], timeout=0)
        stream.put(1)
        stream.put(2)
        stream.end(error)
        await asyncio.wait([reads])
        if error is not None:
            assert reads.exception() is error
        return read

    assert asyncio.run(scene(None)) == [1, 2]
    assert asyncio.run(scene(ValueError("gone"))) == [1, 2]


def test_what_waits_can_be_forgotten() -> None:
    stream: Stream[int] = Stream(10)
    stream.put(1)
    stream.drop_waiting()
    stream.end(None)
    with pytest.raises(StopAsyncIteration):
        asyncio.run(stream.__anext__())
