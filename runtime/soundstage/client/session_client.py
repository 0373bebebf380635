"""What a client of either API does with its one session: connect, be entered, end."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from soundstage.client.streams import Sound
from soundstage.errors import ConnectionLost, UsageError

if TYPE_CHECKING:
    from types import TracebackType

    from soundstage.tools import Answer


class AnyConnection(Protocol):
    """What carries the session."""

    is_up: bool

    async def connect(self) -> None:
        """Place a call, and wait until its session is there."""
        ...


Carrier = TypeVar("Carrier", bound=AnyConnection)


class SessionClient(ABC, Generic[Carrier]):
    """One session, up while it is entered.

    Attributes:
        sound: the audio both ways: `write` 24 kHz mono PCM to be heard, iterate over `heard`,
            which gives 20 ms at a time, to hear.
    """

    _connection: Carrier

    def __init__(self) -> None:
        self.sound = Sound()
        self._used = False
        self._closed = False
        self._over: str | None = None

    async def connect(self) -> None:
        """Call, and wait until the session is there, as it was configured.

        Raises:
            InfrastructureError: a `ConnectError` or `ConnectionLost` that says why.
            UsageError: it has been done.
        """
        if self._used:
            raise UsageError("a client connects once: make another one")
        self._used = True
        self.sound.begin()
        try:
            await self._connection.connect()
        except BaseException as error:
            self._end(error if isinstance(error, Exception) else None)
            raise
        self._connected(asyncio.get_running_loop())

    @abstractmethod
    async def close(self) -> None:
        """End the session, and wait until nothing is left of it; harmless afterwards."""

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def is_connected(self) -> bool:
        """Whether the session is there, as it was configured, and is not over."""
        return self._connection.is_up

    @abstractmethod
    def return_tool(self, call_id: str, output: str) -> None:
        """Give the result of a function that is none of `tools`, as JSON text.

        Raises:
            ConnectionLost: there is no session any more.
        """

    @abstractmethod
    def _connected(self, loop: asyncio.AbstractEventLoop) -> None:
        """The session is there."""

    @abstractmethod
    def _end(self, error: Exception | None) -> None:
        """There is no session any more; harmless when that is known."""

    def _give_back(self, call_id: str, given: Answer) -> None:
        if self._over is None:
            self.return_tool(call_id, given.output)

    def _check_open(self) -> None:
        """What is asked for before the session is there waits; after its end nothing does.

        Raises:
            ConnectionLost: there is no session any more.
        """
        if self._over is not None:
            raise ConnectionLost(self._over)
