"""The call of `livekit-console`: an agent that has dialled in, on a socket of this machine."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final

from soundstage.bots.bot_call import CLOSES_WITHIN, CONNECTS_WITHIN, TAKES_WITHIN
from soundstage.bots.livekit_console.console_dialect import NOTES, VERSION, ConsoleDialect
from soundstage.bots.message_rate import MessageRate
from soundstage.errors import BotFailed, BotUnreachable
from soundstage.kernel import AsyncClock
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from soundstage.bots.bot_call import BotLine, BotTarget

HEADER: Final = 4
"""Bytes before each message: its length, the most significant first."""

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a message of the agent: minutes of audio."""

PING_EVERY: Final = samples_of_seconds(5)
UNANSWERED: Final = 3
"""Pings: an agent whose loop is busy with something else for a while is slow, and not gone."""


class LiveKitConsoleCall:
    """Talks with an agent of LiveKit's framework as its command line `lk` does.

    Args:
        target: the bot, whose server has dialled in.
        line: gets what it tells.
    """

    keys_used: ClassVar[frozenset[str]] = frozenset({"jitter"})
    plays_on: ClassVar[bool] = False
    delay: ClassVar[float] = 0.04
    dials_in: ClassVar[bool] = True
    notes: ClassVar[frozenset[str]] = NOTES

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        self.target = target
        self.dialect = ConsoleDialect(target, line)
        self.heard = self.dialect.heard
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: deque[str | bytes] = deque()
        self._came = asyncio.Event()

    async def open(self) -> None:
        """Take the connection, and ask what the agent runs on.

        Raises:
            BotUnreachable: it has not dialled in, does not answer, or is of another version.
            BotFailed: it answers what is no message.
        """
        server = self.target.server
        dialed = None if server is None else server.dialed_in
        connection = None if dialed is None else dialed.take()
        if connection is None:
            raise BotUnreachable(
                "no agent has dialled in for this call: it needs a server of its own, with "
                "ready = { dials_in = true }"
            )
        self._reader, self._writer = await asyncio.open_connection(sock=connection)
        self._send(self.dialect.opening())
        seconds = seconds_of(CONNECTS_WITHIN)
        try:
            async with asyncio.timeout(seconds):
                await self._write_waiting(self._writer)
                while not self.dialect.framework:
                    self._send(self.dialect.receive(await _read(self._reader)))
        except TimeoutError:
            raise BotUnreachable(
                f"the agent that dialled in did not say within {seconds:g} s what it runs on: "
                f"this transport speaks with livekit-agents {VERSION}"
            ) from None
        except EOFError:
            raise BotFailed("it hung up before it said what it runs on") from None
        except OSError as error:
            raise BotFailed(f"it dropped the connection ({error})") from None
        if not self.dialect.is_known:
            raise BotUnreachable(
                f"the agent runs on livekit-agents ({self.dialect.framework}), and this transport "
                f"speaks with {VERSION}.x in Python: the console has no public protocol. Install "
                f"livekit-agents>={VERSION},<{VERSION[:2]}{int(VERSION[2:]) + 1} for the agent"
            )

    async def serve(self) -> str:
        """Read and write until the agent closes the connection; returns that it has.

        Raises:
            BotFailed: it breaks the call, or its process has ended.
        """
        reader, writer = self._reader, self._writer
        if reader is None or writer is None:
            raise AssertionError("a call is served once it is open")
        parts = self._read(reader), self._write(writer), self._watch()
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # The reader's reason first: when the agent has closed, the writer only follows.
            next(task for task in tasks if task in done).result()
        except EOFError:
            pass
        except OSError as error:
            raise BotFailed(f"it dropped the connection ({error})") from None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        server = self.target.server
        if server is not None and await server.ends_soon():
            raise BotFailed("its process ended in the call")
        return "closed"

    def hear(self, pcm: bytes) -> None:
        """Let the agent hear a frame."""
        self._send(self.dialect.audio(pcm))

    def played(self, marks: list[str]) -> None:
        """These segments have been heard to their end."""
        for mark in marks:
            self._send(self.dialect.played(mark))

    def press(self, keys: str) -> bool:
        """There are no messages for keys."""
        del keys
        return False

    async def close(self) -> None:
        """Hang up."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        writer.close()
        try:
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(seconds_of(CLOSES_WITHIN)):
                    await writer.wait_closed()
        finally:
            # What an agent does not read would keep the connection up.
            writer.transport.abort()
        # It is released in the loop's next round, which may be the last one.
        await AsyncClock().sleep(0)

    def _send(self, messages: list[str | bytes]) -> None:
        self._waiting.extend(messages)
        self._came.set()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        rate = MessageRate()
        while True:
            message = await _read(reader)
            rate.take()
            self._send(self.dialect.receive(message))

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            await self._write_waiting(writer)

    async def _watch(self) -> None:
        sent = 0
        while sent - self.dialect.pongs < UNANSWERED:
            self._send(self.dialect.ping())
            sent += 1
            await AsyncClock().sleep(PING_EVERY)
        seconds = seconds_of(PING_EVERY) * UNANSWERED
        raise BotFailed(f"it has answered nothing for {seconds:g} s")

    async def _write_waiting(self, writer: asyncio.StreamWriter) -> None:
        seconds = seconds_of(TAKES_WITHIN)
        while self._waiting:
            message = self._waiting.popleft()
            body = message.encode() if isinstance(message, str) else message
            writer.write(len(body).to_bytes(HEADER, "big") + body)
            try:
                async with asyncio.timeout(seconds):
                    await writer.drain()
            except TimeoutError:
                raise BotFailed(
                    f"it has read nothing of what it is sent for {seconds:g} s"
                ) from None


async def _read(reader: asyncio.StreamReader) -> bytes:
    """The next message.

    Raises:
        EOFError: the agent has closed the connection between two messages.
        BotFailed: it closed it in the midst of one, or says that one is too long.
    """
    try:
        size = int.from_bytes(await reader.readexactly(HEADER), "big")
        if size > LARGEST:
            raise BotFailed(f"it announced a message of {size} bytes: at most {LARGEST}")
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as cut:
        if cut.partial or cut.expected != HEADER:
            raise BotFailed("it dropped the call in the midst of a message") from None
        raise EOFError from None
