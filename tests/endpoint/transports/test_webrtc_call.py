"""The life of one call, between a link and a session that do what a test tells them to."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from soundstage.endpoint.transports import webrtc_call
from soundstage.endpoint.transports.webrtc_call import Call
from soundstage.errors import ConnectError
from soundstage.kernel import AsyncClock
from soundstage.units import SILENCE, samples_of_ms

pytestmark = pytest.mark.realtime

WITHOUT_CHANNEL = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"


class DummyLink:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.played: list[bytes] = []
        self.closed = False

    def send(self, event: bytes) -> None:
        self.sent.append(event)

    def take(self) -> bytes:
        return SILENCE

    def play(self, pcm: bytes) -> None:
        self.played.append(pcm)

    async def close(self) -> None:
        self.closed = True


class DummySession:
    """Closes itself, or fails, after so many ticks."""

    dropped = ""

    def __init__(self, *, closes_after: int = 1000, fails_after: int = 1000) -> None:
        self.ticks: list[int] = []
        self.opened = False
        self.ended = False
        self._closes_after = closes_after
        self._fails_after = fails_after

    @property
    def closed(self) -> bool:
        return self.ended or len(self.ticks) >= self._closes_after

    def open(self) -> None:
        self.opened = True

    def on_message(self, text: str | bytes) -> None:
        pass

    def on_frame(self, pcm: bytes) -> None:
        if len(self.ticks) >= self._fails_after:
            raise RuntimeError("no ears")

    def on_tick(self, now: int) -> bytes:
        self.ticks.append(now)
        return SILENCE

    def close(self) -> None:
        self.ended = True


class Exchange:
    """Answers with a dummy link, as soon as it may."""

    def __init__(self) -> None:
        self.link = DummyLink()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.callbacks: dict[str, Any] = {}
        self.over: asyncio.Future[Call] = asyncio.get_running_loop().create_future()

    async def answer(self, offer: str, **callbacks: Any) -> tuple[str, DummyLink]:
        self.callbacks = callbacks
        await self.may_answer.wait()
        return "v=0\r\n", self.link

    def call(self, session: DummySession) -> Call:
        return Call("rtc_1", lambda send: session, self.over.set_result)


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the exchange, once there is a loop."""

    def make() -> Exchange:
        made = Exchange()
        monkeypatch.setattr(webrtc_call, "answer", made.answer)
        return made

    return make


def test_it_keeps_the_pace_from_the_moment_that_the_channel_is_open(exchange: Any) -> None:
    async def scene() -> None:
        desk, session = exchange(), DummySession()
        call = desk.call(session)
        await call.answer(WITHOUT_CHANNEL + "m=application 9 x\r\n", None)
        await AsyncClock().sleep(samples_of_ms(60))
        assert not session.opened
        desk.callbacks["on_open"]()
        await AsyncClock().sleep(samples_of_ms(210))
        await call.close()
        steps = {after - before for before, after in pairwise(session.ticks)}
        assert steps == {samples_of_ms(20)}
        assert len(session.ticks) >= 8
        assert len(desk.link.played) == len(session.ticks)
        assert desk.link.closed

    asyncio.run(scene())


def test_a_session_that_fails_ends_its_call(exchange: Any) -> None:
    async def scene() -> None:
        desk = exchange()
        call = desk.call(DummySession(fails_after=2))
        await call.answer(WITHOUT_CHANNEL, None)
        async with asyncio.timeout(5):
            assert await desk.over is call
        await call.close()

    asyncio.run(scene())


def test_a_session_that_has_expired_ends_its_call_after_its_last_words(exchange: Any) -> None:
    async def scene() -> None:
        desk, clock = exchange(), AsyncClock()
        call = desk.call(DummySession(closes_after=2))
        await call.answer(WITHOUT_CHANNEL, None)
        async with asyncio.timeout(5):
            await desk.over
        assert clock.now() >= samples_of_ms(200)
        await call.close()

    asyncio.run(scene())


def test_a_link_that_is_lost_ends_its_call_once(exchange: Any) -> None:
    async def scene() -> None:
        desk = exchange()
        call = desk.call(DummySession())
        await call.answer(WITHOUT_CHANNEL, None)
        desk.callbacks["on_lost"](ConnectionError("gone"))
        desk.callbacks["on_lost"](ConnectionError("gone again"))
        assert await desk.over is call
        await call.close()

    asyncio.run(scene())


def test_a_call_that_is_hung_up_while_it_is_answered_leaves_no_link(exchange: Any) -> None:
    async def scene() -> None:
        desk, session = exchange(), DummySession()
        desk.may_answer.clear()
        call = desk.call(session)
        answering = asyncio.ensure_future(call.answer(WITHOUT_CHANNEL, None))
        await AsyncClock().sleep(samples_of_ms(20))
        await call.close()
        desk.may_answer.set()
        with pytest.raises(ConnectError, match="hung up"):
            await answering
        assert desk.link.closed
        assert not session.ticks

    asyncio.run(scene())
