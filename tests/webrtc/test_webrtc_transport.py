from __future__ import annotations

import asyncio
import logging
import threading
import traceback

import httpx
import pytest
from dummy_far_end import CALL, KEY, FarEnd, MuteTrack, refuse
from dummy_tone import tone

from soundstage.errors import CallRefused, ConnectError, ConnectionLost, ConnectTimeout
from soundstage.kernel import ThreadedKernel
from soundstage.messages import TransportEvent, TransportLost, TransportOpened
from soundstage.secrets import Secret
from soundstage.units import SILENCE, samples_of_seconds
from soundstage.webrtc import Deadlines, Provider, WebRtcTransport

pytestmark = pytest.mark.realtime

SESSION = {"type": "realtime", "model": "gpt-realtime-2.1"}
PROVIDER = Provider(name="openai", base_url="https://api.example/v1", api_key=Secret(KEY))
SHORT = Deadlines(
    signalling=samples_of_seconds(0.3),
    connect=samples_of_seconds(0.75),
    channel=samples_of_seconds(0.5),
    track=samples_of_seconds(0.5),
    silence=samples_of_seconds(0.5),
    hang_up=samples_of_seconds(0.3),
)
WITHIN = samples_of_seconds(10)


class Owner:
    """Owns a wire, as an actor does: from a thread that is not the loop's."""

    def __init__(self, portal, transport) -> None:
        self._portal = portal
        self.far = None
        self.posts: list = []
        self._news = threading.Condition()
        self._client = portal.run(self._make_client, transport, within=WITHIN)
        self.wire = WebRtcTransport(portal, PROVIDER, SESSION, deadlines=SHORT, client=self._client)
        self.wire.open(self.post)

    async def _make_client(self, transport):
        return httpx.AsyncClient(transport=transport)

    def post(self, message: object) -> None:
        with self._news:
            self.posts.append(message)
            self._news.notify_all()

    def wait(self, kind: type):
        def found():
            return next((each for each in self.posts if isinstance(each, kind)), None)

        with self._news:
            assert self._news.wait_for(found, timeout=60), f"no {kind.__name__}: {self.posts}"
            return found()

    def wait_until(self, condition) -> None:
        with self._news:
            while not condition():
                self._news.wait(0.01)

    def end(self) -> set:
        """Close, and say which tasks are left."""
        self.wire.close()

        async def leave():
            await self.wire.wait_closed()
            await self._client.aclose()
            if self.far is not None:
                await self.far.close()
            return asyncio.all_tasks() - {asyncio.current_task()}

        return self._portal.run(leave, within=WITHIN)


@pytest.fixture
def portal():
    with ThreadedKernel() as kernel:
        yield kernel.portal


@pytest.fixture
def call(portal):
    """Makes owners, and ends those that a failed test has left."""
    owners: list[Owner] = []

    def call(far=None, transport=None):
        owner = Owner(portal, transport or httpx.MockTransport(far.handle))
        owner.far = far
        owners.append(owner)
        return owner

    yield call
    for owner in owners:
        owner.end()


def test_a_call_opens_then_its_events_come_and_it_is_hung_up(call):
    far = FarEnd()
    owner = call(far)
    assert owner.wait(TransportOpened) == TransportOpened(CALL)
    assert owner.wait(TransportEvent) == TransportEvent('{"type":"session.created"}')
    assert isinstance(owner.posts[0], TransportOpened)
    owner.wire.send(b'{"type":"session.update"}')
    owner.wait_until(lambda: far.events)
    assert far.events == ['{"type":"session.update"}']
    assert owner.end() == set()
    assert far.hung_up == [CALL]
    assert not any(isinstance(each, TransportLost) for each in owner.posts)


def test_nothing_waits_and_nothing_is_counted_before_the_call_is_up(call):
    async def never(_):
        await asyncio.Event().wait()

    owner = call(transport=httpx.MockTransport(never))
    owner.wire.play(tone(0))
    owner.wire.send(b"{}")
    assert owner.wire.take() == SILENCE
    assert (owner.wire.concealed, owner.wire.dropped, owner.wire.late) == (0, 0, 0)
    assert owner.end() == set()
    assert owner.posts == []


def test_closing_twice_and_before_opening_is_harmless(portal):
    wire = WebRtcTransport(portal, PROVIDER, SESSION)
    wire.close()
    wire.open(lambda message: pytest.fail(str(message)))
    wire.close()
    portal.run(wire.wait_closed, within=WITHIN)


