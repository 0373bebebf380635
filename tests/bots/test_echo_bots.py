"""The echo bots, which say back what a transport's own dialect lets them hear; with no socket."""

import asyncio
import math
import struct

import pytest

from soundstage.bots import BotTarget, WireFormat
from soundstage.bots.echo import ECHOES, WAIT
from soundstage.bots.echo.console_echo import ConsoleEcho
from soundstage.bots.echo.echo_bots import serve_echo
from soundstage.bots.echo.socket_echoes import SOCKET_ECHOES
from soundstage.bots.livekit_console import ConsoleDialect
from soundstage.bots.pipecat import FrameDialect
from soundstage.bots.raw_websocket import RawDialect
from soundstage.bots.twilio import TwilioDialect
from soundstage.kernel import AsyncClock
from soundstage.units import FRAME_SAMPLES, SILENCE
from soundstage.webrtc import PeerLink, PlainPeer

TONE = struct.pack(
    f"<{FRAME_SAMPLES}h",
    *(int(12_000 * math.sin(2 * math.pi * 440 * n / 24_000)) for n in range(FRAME_SAMPLES)),
)


class Line:
    """Keeps the audio of a bot, and what came beside it."""

    def __init__(self):
        self.said = b""
        self.told = []

    def form(self, form):
        self.told.append(form)

    def audio(self, audio):
        self.said += audio

    def mark(self, name):
        self.told.append(name)

    def warn(self, message):
        raise AssertionError(message)

    def note(self, name, data):
        self.told.append((name, data))


class Writer:
    """Takes the console's messages off their lengths."""

    def __init__(self, take):
        self._take = take

    def write(self, data):
        assert struct.unpack(">I", data[:4]) == (len(data) - 4,)
        self._take(data[4:])


DIALECTS = {
    "websocket": RawDialect,
    "twilio": TwilioDialect,
    "pipecat-websocket": FrameDialect,
    "livekit-console": ConsoleDialect,
}


async def echoed(transport):
    """What a caller of the echo bot of a transport gets back for two frames of sound."""
    line, come = Line(), asyncio.Event()
    dialect = DIALECTS[transport](BotTarget(), line)

    def take(message):
        dialect.receive(message)
        if line.said:
            come.set()

    make = SOCKET_ECHOES.get(transport)
    echo = ConsoleEcho(Writer(take)) if make is None else make(take)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for frame in (None, SILENCE, TONE, TONE, SILENCE, SILENCE):
        for message in dialect.opening() if frame is None else dialect.audio(frame):
            echo.hear(message)
    async with asyncio.timeout(30):
        await come.wait()
    return dialect, line, loop.time() - began


@pytest.mark.parametrize("transport", DIALECTS)
def test_an_echo_bot_says_back_the_sound_that_it_heard_after_its_wait(transport):
    dialect, line, took = asyncio.run(echoed(transport))
    seconds = len(line.said) / dialect.heard.bytes_per_second
    if transport == "pipecat-websocket":  # says at the rate at which it hears
        seconds = len(line.said) / WireFormat("pcm16", 16_000).bytes_per_second
    # Two frames, and a third where the resampler on the way keeps the last of them for the next.
    assert seconds in {0.04, 0.06}
    assert took >= WAIT
    if transport == "livekit-console":
        assert dialect.is_known


@pytest.mark.realtime
def test_the_peer_of_the_echo_bot_hears_a_call_and_is_heard_in_it():
    async def call():
        opened, heard = asyncio.Event(), asyncio.Event()
        peer = PlainPeer()

        def take(pcm):
            if max(map(abs, struct.unpack(f"<{len(pcm) // 2}h", pcm))) > 400:
                heard.set()
                peer.say(pcm)

        lost = []
        link = PeerLink(on_open=opened.set, on_event=print, on_lost=lost.append, reach="loopback")
        try:
            await link.accept(await peer.answer(await link.offer(), take))
            async with asyncio.timeout(60):
                await opened.wait()
                async for _ in AsyncClock().ticks():
                    link.play(TONE)
                    if max(map(abs, struct.unpack("<480h", link.take()))) > 400:
                        break
        finally:
            await link.close()
            await peer.close()
        return heard.is_set(), lost

    assert asyncio.run(call()) == (True, [])


def test_there_is_no_echo_bot_of_what_is_no_transport():
    with pytest.raises(SystemExit, match="no echo bot of smoke"):
        asyncio.run(serve_echo("smoke", 1))
    assert set(ECHOES) == {*DIALECTS, "pipecat-webrtc"}
