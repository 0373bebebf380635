"""A call that is a dialect on a WebSocket: what most transports are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from soundstage.bots.socket_call import SocketCall

if TYPE_CHECKING:
    from soundstage.bots.bot_call import BotLine, BotTarget
    from soundstage.bots.dialect import MakeDialect


class DialectCall:
    """Joins a dialect and the socket that carries it; a transport derives from this.

    Args:
        target: the bot.
        line: gets what it tells.
    """

    keys_used: ClassVar[frozenset[str]] = frozenset({"url", "jitter"})
    plays_on: ClassVar[bool] = False
    delay: ClassVar[float] = 0.0
    dialect_class: ClassVar[MakeDialect]

    def __init__(self, target: BotTarget, line: BotLine) -> None:
        self.target = target
        self.dialect = type(self).dialect_class(target, line)
        self.heard = self.dialect.heard
        self._socket: SocketCall | None = None

    async def address(self) -> tuple[str, dict[str, str]]:
        """Where the socket is opened, and the headers of its handshake.

        Raises:
            BotUnreachable: that cannot be found out.
        """
        return self.target.url, {}

    async def open(self) -> None:
        """Place the call.

        Raises:
            BotUnreachable: the bot does not take it.
        """
        url, headers = await self.address()
        self._socket = SocketCall(url, self.dialect, headers)
        await self._socket.open()

    async def serve(self) -> str:
        """Carry it until the bot hangs up.

        Raises:
            BotFailed: the bot breaks the call.
        """
        if self._socket is None:
            raise AssertionError("a call is served once it is open")
        return await self._socket.serve()

    def hear(self, pcm: bytes) -> None:
        """Let the bot hear a frame."""
        self._send(self.dialect.audio(pcm))

    def played(self, marks: list[str]) -> None:
        """These marks have been reached."""
        for mark in marks:
            self._send(self.dialect.played(mark))

    def press(self, keys: str) -> bool:
        """Tell the bot of keys, where there are messages for them."""
        messages = self.dialect.press(keys)
        self._send(messages or [])
        return messages is not None

    async def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            await self._socket.close()

    def _send(self, messages: list[str | bytes]) -> None:
        if self._socket is not None:
            self._socket.send(messages)
