from __future__ import annotations

import asyncio
import base64
import json
import logging

import httpx
import pytest
from dummy_socket_server import KEY, SocketServer, mute_server
from dummy_tone import tone

from soundstage.audio import peak
from soundstage.errors import CallRefused, ConnectError, ConnectionLost, ConnectTimeout
from soundstage.kernel import AsyncClock
from soundstage.secrets import Secret
from soundstage.units import samples_of_ms, samples_of_seconds
from soundstage.webrtc import Deadlines, Provider
from soundstage.websocket import WebSocketCall

pytestmark = pytest.mark.realtime

SESSION = {"type": "realtime", "model": "some/model", "audio": {}}
UPDATE = b'{"type":"session.update","session":{"type":"realtime"}}'
SHORT = Deadlines(signalling=samples_of_seconds(0.3))


class Caller:
    """A call, and what it tells."""

    def __init__(self, base_url: str, *, deadlines: Deadlines | None = None, **fields) -> None:
        self.opened: list[str] = []
        self.events: list[dict] = []
        self.lost: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        self.came = asyncio.Event()
        client = fields.pop("client", None)
        key = Secret(KEY)
        self.provider = Provider(name="other", base_url=base_url, api_key=key, **fields)
        self.call = WebSocketCall(
            self.provider,
            SESSION,
            on_open=self.opened.append,
            on_event=self._take,
            on_lost=self.lost.set_result,
            deadlines=deadlines,
            client=client,
        )

    async def __aenter__(self):
        self.call.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.call.wait_ended()

    def _take(self, text: str | bytes) -> None:
        self.events.append(json.loads(text))
        self.came.set()

    async def until(self, kind: str) -> dict:
        async with asyncio.timeout(20):
            while not (found := [each for each in self.events if each["type"] == kind]):
                self.came.clear()
                await self.came.wait()
        return found[0]

    async def configured(self):
        await self.until("session.created")
        self.call.send(UPDATE)
        await self.until("session.updated")

    async def why(self) -> Exception:
        async with asyncio.timeout(20):
            return await self.lost


def play(scene) -> None:
    """Play a scene, and see that it leaves no task behind."""

    async def run() -> None:
        await scene()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


@pytest.mark.parametrize("model_in", ["query", "session"])
def test_a_call_says_who_calls_and_which_model_it_wants(model_in):
    async def scene():
        async with (
            SocketServer().serving() as server,
            Caller(
                server.base_url,
                model_in=model_in,
                headers={"X-Team": "voice"},
                query={"api-version": "2 b"},
            ) as caller,
        ):
            await caller.configured()
            [request] = server.requests
            named = "model=some%2Fmodel&" if model_in == "query" else ""
            assert request.path == f"/v1/realtime?{named}api-version=2+b"
            assert request.headers["Authorization"] == f"Bearer {KEY}"
            assert request.headers["X-Team"] == "voice"
            [update] = server.events
            assert update["session"].get("model") == (None if model_in == "query" else "some/model")
            assert caller.opened == [""]

    play(scene)


def test_the_key_is_in_no_log(caplog):
    async def scene():
        async with SocketServer().serving() as server, Caller(server.base_url) as caller:
            await caller.configured()
        async with (
            SocketServer(refuse=(401, f"no {KEY}", {})).serving() as server,
            Caller(server.base_url) as caller,
        ):
            error = await caller.why()
        assert KEY not in repr(error) + str(error) + repr(error.__cause__)

    with caplog.at_level(logging.DEBUG):
        play(scene)
    # The server's own log is not ours.
    ours = [each for each in caplog.records if not each.name.startswith("websockets.server")]
    assert not any(KEY in each.getMessage() for each in ours)


def test_an_ephemeral_key_is_made_where_the_provider_wants_one():
    def make(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/realtime/client_secrets"
        return httpx.Response(200, json={"value": "ek_dummy", "expires_at": 1})

    async def scene():
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(make)) as http,
            SocketServer().serving() as server,
            Caller(server.base_url, auth="ephemeral", client=http) as caller,
        ):
            await caller.configured()
            assert server.requests[0].headers["Authorization"] == "Bearer ek_dummy"

    play(scene)


def test_audio_goes_in_pieces_and_comes_at_the_pace_of_speech():
    speech = b"".join(tone(number) for number in range(25))

    async def answer(socket):
        delta = base64.b64encode(speech).decode()
        at = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
        audio = {"type": "response.output_audio.delta", "delta": delta, **at}
        await socket.send(json.dumps(audio))
        done = {"id": "resp_1", "status": "completed"}
        await socket.send(json.dumps({"type": "response.done", "response": done}))

    async def scene():
        async with SocketServer(answer).serving() as server, Caller(server.base_url) as caller:
            await caller.configured()
            await caller.until("response.done")
            loud = 0
            while not any(e["type"] == "output_audio_buffer.stopped" for e in caller.events):
                caller.call.play(tone(0))
                loud += peak(caller.call.take()) > 1000
                await AsyncClock().sleep(samples_of_ms(1))
            assert loud == 25
            order = [event["type"] for event in caller.events][2:]
            assert order == [
                "output_audio_buffer.started",
                "response.done",
                "output_audio_buffer.stopped",
            ]
            while len(server.events) < 10:
                await AsyncClock().sleep(samples_of_ms(1))
            pieces = [base64.b64decode(event["audio"]) for event in server.events[1:]]
            assert pieces[0] == tone(0) * 2

    play(scene)


