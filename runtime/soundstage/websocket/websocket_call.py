"""One call to a Realtime or Live endpoint over a WebSocket, from the handshake to the close."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from soundstage.errors import (
    CallRefused,
    ConnectError,
    ConnectionLost,
    ConnectTimeout,
    InfrastructureError,
    ProtocolError,
    SoundstageError,
)
from soundstage.kernel import AsyncClock
from soundstage.units import SILENCE, samples_of_ms, seconds_of
from soundstage.webrtc import Deadlines, EndsOnce, Signalling, call_refused
from soundstage.websocket.live_playout import LivePlayout
from soundstage.websocket.session_playout import Passed, SessionPlayout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from soundstage.secrets import Secret
    from soundstage.units import Samples
    from soundstage.webrtc import Provider

_log = logging.getLogger(__name__)

# The library tells a logger every header and every frame, the key among them, at DEBUG.
_library_log = logging.getLogger(f"{__name__}.library")
_library_log.setLevel(logging.WARNING)

PING_EVERY: Final[Samples] = samples_of_ms(500)
"""How often the far end is asked whether it is there: TCP alone notices a lost network after
minutes."""

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a message, either way: services take audio of 15 MiB in one."""

_REFUSALS: Final = range(3000, 5000)
"""Codes with which services close a WebSocket that they do not want."""
_POLICY: Final = 1008


