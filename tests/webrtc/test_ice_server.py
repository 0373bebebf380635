"""A server that says how this machine is reached from elsewhere."""

from __future__ import annotations

import asyncio

import pytest
from aioice import stun

from soundstage.secrets import Secret
from soundstage.webrtc import IceServer, PeerLink

pytestmark = pytest.mark.realtime

SEEN_FROM_OUTSIDE = ("203.0.113.9", 4711)


class DummyStun(asyncio.DatagramProtocol):
    """Tells everyone that they are seen at one address."""

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        asked = stun.parse_message(data)
        told = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=asked.transaction_id,
        )
        told.attributes["XOR-MAPPED-ADDRESS"] = SEEN_FROM_OUTSIDE
        self.transport.sendto(bytes(told), address)


def test_an_address_that_a_server_sees_is_offered_too(run):
    async def offer() -> str:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(DummyStun, ("127.0.0.1", 0))
        host, port = transport.get_extra_info("sockname")
        link = PeerLink(
            on_open=print,
            on_event=print,
            on_lost=print,
            reach="loopback",
            ice_servers=[IceServer(f"stun:{host}:{port}")],
        )
        try:
            return await link.offer()
        finally:
            await link.close()
            transport.close()

    candidates = [line for line in run(offer()).splitlines() if line.startswith("a=candidate:")]
    assert any("203.0.113.9 4711 typ srflx" in line for line in candidates)


def test_a_servers_password_shows_itself_nowhere():
    server = IceServer("turn:turn.example.org", "visitor", Secret("hunter2hunter2"))
    assert "hunter2" not in repr(server)
