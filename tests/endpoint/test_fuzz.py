"""Input that went through bad hands: it is refused, and nobody else notices."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import random
import tracemalloc
from functools import partial
from typing import Any

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from dummy_caller import Line
from dummy_engines import LOUD, DummyEngines
from dummy_executor import DummyExecutor, DummyTimers
from dummy_mutations import mutated, mutated_json
from dummy_samples import CLIENT_EVENTS
from dummy_sdk_events import checked
from dummy_service import play
from dummy_webrtc_client import SESSION, SpokenTrack

from soundstage.endpoint import CallPlan, LocalSettings
from soundstage.endpoint.http.app import build_app
from soundstage.endpoint.http.auth import EphemeralKeys
from soundstage.endpoint.session_registry import SessionRegistry
from soundstage.realtime import Ids
from soundstage.seeds import Seeds
from soundstage.units import samples_of_seconds

CALLS = "/v1/realtime/calls"
BOUNDARY = "a-boundary-of-its-own"
MESSAGES = 1500
BODIES = 500
FEW = pytest.param(1, id="some", marks=pytest.mark.timeout(180))


def many(times: int) -> object:
    """As many times as many are sent by `make prove`: 201,000 messages, and 20,000 bodies."""
    return pytest.param(times, id="many", marks=[pytest.mark.prove, pytest.mark.timeout(2400)])


def message(rng: random.Random) -> str | bytes:
    event = rng.choice(CLIENT_EVENTS)
    if rng.random() < 0.5:
        return mutated(rng, json.dumps(event).encode())
    return json.dumps(mutated_json(rng, event))


def converse(line: Line) -> None:
    """A turn as it should be."""
    line.speak()
    line.tick(count=30)
    assert line.responses()[-1]["status"] == "completed"


@pytest.mark.parametrize("times", [FEW, many(67)])
@pytest.mark.parametrize("transport", ["webrtc", "websocket"])
def test_mutated_messages_get_an_error_event_at_worst(transport, times):
    rng = random.Random(f"{transport} {times}")
    bystander = Line({"otherwise": "All is well."}, heard=("Well?",) * 50)
    converse(bystander)
    faults = 0
    for _ in range(10 * times):
        victim = Line({"otherwise": "Yes."}, heard=("Hm.",) * 1000, transport=transport)
        for _ in range(MESSAGES // 10):
            told = len(victim.events)
            victim.session.on_message(message(rng))
            for event in victim.events[told:]:
                checked(json.dumps(event))
            faults += victim.events[told:] != [] and victim.events[-1]["type"] == "error"
            if rng.random() < 0.1:
                victim.tick(rng.choice([LOUD, bytes(960)]), 3)
        assert not victim.session.closed
        assert len(victim.session._session._commands._conversation.entries) <= 2000
    assert faults > MESSAGES * times / 4
    converse(bystander)


class Target:
    """The application with a real switchboard, called without a socket."""

    def __init__(self) -> None:
        plan = CallPlan(local=LocalSettings(), stream=partial(Seeds(1).stream, "x"))
        ids = Ids(Seeds(1).stream("ids"))
        self.registry = SessionRegistry(
            lambda names: plan,
            engines=DummyEngines(),
            host=DummyExecutor(DummyTimers()).host,
            ids=ids,
            unix_time=lambda: 1_800_000_000,
        )
        app = build_app(self.registry, EphemeralKeys(lambda: 1_800_000_000), ids, None)
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        self.statuses: dict[int, int] = {}

    async def post(self, body: bytes, kind: str) -> int:
        headers = {"Authorization": "Bearer any", "Content-Type": kind}
        answer = await self.client.post(CALLS, content=body, headers=headers)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        if answer.status_code == 201:
            assert answer.text.startswith("v=0\r\n")
            assert await self.registry.hang_up(answer.headers["location"].rpartition("/")[2])
        else:
            error = answer.json()["error"]
            assert 400 <= answer.status_code < 500
            assert error["type"] == "invalid_request_error"
            assert error["message"]
        return answer.status_code

    async def close(self) -> None:
        await self.registry.close(samples_of_seconds(5))
        await self.client.aclose()


async def offer() -> bytes:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTrack(SpokenTrack())
    peer.createDataChannel("oai-events")
    await peer.setLocalDescription()
    described: str = peer.localDescription.sdp
    await peer.close()
    return described.encode()


def multipart(sdp: bytes, session: dict[str, Any]) -> bytes:
    told = json.dumps(session).encode()
    parts = (("sdp", b"application/sdp", sdp), ("session", b"application/json", told))
    body = b""
    for name, kind, content in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode()
        body += head + b"Content-Type: " + kind + b"\r\n\r\n" + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def bombard(times: int, make: Any, kind: str) -> dict[int, int]:
    """Send bodies, with a good call before and after, and see that nothing stays behind."""
    statuses: dict[int, int] = {}

    async def scene() -> None:
        rng = random.Random(f"{kind} {times}")
        good = await offer()
        target = Target()
        assert await target.post(good, "application/sdp") == 201
        for number in range(BODIES * times):
            await target.post(make(rng, good), kind)
            if number == BODIES // 2:
                gc.collect()
                tracemalloc.start()
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert grown < 4 << 20
        assert await target.post(good, "application/sdp") == 201
        assert target.registry.calls == 0
        statuses.update(target.statuses)
        await target.close()

    # What is logged would be kept for the test, and count as what stays behind.
    logging.disable()
    try:
        play(scene)
    finally:
        logging.disable(logging.NOTSET)
    return statuses


@pytest.mark.realtime
@pytest.mark.parametrize("times", [FEW, many(20)])
def test_mutated_offers_are_answered_or_refused(times):
    statuses = bombard(times, mutated, "application/sdp")
    print(statuses)
    assert statuses[400] > BODIES * times / 10


@pytest.mark.realtime
@pytest.mark.parametrize("times", [FEW, many(20)])
def test_mutated_multipart_bodies_are_answered_or_refused(times):
    def make(rng: random.Random, good: bytes) -> bytes:
        if rng.random() < 0.5:
            return mutated(rng, multipart(good, SESSION))
        return multipart(good, mutated_json(rng, SESSION))

    statuses = bombard(times, make, f"multipart/form-data; boundary={BOUNDARY}")
    print(statuses)
    assert statuses[400] > BODIES * times / 10


@pytest.mark.realtime
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a=sendrecv\r\n", b""),
        (b"a=group:BUNDLE 0 1", b"a=group:BUNDLE other 0 1"),
        (b"a=group:BUNDLE 0 1", b"a=group:BUNDLE"),
        (b"a=setup:actpass", b"a=setup:passive-aggressive"),
        (b"a=mid:0", b"a=mid:"),
    ],
)
def test_an_offer_that_aiortc_stumbles_over_is_refused_or_answered(old, new):
    async def scene() -> None:
        target = Target()
        good = await offer()
        assert old in good
        assert await target.post(good.replace(old, new), "application/sdp") in {201, 400}
        assert await target.post(good, "application/sdp") == 201
        await target.close()

    play(scene)


def test_half_a_character_in_a_session_is_refused():
    async def scene() -> None:
        target = Target()
        session = {"type": "realtime", "tools": [{"type": "function", "name": "x"}]}
        session["tools"][0]["parameters"] = {"default": "\ud800"}
        body = multipart(b"v=0\r\n", session)
        assert await target.post(body, f"multipart/form-data; boundary={BOUNDARY}") == 400
        secret = json.dumps({"session": session}).encode()
        answer = await target.client.post(
            "/v1/realtime/client_secrets",
            content=secret,
            headers={"Authorization": "Bearer any", "Content-Type": "application/json"},
        )
        assert answer.status_code == 400
        await target.close()

    asyncio.run(scene())