@pytest.mark.parametrize("status", [301, 401, 404, 429, 500])
def test_a_refusal_says_why(status):
    body = json.dumps({"error": {"message": "Not today.", "code": "some_code"}})

    async def scene():
        refuse = (status, body, {"Location": "http://127.0.0.1:9/elsewhere"})
        async with (
            SocketServer(refuse=refuse).serving() as server,
            Caller(server.base_url) as caller,
        ):
            error = await caller.why()
        assert isinstance(error, CallRefused)
        assert (error.status, error.code) == (status, "some_code")
        assert "Not today." in str(error)
        # No redirect is followed: the key would go with it.
        assert len(server.requests) == 1

    play(scene)


def test_nothing_listens_there():
    async def scene():
        async with Caller("http://127.0.0.1:9/v1") as caller:
            error = await caller.why()
        assert isinstance(error, ConnectError)
        assert "other cannot be reached at ws://127.0.0.1:9/v1/realtime" in str(error)

    play(scene)


def test_a_handshake_that_is_not_answered_has_a_deadline():
    async def scene():
        server = await asyncio.start_server(
            lambda _, writer: writers.append(writer), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        async with Caller(f"http://127.0.0.1:{port}/v1", deadlines=SHORT) as caller:
            error = await caller.why()
        assert isinstance(error, ConnectTimeout)
        for writer in writers:
            writer.close()
        server.close()
        await server.wait_closed()

    writers: list[asyncio.StreamWriter] = []
    play(scene)


def test_a_service_that_opens_and_closes_at_once_has_refused():
    async def close(socket):
        await socket.close(4000, f"no beta, {KEY}")

    class Closing(SocketServer):
        async def _talk(self, socket):
            await close(socket)

    async def scene():
        async with Closing().serving() as server, Caller(server.base_url) as caller:
            error = await caller.why()
        assert isinstance(error, CallRefused)
        assert error.code == "4000"
        assert "no beta, ********" in str(error)

    play(scene)


@pytest.mark.parametrize("how", ["code", "eof", "abort"])
def test_a_socket_that_closes_is_noticed_within_two_seconds(how):
    async def leave(socket):
        if how == "code":
            await socket.close(1011, "out of memory")
        elif how == "eof":
            socket.transport.write_eof()
        else:
            socket.transport.abort()

    async def scene():
        async with SocketServer(leave).serving() as server, Caller(server.base_url) as caller:
            await caller.until("session.created")
            caller.call.send(UPDATE)
            await caller.until("session.updated")
            async with asyncio.timeout(2):
                error = await caller.lost
        assert isinstance(error, ConnectionLost)
        told = "1011: out of memory" if how == "code" else "without hanging up"
        assert told in str(error)

    play(scene)


def test_a_far_end_that_is_gone_without_a_word_is_noticed():
    async def scene():
        deadlines = Deadlines(unanswered=samples_of_seconds(0.5))
        async with mute_server() as url, Caller(url, deadlines=deadlines) as caller:
            error = await caller.why()
        assert isinstance(error, ConnectionLost)
        assert str(error) == "nothing has come from the far end for 0.5 s"

    play(scene)


def test_an_event_that_cannot_be_taken_in_ends_the_call(caplog):
    def fail(text):
        raise ValueError("odd")

    async def scene():
        async with SocketServer().serving() as server:
            caller = Caller(server.base_url)
            caller.call._on_event = fail
            async with caller:
                error = await caller.why()
        assert isinstance(error, ValueError)

    play(scene)
    assert "could not be taken in" in caplog.text


@pytest.mark.parametrize("ticks", [0, 1, 5, 50])
def test_a_call_can_be_ended_at_any_step(ticks):
    async def scene():
        async with SocketServer().serving() as server:
            async with Caller(server.base_url) as caller:
                for _ in range(ticks):
                    await AsyncClock().sleep(0)
            assert not caller.lost.done()
            if caller.opened:
                async with asyncio.timeout(5):
                    await server.closed.wait()

    play(scene)


def test_a_call_that_has_ended_is_silent():
    async def scene():
        async with SocketServer().serving() as server:
            async with Caller(server.base_url) as caller:
                await caller.configured()
            assert peak(caller.call.take()) == 0
            caller.call.send(UPDATE)
            caller.call.play(tone(0))
            caller.call.end()
            await caller.call.wait_ended()

    play(scene)
