"""A Live session for an asyncio program."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from soundstage.client.abandoned import abandon
from soundstage.client.call_parts import CallParts
from soundstage.client.functions import Functions
from soundstage.client.live_connection import LiveConnection
from soundstage.client.live_settings import LiveUpdates, live_session_body
from soundstage.client.service import OPENAI, Target
from soundstage.client.session_client import SessionClient
from soundstage.client.streams import Stream
from soundstage.errors import ConnectionLost, ConnectTimeout, UsageError
from soundstage.kernel import AsyncClock
from soundstage.realtime import ToolRequested
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    from soundstage.live import ClientEvent, Notification, ServerEvent
    from soundstage.realtime import Unknown
    from soundstage.units import Samples
    from soundstage.webrtc import Codec, Deadlines, TransportKind

UNREAD_EVENTS: Final = 10_000
"""Events that may wait to be read; the oldest are lost, and counted."""

UPDATED_WITHIN: Final[Samples] = samples_of_seconds(10)
"""How long `session.updated` may take."""


class LiveClient(SessionClient[LiveConnection]):
    """One Live session, up while it is entered; iterating over it gives the server's events.

    The model hears and speaks at the same time, and decides itself when to do either. Its audio is
    in `sound`, over both transports, and never among the events. What is asked for before the
    session has started waits for that. Everything but `connect`, `update` and `close` returns at
    once.

    Args:
        session: any field of a Live session, in the protocol's words.
        model: the model.
        voice: its voice.
        instructions: its persona.
        tools: functions that its backend may call; they are run when it does.
        backend: the model of that backend.
        base_url: the service, `https://host/v1`.
        api_key: its key; `OPENAI_API_KEY` of the environment where OpenAI is called and none is
            given. There are no ephemeral keys.
        headers: sent with every request.
        query: added to every address.
        transport: what the call is made over, `webrtc` or `websocket`.
        deadlines: how long each step of a call may take.
        http: carries the signalling; its owner closes it.
        clock: paces the audio.
        codec: makes the Opus encoder and decoder of a call over WebRTC.
        logger: is told when the session comes up or is lost.

    Attributes:
        sound: the audio both ways: `write` 24 kHz mono PCM to be heard, iterate over `heard`,
            which gives 20 ms at a time, to hear. Silence is sent where nothing was written.

    Raises:
        KeyMissing: OpenAI is called, and there is no key.
        UsageError: a function cannot be a tool, or there is no backend to call it.
    """

    def __init__(
        self,
        session: Mapping[str, Any] | None = None,
        *,
        model: str = "gpt-live-1.1",
        voice: str | None = None,
        instructions: str | None = None,
        tools: Sequence[Callable[..., object]] = (),
        backend: str = "gpt-5.6",
        base_url: str = OPENAI,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        transport: TransportKind = "webrtc",
        deadlines: Deadlines | None = None,
        http: httpx.AsyncClient | None = None,
        clock: AsyncClock | None = None,
        codec: Codec | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        super().__init__()
        target = Target(
            base_url=base_url,
            api_key=api_key,
            headers=headers or {},
            query=query or {},
            transport=transport,
            protocol="live",
        )
        self._functions = Functions(tools)
        usual = {"model": model, "voice": voice, "instructions": instructions}
        body = live_session_body(session or {}, usual, self._functions.definitions(), backend)
        parts = CallParts(
            provider=target.provider(),
            clock=clock or AsyncClock(),
            logger=logger or logging.getLogger("soundstage.client"),
            deadlines=deadlines,
            http=http,
            codec=codec,
        )
        self._connection = LiveConnection(parts, body, self.sound, self)
        self._events: Stream[ServerEvent | Unknown] = Stream(UNREAD_EVENTS)
        self._updates = LiveUpdates()
        self._loop: asyncio.AbstractEventLoop | None = None

    # Connecting.

    async def close(self) -> None:
        """End the session, wait up to 5 s for `session.closed`, and hang up; harmless afterwards.

        What is waited for meanwhile raises `ConnectionLost`. The events that have come can still
        be read, the last one with the seconds that the session has cost.
        """
        self._used = self._closed = True
        # First, so that nothing can be asked of a session that is being ended.
        self._stop(None)
        try:
            await _take_down(self._functions, self._connection)
        finally:
            self._events.end(None)

    def __del__(self) -> None:
        loop = getattr(self, "_loop", None)  # a client that could not be made has none
        if loop is not None and not self._closed:
            functions, connection = self._functions, self._connection
            abandon(self, loop, lambda: _take_down(functions, connection))

    @property
    def session_id(self) -> str:
        """The session's id at the service, by which a sideband attaches; empty before it starts."""
        return self._connection.session_id

    # The session.

    def __aiter__(self) -> Stream[ServerEvent | Unknown]:
        """The server's events from the first one on, each given once, without those of audio.

        It ends after `session.closed`, if that was asked for.

        Raises:
            ConnectionLost: in `__anext__`, when the session was closed for another reason, or the
                call has dropped.
        """
        return self._events

    def send(self, event: ClientEvent) -> str:
        """Send any event of `soundstage.client.live_client_events`; returns its id.

        Raises:
            ProtocolError: it is larger than the endpoint takes.
            ConnectionLost: there is no session any more.
        """
        self._check_open()
        return self._ask(self._connection.session.send(event))

    async def update(self, **fields: Any) -> dict[str, Any]:
        """Change the session; returns it as it is then, with all its fields.

        Args:
            fields: of `session.update`: `delegation`, of the same type, or `triggers`.

        Raises:
            EventRefused: the server will not have that.
            ConnectTimeout: it has not answered within 10 s.
            ConnectionLost: the call dropped meanwhile, or there is none any more.
            UsageError: the client has not been connected.
        """
        self._check_open()
        if not self._connection.session.ready:
            raise UsageError("the client is not connected: enter it, or await connect() first")
        event_id = self._connection.session.update(fields)
        answer = self._updates.ask(event_id)
        try:
            self._connection.flush()
            async with asyncio.timeout(seconds_of(UPDATED_WITHIN)):
                return await answer
        except TimeoutError:
            seconds = seconds_of(UPDATED_WITHIN)
            raise ConnectTimeout(f"no session.updated came within {seconds:g} s") from None
        finally:
            self._updates.forget(event_id)

    def instruct(self, text: str, *, delegation: str | None = None) -> str:
        """Have the model obey this from now on; it may cut what is being said.

        Args:
            text: at most 500 tokens.
            delegation: the id of the work, handed to the program, that it is about.

        Returns:
            The id of the event, which `session.instructions.appended` names when it has reached
            the model.

        Raises:
            ConnectionLost: there is no session any more.
        """
        self._check_open()
        return self._ask(self._connection.session.instruct(text, delegation))

    def inform(self, text: str, *, delegation: str | None = None) -> str:
        """Have the model know this, and not say it; otherwise like `instruct`.

        Raises:
            ConnectionLost: there is no session any more.
        """
        self._check_open()
        return self._ask(self._connection.session.inform(text, delegation))

    def comment(self, text: str, *, delegation: str | None = None) -> str:
        """Have the model say this, in its own words; otherwise like `instruct`.

        Raises:
            ConnectionLost: there is no session any more.
        """
        self._check_open()
        return self._ask(self._connection.session.comment(text, delegation))

    def mute(self, *, on: bool = True) -> str:
        """Let the model hear silence, or again what comes.

        Raises:
            ConnectionLost: there is no session any more.
        """
        self._check_open()
        return self._ask(self._connection.session.mute(on=on))

    def write(self, text: str) -> str:
        """Give the backend a text of the user's, and have it answered.

        Returns:
            The id of the `response.create`, which `session.delegation.created` names.

        Raises:
            ConnectionLost: there is no session any more.
        """
        self._check_open()
        return self._ask(self._connection.session.write(text))

    def return_tool(self, call_id: str, output: str) -> None:
        """Give the backend the result of a function that is none of `tools`, as JSON text.

        Raises:
            ConnectionLost: there is no session any more.
        """
        self._check_open()
        self._connection.session.return_tool(call_id, output)
        self._connection.flush()

    # What the connection tells.

    def received(self, event: ServerEvent | Unknown, notifications: list[Notification]) -> None:
        """An event has come."""
        self._events.put(event)
        self._updates.follow(event)
        for notification in notifications:
            if isinstance(notification, ToolRequested):
                self._functions.begin(notification, self._give_back)

    def ended(self, error: Exception | None) -> None:
        """There is no session any more."""
        self._end(error)

    def _ask(self, event_id: str) -> str:
        self._connection.flush()
        return event_id

    def _connected(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def _end(self, error: Exception | None) -> None:
        self._stop(error)
        self._events.end(error)

    def _stop(self, error: Exception | None) -> None:
        """Take nothing more; the events that still come can be read."""
        if self._over is not None:
            return  # it has ended already, and `_over` says why
        why = error or ("the client was closed" if self._closed else "the session was closed")
        self._over = f"the call is over: {why}"
        self._updates.fail(error or ConnectionLost(str(why)))
        self.sound.end(error)


async def _take_down(functions: Functions, connection: LiveConnection) -> None:
    """Knows no client: one that a program drops must not be kept by its own tasks."""
    await functions.close()
    await connection.close()