class WebSocketCall(EndsOnce):
    """Places a call with a provider, and hangs it up; like `WebRtcCall`, over a WebSocket.

    It is made, begun and closed on an event loop; `send`, `play` and `take` may be called from
    one other thread. What happens is told by callbacks, on the loop's thread. The session's owner
    gets the events that it would get over WebRTC: audio is given by `take` alone, and, of Realtime,
    `output_audio_buffer` events, which have no id here, say what this end plays. A Live session is
    begun and ended here.

    Args:
        provider: who is called.
        session: the session's configuration; its model is named in the URL, or as the provider
            wants it.
        on_open: called once, with an empty id, when events can pass.
        on_event: called with each event, in order.
        on_lost: called at most once, when the call cannot be placed or has gone; not after `end`.
        deadlines: how long each step may take.
        client: carries the request for an ephemeral key, in place of one of its own.
    """

    def __init__(
        self,
        provider: Provider,
        session: Mapping[str, object],
        *,
        on_open: Callable[[str], None],
        on_event: Callable[[str | bytes], None],
        on_lost: Callable[[Exception], None],
        deadlines: Deadlines | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(on_lost)
        self._provider = provider
        self._session = session
        self._on_open = on_open
        self._on_event = on_event
        self._deadlines = deadlines or Deadlines()
        self._client = client
        self._playout = (
            LivePlayout(session)
            if provider.protocol == "live"
            else SessionPlayout(session, names_model=provider.model_in == "session")
        )
        # Held for what a frame or an event costs: the loop receives while an actor plays.
        self._lock = Lock()
        self._told: deque[str | bytes] = deque()
        self._outbox: Outbox | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._key: Secret | None = None
        self._serving: asyncio.Task[None] | None = None
        self._received = 0
        self._is_closing = False

    @property
    def concealed(self) -> int:
        """Frames of silence in the midst of a reply, because none had come."""
        return self._playout.concealed

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        return self._playout.dropped

    @property
    def late(self) -> int:
        """Always none: what comes late on a WebSocket makes all that follows late, too."""
        return 0

    def begin(self) -> None:
        """Begin to call."""
        if not self._over:
            self._loop = asyncio.get_running_loop()
            self._outbox = Outbox(self._loop, seconds_of(self._deadlines.unanswered))
            self._serving = self._loop.create_task(self._run())

    def send(self, event: bytes) -> None:
        """Send one event, as JSON; before the call is begun there is no far end.

        Raises:
            ProtocolError: it is larger than endpoints take.
        """
        if len(event) > LARGEST:
            raise ProtocolError(
                f"an event of {len(event)} bytes is more than the {LARGEST} that endpoints take "
                "in one message: send less at once"
            )
        with self._lock:
            self._pass(self._playout.send(event))
        self._deliver_later()

    def play(self, pcm: bytes) -> None:
        """Let the endpoint hear the frame of this tick; dropped before it is configured."""
        with self._lock:
            piece = self._playout.play(pcm)
        if piece is not None:
            self._pass(Passed(sent=[piece]))

    def take(self) -> bytes:
        """The endpoint's frame for this tick, at the pace of its speech."""
        if self._over:
            return SILENCE
        with self._lock:
            frame, passed = self._playout.take()
            self._pass(passed)
        if passed.told:
            self._deliver_later()
        return frame

    async def _run(self) -> None:
        try:
            socket = await self._connect()
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no call and it says so
            self._lost(self._told_of(error, ConnectError))
            return
        try:
            self._on_open("")
            self._pass(Passed(sent=self._playout.opening()))
            await self._serve(socket)
        except Exception as error:  # noqa: BLE001 - likewise
            self._lost(self._told_of(error, ConnectionLost))
        finally:
            self._is_closing = True
            # After the loss is told: a far end that is gone does not answer a close, either.
            await socket.close()

    def _told_of(self, error: Exception, kind: type[InfrastructureError]) -> Exception:
        if isinstance(error, SoundstageError):
            return error
        _log.exception("a call to %s failed", self._provider.name)
        said = self._provider.mask(f"{type(error).__name__}: {error}", self._key)
        return kind(f"the call to {self._provider.name} failed: {said}")

    async def _connect(self) -> ClientConnection:
        await self._make_key()
        seconds = seconds_of(self._deadlines.signalling)
        name, url, query = self._provider.name, self._url(), urlencode(self._query())
        try:
            return await _Connect(
                f"{url}?{query}" if query else url,
                additional_headers=self._provider.headers_with(self._key),
                open_timeout=seconds,
                close_timeout=seconds_of(self._deadlines.hang_up),
                # Asked about by `_watch`, which is sooner.
                ping_interval=None,
                max_size=LARGEST,
                # Speech in base64 hardly gets smaller, and packing it is work for both ends.
                compression=None,
                proxy=None if self._provider.is_local else True,
                logger=_library_log,
            )
        except TimeoutError:
            raise ConnectTimeout(f"{name} did not open {url} within {seconds:g} s") from None
        except InvalidStatus as refused:
            response = refused.response
            raise call_refused(
                self._provider, response.status_code, bytes(response.body or b""), self._key
            ) from None
        except (OSError, WebSocketException) as error:
            said = self._provider.mask(str(error), self._key)
            raise ConnectError(
                f"{name} cannot be reached at {url} ({type(error).__name__}: {said}): see whether "
                "it runs, the base URL is right, and it takes WebSockets"
            ) from None

    async def _make_key(self) -> None:
        if self._provider.auth == "ephemeral":
            signalling = Signalling(self._provider, client=self._client, deadlines=self._deadlines)
            try:
                self._key = await signalling.key_for(self._session)
            finally:
                await signalling.close()

    def _url(self) -> str:
        # http becomes ws, and https wss.
        return "ws" + self._provider.url(*self._playout.path).removeprefix("http")

    def _query(self) -> dict[str, str]:
        model = self._session.get("model")
        named = self._playout.names_model and isinstance(model, str)
        return {**({"model": str(model)} if named else {}), **self._provider.query}

    async def _serve(self, socket: ClientConnection) -> None:
        """Carry the call until it is lost, which is raised."""
        if self._outbox is None:
            return
        parts = [self._read(socket), self._outbox.run(socket), self._watch(socket)]
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # The reader's reason first: when the far end has closed, the others only follow.
            next(task for task in tasks if task in done).result()
        except ConnectionClosed as closed:
            raise self._closed(closed) from None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            text = await socket.recv()
            self._received += 1
            with self._lock:
                self._pass(self._playout.receive(text))
            self._deliver()

    async def _watch(self, socket: ClientConnection) -> None:
        """Ask the far end again and again whether it is there."""
        clock, seconds = AsyncClock(), seconds_of(self._deadlines.unanswered)
        while True:
            await clock.sleep(PING_EVERY)
            received = self._received
            try:
                async with asyncio.timeout(seconds):
                    await (await socket.ping())
            except TimeoutError:
                # An answer may wait behind much audio on its way.
                if received == self._received:
                    raise ConnectionLost(
                        f"nothing has come from the far end for {seconds:g} s"
                    ) from None

    def _closed(self, closed: ConnectionClosed) -> SoundstageError:
        """Why the far end has closed the call, in an error of ours."""
        name, frame = self._provider.name, closed.rcvd
        if frame is None:
            return ConnectionLost("the far end closed the call without hanging up")
        reason = self._provider.mask(frame.reason, self._key)
        said = f"{frame.code}: {reason}" if reason else str(frame.code)
        if not self._playout.is_ready and (frame.code in _REFUSALS or frame.code == _POLICY):
            return CallRefused(
                f"{name} took the WebSocket and closed it at once ({said}); see whether the key, "
                "the model and the base URL are right",
                code=str(frame.code),
            )
        return ConnectionLost(f"the far end closed the call ({said})")

    def _pass(self, passed: Passed) -> None:
        """Have events told and sent, behind those that wait; of either thread."""
        self._told.extend(passed.told)
        if passed.sent and self._outbox is not None:
            self._outbox.put(passed.sent)

    def _deliver_later(self) -> None:
        if self._told and self._loop is not None:
            with suppress(RuntimeError):  # the loop has closed, and the call with it
                self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        """Tell the owner what has come, in order: on the loop's thread, and never within a call."""
        while self._told and not self._over:
            event = self._told.popleft()
            try:
                self._on_event(event)
            except Exception as error:  # noqa: BLE001 - raised further, it would end the reader
                _log.exception("an event could not be taken in")
                self._lost(error)

    async def _end(self) -> None:
        if self._serving is None:
            return
        parting = self._playout.parting()
        if parting is not None:
            # A session that is not told of its end would go on, and be paid for.
            self._pass(Passed(sent=parting))
            await asyncio.wait([self._serving], timeout=seconds_of(self._deadlines.hang_up))
        # Cancelled while it closes the WebSocket, it would leave it open.
        if not self._is_closing:
            self._serving.cancel()
        await asyncio.wait([self._serving])


class Outbox:
    """Sends events in their order, from any thread.

    Args:
        loop: that the WebSocket lives on.
        within: seconds in which the far end must take each event.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, within: float) -> None:
        self._loop = loop
        self._within = within
        self._waiting: deque[bytes] = deque()
        self._came = asyncio.Event()

    def put(self, events: list[bytes]) -> None:
        """Send these events behind those that wait."""
        self._waiting.extend(events)
        with suppress(RuntimeError):  # the loop has closed, and the call with it
            self._loop.call_soon_threadsafe(self._came.set)

    async def run(self, socket: ClientConnection) -> None:
        """Send what comes, until the WebSocket closes.

        Raises:
            ConnectionLost: the far end does not read what it is sent.
        """
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                await self._send(socket, self._waiting.popleft())

    async def _send(self, socket: ClientConnection, event: bytes) -> None:
        try:
            async with asyncio.timeout(self._within):
                await socket.send(event, text=True)
        except TimeoutError:
            raise ConnectionLost("the far end does not read the events it is sent") from None


class _Connect(connect):
    """Follows no redirect: headers with a key in them would go wherever a server says."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc
