"""The one place where aiortc's and aioice's private parts are touched, and why.

aiortc has no public way to send or receive a packet that is encoded already, and its own path
costs more than Opus does: a task, a queue and a thread hop for each frame, an audio level summed
per sample in Python, 100 ms of jitter buffer on top of ours. So RTP passes below its sender and
receiver here, through its DTLS transport; everything else (ICE, DTLS, SRTP keys, SCTP, RTCP
reports, SDP) stays aiortc's.

What is relied on, found in aiortc 1.14 to 1.16 and aioice 0.10 to 0.13:

- `RTCRtpSender`: `_ssrc`, and the four counters behind its RTCP sender reports, set after each
  packet. Its own RTP loop stays parked in `recv()` of a track that never yields.
- `RTCRtpReceiver`: the statistics behind its RTCP receiver reports, fed with each packet; and
  `_handle_disconnect`, which ends its decoder thread: idle here, and it would outlive a process
  that is told to exit.
- `RTCRtpTransceiver._codecs`: the payload type agreed on.
- `RTCDtlsTransport`: `_rx_srtp` decrypts, `_send_rtp` encrypts and sends. It is a coroutine that
  never waits, so one step runs it to its end.
- `RTCIceTransport._connection`, aioice's `Connection`: `data_received` gets each datagram that is
  not STUN; `get_component_candidates` is told on which addresses to listen.
- `Connection._nominated`, `build_request` and `remote_password`: what its own consent checks ask
  with; they come every five seconds only, and a lost network path is to be noticed within two.
- `StunProtocol`: one for each socket of a `Connection`, its `receiver`, whose `data_received` it
  calls with the `component` of its `local_candidate`. A `Connection` knows its
  sockets only once all addresses are bound: one that is cancelled before leaves them open.
- `RTCPeerConnection.__connect` and `Connection.query_consent`: the names of the tasks that
  outlive a connection closed too early, the latter for good.

`tests/webrtc/test_internals.py` fails when one of these changes.
"""

# ruff: noqa: SLF001 - this module is where private parts are touched
# pyright: reportPrivateUsage=false
from __future__ import annotations

import asyncio
import secrets
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from weakref import WeakKeyDictionary

import pylibsrtp
from aioice import ice, stun
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpTransceiver
from aiortc.clock import current_ntp_time
from aiortc.rtcrtpreceiver import StreamStatistics
from msgspec import Struct

from soundstage.errors import ConnectError
from soundstage.installed import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from av import Packet

LOOPBACK: Final = "127.0.0.1"

Reach = Literal["loopback", "network", "both"]
"""Which of this machine's addresses a connection listens on: its own, the others, or all."""

_OPUS_CLOCK: Final = 48_000
_REPORT_EVERY: Final = 25
_RTP: Final = struct.Struct("!BBHLL")
_RTP_VERSION: Final = 0x80
_EXTENDED: Final = 0x10
_PADDED: Final = 0x20
_MARKED: Final = 0x80
_ONE_BYTE_EXTENSIONS: Final = 0xBEDE
_MID_URI: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"

_NTP_TIME: Final = "_RTCRtpSender__ntp_timestamp"
_RTP_TIME: Final = "_RTCRtpSender__rtp_timestamp"
_OCTETS: Final = "_RTCRtpSender__octet_count"
_PACKETS: Final = "_RTCRtpSender__packet_count"
_STREAMS: Final = "_RTCRtpReceiver__remote_streams"
_STUN_AT_MOST: Final = b"\x03"
_LEFTOVERS: Final = {"RTCPeerConnection.__connect", "Connection.query_consent"}


class RtpHeader(Struct, gc=False):
    """What of a packet aiortc's receiver statistics read; the timestamp counts 48 kHz samples."""

    sequence_number: int
    timestamp: int
    ssrc: int


class ParkedTrack(MediaStreamTrack):
    """Keeps aiortc's own sender waiting: its packets go another way."""

    kind = "audio"

    async def recv(self) -> Packet[Any]:
        """Wait until the connection ends."""
        never: asyncio.Future[Packet[Any]] = asyncio.get_running_loop().create_future()
        return await never


