"""A Realtime session for an asyncio program."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, Literal

from soundstage.client.abandoned import abandon
from soundstage.client.connection import CONFIRMED_WITHIN, Connection, Parts
from soundstage.client.functions import Functions
from soundstage.client.service import OPENAI, Auth, Target
from soundstage.client.session_client import SessionClient
from soundstage.client.session_settings import Updates, session_body
from soundstage.client.streams import Reconnected, Sound, Stream
from soundstage.errors import ConnectionLost, ConnectTimeout, UsageError
from soundstage.kernel import AsyncClock
from soundstage.realtime import ToolRequested
from soundstage.units import samples_of_seconds, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    from soundstage.realtime import ClientEvent, Notification, ServerEvent, Unknown
    from soundstage.units import Samples
    from soundstage.webrtc import Codec, Deadlines, TransportKind

UNREAD_EVENTS: Final = 10_000
"""Events that may wait to be read; the oldest are lost, and counted."""


class RealtimeClient(SessionClient[Connection]):
    """One session, connected while it is entered; iterating over it gives the server's events.

    It configures the session before anything is said, asks for one response at a time, sends the
    results of one response's functions together, and lets nothing be heard of a reply that was
    cut. Everything but `connect`, `update` and `close` returns at once.

    Args:
        session: any field of a Realtime session, in the protocol's words.
        model: the model.
        voice: its voice.
        instructions: its persona.
        tools: functions that it may call; they are run when it does.
        base_url: the service, `https://host/v1`.
        api_key: its key, an ephemeral one too; `OPENAI_API_KEY` of the environment where OpenAI
            is called and none is given.
        auth: `ephemeral` trades the key for one that is made for the call, as Azure demands.
        headers: sent with every request.
        query: added to every address.
        transport: what the call is made over: `webrtc`, or `websocket` for services without it.
        on_drop: what is done when the call drops or the session expires: `raise` the error in the
            iteration, or `reconnect` and go on with the conversation.
        reconnect_within: seconds within which there must be a session again; later, the error is
            raised.
        deadlines: how long each step of a call may take.
        http: carries the signalling; its owner closes it.
        clock: paces the audio.
        codec: makes the Opus encoder and decoder of a call over WebRTC.
        logger: is told when a call comes up or drops.

    Attributes:
        sound: the audio both ways: `write` 24 kHz mono PCM to be heard, iterate over `heard`,
            which gives 20 ms at a time, to hear.

    Raises:
        KeyMissing: OpenAI is called, and there is no key.
        UsageError: a function cannot be a tool.
    """

    def __init__(
        self,
        session: Mapping[str, Any] | None = None,
        *,
        model: str = "gpt-realtime-2.1",
        voice: str | None = None,
        instructions: str | None = None,
        tools: Sequence[Callable[..., object]] = (),
        base_url: str = OPENAI,
        api_key: str | None = None,
        auth: Auth = "key",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        transport: TransportKind = "webrtc",
        on_drop: Literal["raise", "reconnect"] = "raise",
        reconnect_within: float = 30.0,
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
            auth=auth,
            headers=headers or {},
            query=query or {},
            transport=transport,
        )
        self._clock = clock or AsyncClock()
        self._functions = Functions(tools)
        definitions = self._functions.definitions()
        self._body = session_body(session or {}, model, voice, instructions, definitions)
        parts = Parts(
            provider=target.provider(),
            reconnects=on_drop == "reconnect",
            reconnect_within=samples_of_seconds(reconnect_within),
            clock=self._clock,
            logger=logger or logging.getLogger("soundstage.client"),
            deadlines=deadlines,
            http=http,
            codec=codec,
        )
        self._connection = Connection(parts, self._body, self)
        self._events: Stream[ServerEvent | Unknown | Reconnected] = Stream(UNREAD_EVENTS)
        self._updates = Updates()
        self._pacing: asyncio.Task[None] | None = None

    # Connecting.

    async def close(self) -> None:
        """Hang up, and wait until nothing is left of the call; harmless when it has been done.

        What is waited for meanwhile raises `ConnectionLost`.
        """
        self._used = self._closed = True
        # First, so that nothing can be asked of a call that is being taken down.
        self._end(None)
        await _take_down(self._pacing, self._functions, self._connection)

    def __del__(self) -> None:
        pacing = getattr(self, "_pacing", None)  # a client that could not be made has none
        if pacing is None or self._closed:
            return
        functions, connection = self._functions, self._connection
        abandon(self, pacing.get_loop(), lambda: _take_down(pacing, functions, connection))

    @property
    def call_id(self) -> str:
        """The call's id at the service."""
        return self._connection.call_id

    # The events.

    def __aiter__(self) -> Stream[ServerEvent | Unknown | Reconnected]:
        """The server's events from the first one on, each given once.

        Raises:
            ConnectionLost: in `__anext__`, when the call has dropped.
        """
        return self._events

    def send(self, event: ClientEvent) -> str:
        """Send any event of `soundstage.client.client_events`; returns its id.

        Raises:
            ProtocolError: it is larger than the endpoint takes.
            ConnectionLost: there is no call any more.
        """
        self._check_open()
        event_id = self._connection.session.send(event)
        self._connection.flush()
        return event_id

    async def update(self, **fields: Any) -> dict[str, Any]:
        """Change the session; returns it as it is then, with all its fields.

        Args:
            fields: of `session.update`, in the protocol's words.

        Raises:
            EventRefused: the server will not have that.
            ConnectTimeout: it has not answered within 10 s.
            ConnectionLost: the call dropped meanwhile, or there is none any more.
            UsageError: the client has not been connected.
        """
        self._check_open()
        if not self._used:
            raise UsageError("the client is not connected: enter it, or await connect() first")
        event_id = self._connection.session.update({"type": "realtime", **fields})
        answer = self._updates.ask(event_id)
        try:
            self._connection.flush()
        except BaseException:
            answer.cancel()  # it was not sent, and nothing answers it
            self._connection.session.changes.refused(event_id)
            raise
        return await self._answered(answer)

    def prompt(self, text: str) -> None:
        """Add a system message, which the model takes as an instruction, and ask for a response.

        Raises:
            ConnectionLost: there is no call any more.
        """
        self._check_open()
        self._connection.session.prompt(text)
        self._connection.flush()

    def add_text(self, text: str, *, role: Literal["user", "system", "assistant"] = "user") -> None:
        """Add a message to the conversation, and ask for nothing; `respond` asks for the answer.

        Raises:
            ConnectionLost: there is no call any more.
        """
        self._check_open()
        self._connection.session.add_text(text, role=role)
        self._connection.flush()

    def respond(self, **params: object) -> None:
        """Ask for a response to the conversation as it is, as soon as no other is being made.

        Args:
            params: overrides of the session for this one, as in `response.create`.

        Raises:
            ConnectionLost: there is no call any more.
        """
        self._check_open()
        self._connection.session.respond(**params)
        self._connection.flush()

    def cancel(self) -> None:
        """Stop the response that is being made, and whatever is playing."""
        self._connection.session.cancel()
        self._connection.flush()

    def return_tool(self, call_id: str, output: str) -> None:
        """Give the result of a function that is none of `tools`, as JSON text.

        Raises:
            ConnectionLost: there is no call any more.
        """
        self._check_open()
        self._connection.session.return_tool(call_id, output)
        self._connection.flush()

    # What the connection tells.

    def received(
        self, event: ServerEvent | Unknown, notifications: list[Notification], *, ready: bool
    ) -> None:
        """An event has come."""
        self._events.put(event)
        if ready:
            self._updates.follow(event)
        self.noticed(notifications)

    def noticed(self, notifications: list[Notification]) -> None:
        """What the session tells."""
        for notification in notifications:
            if isinstance(notification, ToolRequested):
                self._functions.begin(notification, self._give_back)

    def dropped(self, error: Exception) -> None:
        """The call is lost: what was asked of it gets no answer."""
        self._updates.fail(error)

    def resumed(self, error: Exception, gap: Samples) -> None:
        """There is another call."""
        self._events.put(Reconnected(error, seconds_of(gap)))

    def ended(self, error: Exception) -> None:
        """There is no call any more."""
        self._end(error)

    def _connected(self, loop: asyncio.AbstractEventLoop) -> None:
        self._pacing = loop.create_task(_pace(self._clock, self._connection, self.sound))

    async def _answered(self, answer: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        """What the server has answered; while a call is placed again, that is waited for first."""
        seconds = seconds_of(CONFIRMED_WITHIN)
        try:
            while not answer.done():
                await asyncio.wait([answer], timeout=seconds)
                if not answer.done() and self._connection.is_up:
                    raise ConnectTimeout(f"no session.updated came within {seconds:g} s")
        finally:
            answer.cancel()
        return answer.result()

    def _end(self, error: Exception | None) -> None:
        if self._over is not None:
            return  # it has ended already, and `_over` says why
        self._over = f"the call is over: {error or 'the client was closed'}"
        self._updates.fail(error or ConnectionLost("the client was closed"))
        self._events.end(error)
        self.sound.end(error)


# What follows knows no client: one that a program drops must not be kept by its own tasks.


async def _pace(clock: AsyncClock, connection: Connection, sound: Sound) -> None:
    async for _ in clock.ticks():
        if sound.is_over:
            return
        heard = connection.exchange(sound.next())
        if heard is not None:
            sound.heard.put(heard)


async def _take_down(
    pacing: asyncio.Task[None] | None, functions: Functions, connection: Connection
) -> None:
    if pacing is not None:
        pacing.cancel()
        await asyncio.wait([pacing])
    await functions.close()
    await connection.close()
