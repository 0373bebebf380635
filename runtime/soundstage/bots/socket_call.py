"""A call to a bot over a WebSocket: what carries the messages of a dialect."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from soundstage.bots.bot_call import CLOSES_WITHIN, CONNECTS_WITHIN, TAKES_WITHIN
from soundstage.bots.message_rate import MessageRate
from soundstage.errors import BotFailed, BotUnreachable
from soundstage.kernel import AsyncClock
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from soundstage.bots.dialect import Dialect

# The library tells a logger every frame at DEBUG, and a run of minutes has many.
_library_log = logging.getLogger(f"{__name__}.library")
_library_log.setLevel(logging.WARNING)

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a message: minutes of audio."""

PING_EVERY: Final = 5.0
UNANSWERED: Final = 15.0
"""Seconds: a bot whose loop is busy with something else for a while is slow, and not gone."""

NORMAL: Final = frozenset({1000, 1001, 1005})
"""Close codes of RFC 6455 that say that all is well: done, going away, or none given."""


class SocketCall:
    """Carries a call.

    Args:
        url: `ws://` or `wss://`.
        dialect: what is said.
        headers: of the handshake.
    """

    def __init__(self, url: str, dialect: Dialect, headers: Mapping[str, str]) -> None:
        self.url = url
        self._dialect = dialect
        self._headers = dict(headers)
        self._socket: ClientConnection | None = None
        self._waiting: deque[str | bytes] = deque()
        self._came = asyncio.Event()

    async def open(self) -> None:
        """Connect, and say what comes first.

        Raises:
            BotUnreachable: the bot does not take the call.
        """
        seconds = seconds_of(CONNECTS_WITHIN)
        try:
            self._socket = await _Connect(
                self.url,
                additional_headers=self._headers,
                open_timeout=seconds,
                close_timeout=seconds_of(CLOSES_WITHIN) / 2,
                ping_interval=PING_EVERY,
                ping_timeout=UNANSWERED,
                max_size=LARGEST,
                compression=None,
                # A bot under test is here, or in the network of the user.
                proxy=None,
                logger=_library_log,
            )
        except TimeoutError:
            raise BotUnreachable(
                f"the bot at {self.url} did not take the call within {seconds:g} s"
            ) from None
        except InvalidStatus as refused:
            raise BotUnreachable(
                f"the bot at {self.url} refused the WebSocket with HTTP status "
                f"{refused.response.status_code}: see whether the path is right"
            ) from None
        except (OSError, ValueError, WebSocketException) as error:
            raise BotUnreachable(
                f"the bot at {self.url} cannot be reached ({type(error).__name__}: {error}): see "
                "whether it runs, and listens there"
            ) from None
        self.send(self._dialect.opening())

    def send(self, messages: Iterable[str | bytes]) -> None:
        """Send messages behind those that wait; on the loop's thread."""
        self._waiting.extend(messages)
        self._came.set()

    async def serve(self) -> str:
        """Read and write until the bot closes the socket; returns the code, as `1000`.

        Raises:
            BotFailed: it closes it in another way, or sends what it must not.
        """
        socket = self._socket
        if socket is None:
            raise AssertionError("a call is served once it is open")
        tasks = [asyncio.ensure_future(part) for part in (self._read(socket), self._write(socket))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # The reader's reason first: when the bot has closed, the writer only follows.
            next(task for task in tasks if task in done).result()
        except ConnectionClosed as closed:
            return _ended(closed)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        raise AssertionError("reading and writing end with an error only")

    async def close(self) -> None:
        """Say what comes last, and close."""
        socket, self._socket = self._socket, None
        if socket is None:
            return
        try:
            with suppress(TimeoutError, OSError, WebSocketException):
                async with asyncio.timeout(seconds_of(CLOSES_WITHIN)):
                    for message in self._dialect.closing():
                        await socket.send(message)
                    await socket.close()
        finally:
            # A bot that does not answer the close would leave a socket behind.
            socket.transport.abort()
        # It is released in the loop's next round, which may be the last one.
        await AsyncClock().sleep(0)

    async def _read(self, socket: ClientConnection) -> None:
        rate = MessageRate()
        while True:
            message = await socket.recv()
            rate.take()
            self.send(self._dialect.receive(message))

    async def _write(self, socket: ClientConnection) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                await _deliver(socket, self._waiting.popleft())


async def _deliver(socket: ClientConnection, message: str | bytes) -> None:
    seconds = seconds_of(TAKES_WITHIN)
    try:
        async with asyncio.timeout(seconds):
            await socket.send(message)
    except TimeoutError:
        raise BotFailed(f"it has read nothing of what it is sent for {seconds:g} s") from None


def _ended(closed: ConnectionClosed) -> str:
    """How the bot ended the call, where that is a way to end one.

    Raises:
        BotFailed: it is none.
    """
    theirs, ours = closed.rcvd, closed.sent
    if theirs is not None and theirs.code in NORMAL:
        return f"{theirs.code} {theirs.reason}".strip()
    if theirs is not None:
        reason = f" ({theirs.reason})" if theirs.reason else ""
        raise BotFailed(f"it closed the call with code {theirs.code}{reason}")
    if ours is not None and ours.code == 1011:  # noqa: PLR2004 - the library's, for a lost ping
        raise BotFailed(f"it has answered nothing for {UNANSWERED:g} s")
    if ours is not None and ours.reason:
        raise BotFailed(f"it broke the protocol of WebSockets: {ours.reason}")
    if ours is not None and ours.code != 1000:  # noqa: PLR2004 - closed by us
        raise BotFailed(f"it broke the protocol of WebSockets (code {ours.code})")
    raise BotFailed("it dropped the call without closing it")


class _Connect(connect):
    """Follows no redirect: the bot under test is the one that is named."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc
