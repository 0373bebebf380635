from __future__ import annotations

import asyncio
import struct
import threading
from types import SimpleNamespace

import aioice
import pylibsrtp
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from dummy_far_end import FarEnd, Pace
from dummy_tone import tone

from soundstage.errors import ConnectError
from soundstage.webrtc import Deadlines, PeerLink
from soundstage.webrtc._internals import (
    LOOPBACK,
    ParkedTrack,
    RtpPath,
    _run_to_end,
    leftover_tasks,
    listen_on,
    require_internals,
)

PAYLOAD_TYPE = 96


class DummySrtp:
    """Leaves packets as they are, but refuses one."""

    def unprotect(self, packet: bytes) -> bytes:
        if packet.endswith(b"forged"):
            raise pylibsrtp.Error
        return packet


class Tap:
    """A path over a real, unconnected transceiver."""

    def __init__(self) -> None:
        self.packets: list = []
        self.passed_on: list = []
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = connection.addTransceiver(ParkedTrack())
        transceiver._codecs = [SimpleNamespace(payloadType=PAYLOAD_TYPE)]
        self.dtls = transceiver.receiver.transport
        self.dtls._rx_srtp = DummySrtp()
        self.ice = self.dtls.transport._connection
        self.ice.data_received = lambda data, component: self.passed_on.append(data)
        self.path = RtpPath(transceiver, lambda header, data: self.packets.append((header, data)))

    def receive(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.ice.data_received(datagram, 1)


@pytest.fixture
def tap():
    async def make():
        return Tap()

    return asyncio.run(make())


def rtp(payload=b"opus", *, flags=0x80, kind=PAYLOAD_TYPE, sequence=7, middle=b"") -> bytes:
    return struct.pack("!BBHLL", flags, kind, sequence, 4800, 99) + middle + payload


def test_a_packet_of_opus_is_handed_on_with_its_header(tap):
    tap.receive(rtp())
    ((header, payload),) = tap.packets
    assert (header.sequence_number, header.timestamp, header.ssrc) == (7, 4800, 99)
    assert payload == b"opus"
    assert (tap.path.packets, tap.path.datagrams) == (1, 1)


def test_sources_extensions_and_padding_are_left_out(tap):
    extension = struct.pack("!HHL", 0xBEDE, 1, 0)
    tap.receive(
        rtp(flags=0x80 | 2, middle=bytes(8)),
        rtp(flags=0x90, middle=extension),
        rtp(b"opus\0\0\3", flags=0xA0),
        rtp(b"opus\0\2", flags=0xB1, middle=bytes(4) + extension),
    )
    assert [payload for _, payload in tap.packets] == [b"opus"] * 4


def test_everything_but_rtp_goes_on_to_aiortc(tap):
    dtls, rtcp = b"\x16" + bytes(30), b"\x80\xc8" + bytes(26)
    tap.receive(dtls, rtcp, b"", b"\x80")
    assert tap.passed_on == [dtls, rtcp, b"", b"\x80"]
    assert (tap.packets, tap.path.datagrams) == ([], 4)


def test_rtp_before_there_are_keys_goes_on_to_aiortc(tap):
    tap.dtls._rx_srtp = None
    tap.receive(rtp())
    assert len(tap.passed_on) == 1


def test_what_is_forged_malformed_empty_or_no_opus_is_as_if_it_had_not_come(tap):
    tap.receive(
        rtp(b"forged"),
        rtp(b"", flags=0x90),
        rtp(b"", flags=0x8F),
        rtp(b""),
        rtp(kind=13),
        rtp(b"xx\x63", flags=0xA0),
    )
    assert tap.packets == []
    assert tap.passed_on == []


def test_the_reports_to_the_far_end_count_what_came(tap):
    tap.receive(rtp(sequence=1), rtp(sequence=2), rtp(sequence=5))
    (statistics,) = tap.path._streams.values()
    assert (statistics.packets_received, statistics.packets_expected) == (3, 5)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("sender", "_ssrc"),
        ("sender", "_RTCRtpSender__ntp_timestamp"),
        ("sender", "_RTCRtpSender__rtp_timestamp"),
        ("sender", "_RTCRtpSender__octet_count"),
        ("sender", "_RTCRtpSender__packet_count"),
        ("receiver", "_RTCRtpReceiver__remote_streams"),
    ],
)
def test_an_aiortc_that_has_changed_is_refused_with_the_version_that_works(owner, name):
    async def run():
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = connection.addTransceiver(ParkedTrack())
        require_internals(transceiver)
        delattr(getattr(transceiver, owner), name)
        with pytest.raises(ConnectError, match=rf"has no {name}; install aiortc 1.16"):
            require_internals(transceiver)
        await connection.close()

    asyncio.run(run())


def test_sending_that_would_wait_is_refused():
    async def waits():
        await asyncio.get_running_loop().create_future()

    async def run():
        with pytest.raises(ConnectError, match=r"waits where 1\.16 does not"):
            _run_to_end(waits())

    asyncio.run(run())


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        ("loopback", [LOOPBACK]),
        ("network", ["192.0.2.7"]),
        ("both", [LOOPBACK, "192.0.2.7"]),
    ],
)
def test_a_connection_listens_where_it_is_told_to(reach, expected, monkeypatch):
    asked = []

    async def gather(self, component, addresses, timeout=5):  # noqa: ASYNC109 - aioice's own
        asked.extend(addresses)
        return []

    monkeypatch.setattr(aioice.ice.Connection, "get_component_candidates", gather)
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["192.0.2.7"])

    async def run():
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = connection.addTransceiver(ParkedTrack())
        listen_on(transceiver, reach)
        await connection.setLocalDescription()
        await connection.close()

    asyncio.run(run())
    assert asked == expected


async def talk(far: FarEnd, seconds: float, check) -> None:
    """Connect a link to a plain far end, talk for so long, and check before the end."""
    opened = asyncio.Event()
    link = PeerLink(
        on_open=opened.set,
        on_event=lambda _: None,
        on_lost=lambda error: pytest.fail(str(error)),
        deadlines=Deadlines(),
    )
    await link.accept(await far.answer(await link.offer()))
    await opened.wait()
    async for number in Pace(seconds):
        link.play(tone(number))
        link.take()
    await check(link)
    await link.close()
    await far.close()


@pytest.mark.realtime
def test_reports_in_both_directions_are_true(run):
    far = FarEnd()

    async def check(link):
        stats = await far.connection.getStats()
        report = next(each for each in stats.values() if each.type == "remote-inbound-rtp")
        assert (report.packetsLost, report.fractionLost) == (0, 0)
        received = next(each for each in stats.values() if each.type == "inbound-rtp")
        assert received.packetsLost == 0
        announced = next(each for each in stats.values() if each.type == "remote-outbound-rtp")
        assert 0 < announced.packetsSent <= received.packetsReceived
        assert announced.bytesSent > 20 * announced.packetsSent
        assert link._path.packets > 50

    run(talk(far, 2.0, check))


@pytest.mark.realtime
def test_aiortcs_own_sender_and_decoder_stay_out_of_it(run):
    far = FarEnd()

    async def check(link):
        sender = link._transceiver.sender
        assert sender._RTCRtpSender__rtp_history == {}
        assert link._transceiver.receiver._RTCRtpReceiver__decoder_thread is None
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("audio-decoder") == 1  # the far end's
        assert link._transceiver.receiver.track._queue.qsize() <= 1

    run(talk(far, 0.6, check))


@pytest.mark.realtime
def test_what_aiortc_leaves_behind_when_it_is_closed_early_is_found(run):
    async def check():
        connection, other = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
        connection.addTransceiver(ParkedTrack())
        await connection.setLocalDescription()
        assert len(leftover_tasks(connection)) == 1
        assert leftover_tasks(other) == []
        await connection.close()
        await other.close()

    run(check())


@pytest.mark.parametrize("first", [0x04, 0x14, 0x80, 0xFF])
def test_a_datagram_that_is_no_stun_by_its_first_byte_goes_to_its_connection(first):
    data, requests = [], []

    async def receive(datagram):
        receiver = SimpleNamespace(
            data_received=lambda *taken: data.append(taken),
            request_received=lambda message, *_: requests.append(message.transaction_id),
        )
        protocol = aioice.ice.StunProtocol(receiver)
        protocol.local_candidate = SimpleNamespace(component=1)
        protocol.datagram_received(datagram, ("127.0.0.1", 9))

    request = aioice.stun.Message(aioice.stun.Method.BINDING, aioice.stun.Class.REQUEST)
    for datagram in (bytes([first]) * 30, b"", bytes(request)):
        asyncio.run(receive(datagram))
    assert data == [(bytes([first]) * 30, 1), (b"", 1)]
    assert requests == [request.transaction_id]
