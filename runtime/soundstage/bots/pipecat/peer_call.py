"""The transport `pipecat-webrtc`: a peer connection to a bot, RTVI on its data channel."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from soundstage.bots.bot_call import CLOSES_WITHIN
from soundstage.bots.pipecat.link_playout import LinkPlayout
from soundstage.bots.pipecat.offer import exchange
from soundstage.bots.pipecat.rtvi import Rtvi
from soundstage.bots.wire_audio import WireFormat
from soundstage.errors import BotFailed, BotUnreachable, FarEndClosed, SoundstageError
from soundstage.json_text import NotJson, read_json_as
from soundstage.kernel import AsyncClock
from soundstage.units import seconds_of
from soundstage.webrtc import PeerLink

if TYPE_CHECKING:
    from soundstage.bots.bot_call import BotLine, BotTarget
    from soundstage.webrtc import Reach

_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class PipecatWebRtcCall:
    """A call to a bot that has Pipecat's SmallWebRTC transport.

    Args:
        target: the bot.
        line: gets what it tells.
    """

    keys_used: ClassVar[frozenset[str]] = frozenset({"url", "parameters"})
    plays_on: ClassVar[bool] = False
    # A bot of our own that waits 500 ms answers after 637 ms, the median of 30 on one machine; the
    # jitter buffer of its aiortc, of four packets, is a part of that.
    delay: ClassVar[float] = 0.14

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        self.target = target
        self.heard: WireFormat = WireFormat()
        self.playout = LinkPlayout()
        self._rtvi = Rtvi(line)
        self._link: PeerLink | None = None
        self._opened: asyncio.Future[None] | None = None
        self._ended: asyncio.Future[str] | None = None

    async def open(self) -> None:
        """Offer the call, and wait until its audio and its data channel are up.

        Raises:
            BotUnreachable: the bot does not take it, or cannot be connected to.
        """
        loop = asyncio.get_running_loop()
        self._opened, self._ended = loop.create_future(), loop.create_future()
        reach: Reach = "loopback" if urlsplit(self.target.url).hostname in _LOCAL else "both"
        self._link = link = PeerLink(
            on_open=self._open, on_event=self._take, on_lost=self._lose, reach=reach
        )
        try:
            answer = await exchange(self.target.url, await link.offer(), self.target.parameters)
            await link.accept(answer)
            await self._opened
        except BotUnreachable:
            raise
        except SoundstageError as error:
            raise BotUnreachable(
                f"the bot at {self.target.url} cannot be called: {error}"
            ) from None
        self.playout.link = link
        link.send(self._rtvi.ready().encode())

    async def serve(self) -> str:
        """Carry the call until the bot hangs up.

        Raises:
            BotFailed: it is gone without a word, or breaks the call.
        """
        if self._ended is None:
            raise AssertionError("a call is served once it is open")
        return await self._ended

    def hear(self, pcm: bytes) -> None:
        """Let the bot hear a frame."""
        if self._link is not None:
            self._link.play(pcm)

    def played(self, marks: list[str]) -> None:
        """There are no marks."""

    def press(self, keys: str) -> bool:
        """A `dtmf` of RTVI."""
        told = self._rtvi.press(keys)
        if told and self._link is not None:
            self._link.send(told.encode())
        return bool(told)

    async def close(self) -> None:
        """Hang up: `disconnect-bot`, and the connection is closed."""
        link, self._link = self._link, None
        if link is None:
            return
        if self.playout.link is not None:
            link.send(self._rtvi.leaving().encode())
        # What the channel has been given goes out in the loop's next round.
        await AsyncClock().sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_of(CLOSES_WITHIN)):
                await link.close()

    def _open(self) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(None)

    def _lose(self, error: Exception) -> None:
        opened, ended = self._opened, self._ended
        if opened is None or ended is None or ended.done():
            return
        if not opened.done():
            opened.set_exception(error)
        elif isinstance(error, FarEndClosed):
            ended.set_result("closed")
        elif isinstance(error, BotFailed | BotUnreachable):
            ended.set_exception(error)
        else:
            ended.set_exception(BotFailed(str(error)))

    def _take(self, message: str | bytes) -> None:
        told: dict[str, Any] = {}
        with suppress(NotJson):
            told = read_json_as(message, dict[str, Any])
        if told.get("type") != "signalling":
            self._rtvi.receive(message)
            return
        # Of the transport itself; "renegotiate" is for video, which there is none of.
        signal = told.get("message")
        if isinstance(signal, dict) and signal.get("type") == "peerLeft":
            self._lose(FarEndClosed("the bot has left"))