def test_methods_after_the_portal_has_closed_are_harmless():
    with ThreadedKernel() as kernel:
        wire = WebRtcTransport(kernel.portal, PROVIDER, SESSION)
    wire.open(lambda message: pytest.fail(str(message)))
    wire.play(SILENCE)
    wire.close()


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "invalid_api_key"), (404, "model_not_found"), (429, "insufficient_quota"), (500, "x")],
)
def test_an_endpoint_that_refuses_loses_the_wire(call, status, code):
    owner = call(transport=refuse(status, {"error": {"message": "no", "code": code}}))
    error = owner.wait(TransportLost).error
    assert isinstance(error, CallRefused)
    assert (error.status, error.code) == (status, code)
    assert owner.end() == set()


async def _never(_):
    await asyncio.Event().wait()


def _died():
    """A far end that is gone when its answer arrives."""
    far = FarEnd()

    async def handle(request):
        response = await far.handle(request)
        await far.close()
        return response

    return httpx.MockTransport(handle)


def _without(section):
    far = FarEnd(mends=lambda sdp: sdp.partition(section)[0])
    return far, httpx.MockTransport(far.handle)


@pytest.mark.parametrize(
    ("case", "kind", "text"),
    [
        ("garbage", ConnectError, "no SDP"),
        ("never", ConnectTimeout, "did not answer POST"),
        ("no audio", ConnectError, "no audio section"),
        ("no ice", ConnectTimeout, "ICE did not complete"),
        ("no channel", ConnectTimeout, "event channel did not open"),
        ("no track", ConnectTimeout, "no audio track came"),
    ],
)
def test_each_failure_has_its_own_error_and_leaves_nothing(call, case, kind, text):
    far = None
    if case == "garbage":
        owner = call(transport=httpx.MockTransport(lambda _: httpx.Response(201, text="hi")))
    elif case == "never":
        owner = call(transport=httpx.MockTransport(_never))
    elif case == "no audio":
        far, transport = _without("m=audio")
        owner = call(far, transport)
    elif case == "no ice":
        owner = call(transport=_died())
    elif case == "no channel":
        far = FarEnd()
        far.deaf = True
        owner = call(far)
    else:
        far = FarEnd(MuteTrack())
        owner = call(far)
    error = owner.wait(TransportLost).error
    assert type(error) is kind
    assert text in str(error)
    assert owner.end() == set()
    assert sum(isinstance(each, TransportLost) for each in owner.posts) == 1


def test_a_far_end_that_vanishes_loses_the_wire_once(call, portal):
    far = FarEnd()
    owner = call(far)
    owner.wait(TransportOpened)
    owner.wait_until(lambda: owner.wire._call._link._path.packets)
    portal.call(far.die)
    assert isinstance(owner.wait(TransportLost).error, ConnectionLost)
    assert owner.end() == set()
    assert sum(isinstance(each, TransportLost) for each in owner.posts) == 1
    assert far.hung_up == [CALL]


def test_closing_while_the_answer_is_on_its_way_leaves_nothing(call):
    far = FarEnd()
    owner = call(far)
    assert owner.end() == set()
    assert not any(isinstance(each, TransportLost) for each in owner.posts)


def test_the_portal_may_close_in_the_middle_of_a_call(caplog):
    far = FarEnd()
    with ThreadedKernel() as kernel:
        owner = Owner(kernel.portal, httpx.MockTransport(far.handle))
        owner.wait(TransportOpened)
        owner.wire.close()
        kernel.portal.run(far.close, within=WITHIN)
    assert "stays behind" not in caplog.text


def test_a_planted_key_appears_nowhere(call, caplog):
    with caplog.at_level(logging.DEBUG):
        far = FarEnd()
        owner = call(far)
        owner.wait(TransportOpened)
        assert owner.end() == set()
        refused = call(transport=refuse(401, {"error": {"message": f"bad key {KEY}"}}))
        error = refused.wait(TransportLost).error
        assert refused.end() == set()
    text = caplog.text + repr(owner.posts) + repr(refused.posts) + repr(vars(owner.wire))
    text += "".join(traceback.format_exception(error)) + repr(vars(error)) + repr(error.args)
    assert "bad key ********" in text
    assert KEY not in text
    assert far.requests[0].headers["authorization"] == f"Bearer {KEY}"