class RtpPath:
    """The RTP of one negotiated audio section, both ways.

    Attributes:
        datagrams: what has come so far, RTP, RTCP and data channel alike.
        packets: packets of Opus among them.
        answers: answers to `ask`.
    """

    def __init__(
        self, transceiver: RTCRtpTransceiver, on_packet: Callable[[RtpHeader, bytes], None]
    ) -> None:
        require_internals(transceiver)
        self.datagrams = 0
        self.packets = 0
        self.answers = 0
        self._asking: asyncio.Task[None] | None = None
        self._on_packet = on_packet
        self._sender = transceiver.sender
        self._receiver = transceiver.receiver
        self._dtls = transceiver.receiver.transport
        self._payload_type = transceiver._codecs[0].payloadType or 0
        self._extension = _mid_extension(transceiver)
        self._flags = _RTP_VERSION | (_EXTENDED if self._extension else 0)
        # Half of the range: SRTP loses count if the numbers wrap before the first packet arrives.
        self._sequence = secrets.randbits(15)
        self._origin = secrets.randbits(32)
        self._sent = 0
        self._octets = 0
        self._streams: dict[int, StreamStatistics] = getattr(self._receiver, _STREAMS)
        connection = self._dtls.transport._connection
        # All else (DTLS, RTCP, the data channel) takes aiortc's own way.
        self._pass_on = connection.data_received
        connection.data_received = self._receive  # type: ignore[method-assign]  # the tap itself

    def send(self, payload: bytes, timestamp: int) -> None:
        """Send one packet now.

        Args:
            payload: Opus.
            timestamp: its first sample, in 48 kHz samples since the first packet.

        Raises:
            ConnectionError: the connection is not up.
        """
        self._sequence = (self._sequence + 1) & 0xFFFF
        time = (self._origin + timestamp) & 0xFFFFFFFF
        # The marker says that a talk spurt begins (RFC 3551, 4.1); ours never pauses.
        kind = self._payload_type if self._sent else self._payload_type | _MARKED
        header = _RTP.pack(self._flags, kind, self._sequence, time, self._sender._ssrc)
        _run_to_end(self._dtls._send_rtp(header + self._extension + payload))
        # aiortc sends its reports from these; twice a second is oftener than it looks.
        if self._sent % _REPORT_EVERY == 0:
            setattr(self._sender, _NTP_TIME, current_ntp_time())
            setattr(self._sender, _RTP_TIME, time)
        self._sent += 1
        self._octets += len(payload)
        setattr(self._sender, _PACKETS, self._sent)
        setattr(self._sender, _OCTETS, self._octets)

    def ask(self) -> None:
        """Ask the far end whether it is there, unless it is being asked already."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    def end(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        connection = self._dtls.transport._connection
        for pair in connection._nominated.values():
            request = connection.build_request(pair, nominate=False)
            key = (connection.remote_password or "").encode()
            # Any failure is the same: there was no answer.
            with suppress(stun.TransactionError, OSError, RuntimeError):
                await pair.protocol.request(
                    request, pair.remote_addr, integrity_key=key, retransmissions=1
                )
                self.answers += 1

    def end_decoder(self) -> None:
        """End aiortc's decoder thread; harmless when it has been done."""
        self._receiver._handle_disconnect()

    def _receive(self, data: bytes, component: int) -> None:
        self.datagrams += 1
        srtp = cast("pylibsrtp.Session | None", self._dtls._rx_srtp)
        # Before DTLS is done there are no keys; what comes then is for DTLS itself.
        if srtp is None or not _is_rtp(data):
            self._pass_on(data, component)
            return
        try:
            packet = srtp.unprotect(data)
        except pylibsrtp.Error:
            return  # forged, replayed, or of another key: as if it had not come
        try:
            self._parse(packet)
        except (struct.error, IndexError):
            return  # authentic and yet no RTP: likewise

    def _parse(self, packet: bytes) -> None:
        flags, kind, sequence, timestamp, ssrc = _RTP.unpack_from(packet)
        start: int = _RTP.size + 4 * (flags & 0x0F)
        if flags & _EXTENDED:
            start += 4 + 4 * (packet[start + 2] << 8 | packet[start + 3])
        # The last byte says how much padding there is, itself counted (RFC 3550, 5.1).
        end = len(packet) - (packet[-1] if flags & _PADDED else 0)
        payload = packet[start:end]
        # Comfort noise or telephone events may share the stream; the decoder knows Opus only.
        if kind & 0x7F != self._payload_type or not payload:
            return
        header = RtpHeader(sequence, timestamp, ssrc)
        statistics = self._streams.get(ssrc)
        if statistics is None:
            statistics = self._streams[ssrc] = StreamStatistics(_OPUS_CLOCK)
        statistics.add(header)  # type: ignore[arg-type]  # reads these three fields of a packet
        self.packets += 1
        self._on_packet(header, payload)


def _is_rtp(data: bytes) -> bool:
    return len(data) >= _RTP.size and 127 < data[0] < 192 and not 64 <= data[1] & 0x7F < 96  # noqa: PLR2004 - the ranges of RFC 7983 and RFC 5761


def _mid_extension(transceiver: RTCRtpTransceiver) -> bytes:
    """The RTP header extension that names the section, as bytes, where it was agreed on."""
    for extension in transceiver._headerExtensions:
        if extension.uri == _MID_URI and transceiver.mid:
            mid = transceiver.mid.encode()
            element = struct.pack("!B", extension.id << 4 | len(mid) - 1) + mid
            # Extensions are counted in words of four bytes (RFC 8285, 4.2).
            element += bytes(-len(element) % 4)
            return struct.pack("!HH", _ONE_BYTE_EXTENSIONS, len(element) // 4) + element
    return b""


def _run_to_end(coroutine: Coroutine[Any, Any, None]) -> None:
    # It never waits in this version, so one step runs all of it: no task, no turn of the loop.
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise ConnectError(f"aiortc {version_of('aiortc')} waits where 1.16 does not: install 1.16")


def require_internals(transceiver: RTCRtpTransceiver) -> None:
    """See that what this module relies on is there.

    Raises:
        ConnectError: this aiortc has changed it; says which version does.
    """
    dtls = transceiver.receiver.transport
    needed: tuple[tuple[object, tuple[str, ...]], ...] = (
        (transceiver, ("_codecs", "_headerExtensions")),
        (transceiver.sender, ("_ssrc", _NTP_TIME, _RTP_TIME, _OCTETS, _PACKETS)),
        (transceiver.receiver, ("_handle_disconnect", _STREAMS)),
        (dtls, ("_rx_srtp", "_send_rtp")),
        (
            getattr(dtls.transport, "_connection", None),
            ("data_received", "_nominated", "build_request", "remote_password"),
        ),
    )
    for owner, names in needed:
        missing = [name for name in names if not hasattr(owner, name)]
        if missing:
            raise ConnectError(
                f"aiortc {version_of('aiortc')} is not one that was tested: {type(owner).__name__} "
                f"has no {', '.join(missing)}; install aiortc 1.16"
            )


def listen_on(transceiver: RTCRtpTransceiver, reach: Reach) -> None:
    """Choose the addresses that a connection offers; to be called before it gathers them.

    aioice leaves 127.0.0.1 out, so that a machine with no network could not call itself.
    """
    connection = transceiver.receiver.transport.transport._connection
    _sockets[connection] = []
    gather = connection.get_component_candidates

    async def gather_on(component: int, addresses: list[str], timeout: int = 5) -> list[Any]:  # noqa: ASYNC109 - aioice's own signature
        own = [] if reach == "network" else [LOOPBACK]
        others = [] if reach == "loopback" else addresses
        return await gather(component, own + others, timeout)

    connection.get_component_candidates = gather_on  # type: ignore[method-assign]  # ditto


_sockets: Final[WeakKeyDictionary[ice.Connection, list[asyncio.BaseTransport] | None]] = (
    WeakKeyDictionary()
)
"""The sockets that each connection of this package has opened; None once it has been closed."""


class _NotedProtocol(ice.StunProtocol):
    """Notes its socket at once, where aioice does so when all are there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # Connections of other users of aioice in this process are theirs to close.
        opened = _sockets.get(self.receiver, [])
        if opened is None:
            transport.close()
        else:
            opened.append(transport)

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        # Not STUN, by its first byte (RFC 7983): aioice would find that out by an exception.
        if isinstance(data, bytes) and data[:1] > _STUN_AT_MOST:
            self.receiver.data_received(data, self.local_candidate.component)
        else:
            super().datagram_received(data, addr)


# aioice takes the class from its own module, and has no parameter for it.
ice.StunProtocol = _NotedProtocol  # type: ignore[misc]


def close_sockets(transceiver: RTCRtpTransceiver) -> None:
    """Close what a connection that was cancelled while it bound its sockets has left open."""
    connection = transceiver.receiver.transport.transport._connection
    opened, _sockets[connection] = _sockets.get(connection), None
    for transport in opened or ():
        transport.close()


def leftover_tasks(connection: RTCPeerConnection) -> list[asyncio.Task[Any]]:
    """The tasks with which a connection that was closed early is still connecting, or checking."""
    transports = [each.receiver.transport for each in connection.getTransceivers()]
    owners = [connection, *(each.transport._connection for each in transports)]
    return [task for task in asyncio.all_tasks() if _runs_for(task, owners)]


def _runs_for(task: asyncio.Task[Any], owners: list[Any]) -> bool:
    coroutine = task.get_coro()
    # asyncio has no way to ask whose a task is; the coroutine's own variables tell.
    frame = getattr(coroutine, "cr_frame", None)
    if frame is None or getattr(coroutine, "__qualname__", "") not in _LEFTOVERS:
        return False
    return any(frame.f_locals.get("self") is owner for owner in owners)
