"""One WebRTC connection of one speaker to one other: offered, or answered."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from soundstage.errors import ConnectError, ConnectTimeout
from soundstage.units import seconds_of
from soundstage.webrtc._internals import (
    ParkedTrack,
    Reach,
    RtpPath,
    close_sockets,
    leftover_tasks,
    listen_on,
)
from soundstage.webrtc.connection_watch import CHECK, Deadlines, Watch
from soundstage.webrtc.event_channel import LABEL, EventChannel
from soundstage.webrtc.incoming_audio import IncomingAudio
from soundstage.webrtc.opus import Opus
from soundstage.webrtc.outgoing_audio import OutgoingAudio
from soundstage.webrtc.sdp import Description, without_end_of_candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiortc import RTCDtlsTransport, RTCRtpReceiver, RTCSctpTransport

    from soundstage.webrtc.audio_codec import Codec
    from soundstage.webrtc.ice_server import IceServer

_log = logging.getLogger(__name__)

_LAST: Final = 2.0
"""Seconds that aiortc may take to close."""


class PeerLink:
    """Either side of one peer connection: one audio track each way, and one event channel.

    It is made, answered and closed on an event loop; `send`, `play` and `take` may be called
    from one other thread, and none of them waits. What happens is told through the callbacks,
    on the loop's thread.

    Args:
        on_open: called once, when the event channel is open.
        on_event: called with each message of the channel, in order.
        on_lost: called at most once, when the connection cannot be made or has gone; not after
            `close`.
        deadlines: how long each step may take.
        reach: on which of this machine's addresses to listen.
        ice_servers: asked how this machine is reached from elsewhere; one that does not answer
            costs five seconds.
        codec: makes the Opus encoder and decoder.
    """

    def __init__(
        self,
        *,
        on_open: Callable[[], None],
        on_event: Callable[[str | bytes], None],
        on_lost: Callable[[Exception], None],
        deadlines: Deadlines | None = None,
        reach: Reach = "network",
        ice_servers: Sequence[IceServer] = (),
        codec: Codec | None = None,
    ) -> None:
        self._deadlines = deadlines or Deadlines()
        self._on_event = on_event
        self._on_lost = on_lost
        self._over = False
        self._closing: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._watch: Watch | None = None
        self._is_caller = False
        self._next_check: asyncio.TimerHandle | None = None
        self._path: RtpPath | None = None
        codec = codec or Opus()
        self._incoming = IncomingAudio(codec.decoder)
        self._outgoing = OutgoingAudio(self._loop, codec.encoder())
        self._channel = EventChannel(
            self._loop, on_open=on_open, on_event=self._receive, on_lost=self._lose
        )
        self._connection = _make_connection(ice_servers)
        self._connection.on("datachannel", self._channel.attach)
        self._connection.on("connectionstatechange", self._follow_state)
        self._transceiver = self._connection.getTransceivers()[0]
        listen_on(self._transceiver, reach)

    @property
    def concealed(self) -> int:
        """Frames made up because none had come."""
        return self._incoming.concealed

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited."""
        return self._incoming.dropped

    @property
    def late(self) -> int:
        """Packets that came too late to be played."""
        return self._incoming.late

    async def offer(self) -> str:
        """Begin a call: the offer for the far end, all addresses in it.

        Raises:
            ConnectError: this machine has no address.
            ConnectTimeout: its addresses were not found in time.
        """
        self._is_caller = True
        # Before the offer is made: a channel that is added later would need a second offer.
        self._channel.attach(self._connection.createDataChannel(LABEL))
        return await self._describe()

    async def accept(self, answer: str) -> None:
        """Take the far end's answer and begin to connect; `on_open` or `on_lost` says the rest.

        Raises:
            ConnectError: it is no answer, or not one that a voice call can be made with.
        """
        description = Description.read(answer)
        if not description.sends_audio:
            raise ConnectError("no audio track will come: the answer's audio section only receives")
        if not description.has_channel:
            raise ConnectError("no event channel will open: the answer refuses the data channel")
        await self._apply(answer, "answer", description)

    async def answer(self, offer: str, *, channel_id: int | None = None) -> str:
        """Answer the far end's offer and begin to connect.

        Args:
            offer: its SDP, all addresses in it.
            channel_id: of the event channel, where the far end has agreed on it beforehand.

        Returns:
            The answer.

        Raises:
            ConnectError: it is no offer, or not one that a voice call can be made with.
        """
        await self._apply(offer, "offer", Description.read(offer))
        # A browser may offer video or a second track; they are refused, and the call is taken.
        for unwanted in self._connection.getTransceivers()[1:]:
            unwanted.direction = "inactive"
        if channel_id is not None:
            channel = self._connection.createDataChannel(LABEL, negotiated=True, id=channel_id)
            self._channel.attach(channel)
        return await self._describe()

    def send(self, event: bytes) -> None:
        """Send one event, as JSON; before the channel opens it waits for that.

        Raises:
            ProtocolError: it is larger than the far end takes.
        """
        self._channel.send(event)

    def play(self, pcm: bytes) -> None:
        """Let the far end hear the frame of this tick; dropped before the connection is up."""
        self._outgoing.play(pcm)

    def take(self) -> bytes:
        """The far end's frame for this tick: made up where none has come, silence at first."""
        return self._incoming.take()

    def close_channel(self) -> None:
        """Close the channel of the events; the audio goes on."""
        self._channel.close()

    async def vanish(self) -> None:
        """Leave the network path without a word, as a machine does that lost its network."""
        # ICE alone is stopped: DTLS would say goodbye, which a lost network does not.
        await self._transceiver.receiver.transport.transport.stop()

    async def close(self) -> None:
        """End the connection and wait until nothing is left of it; harmless when it has ended."""
        self._end()
        if self._closing is None:
            # One task for all who close, shielded: one that is cancelled must not stop the others.
            self._closing = self._loop.create_task(self._shut())
        await asyncio.shield(self._closing)

    async def _describe(self) -> str:
        try:
            async with asyncio.timeout(seconds_of(self._deadlines.gather)):
                await self._connection.setLocalDescription()
        except TimeoutError:
            raise ConnectTimeout(
                f"this machine's addresses were not found within "
                f"{seconds_of(self._deadlines.gather):g} s"
            ) from None
        except Exception as error:
            # aiortc looks at some of an offer only when it is to be answered.
            raise ConnectError(
                f"this connection cannot be described ({type(error).__name__}: {error})"
            ) from error
        description = self._connection.localDescription.sdp
        if "a=candidate:" not in description:
            raise ConnectError("this machine has no network address that a call could use")
        return description

    async def _apply(self, sdp: str, kind: str, description: Description) -> None:
        try:
            # aiortc is not told that these are all the candidates. aioice would then give up a
            # far end without any, as a browser's offer is before it has gathered them, and one
            # whose only candidates cannot be reached; yet its checks come to ours, and show
            # where it is (peer-reflexive candidates, RFC 8445, 7.3.1.3). The watch gives up a
            # far end that never calls.
            open_ended = without_end_of_candidates(sdp)
            await self._connection.setRemoteDescription(RTCSessionDescription(open_ended, kind))
            # A description whose bundle names none of its media leaves aiortc without a transport,
            # which nothing but its use shows.
            self._path = RtpPath(self._transceiver, self._incoming.receive)
        except ConnectError:
            raise
        except Exception as error:
            raise ConnectError(
                f"the far end's {kind} cannot be used ({type(error).__name__}: {error}); "
                "its audio must offer Opus"
            ) from error
        self._channel.message_size = description.message_size
        self._watch = Watch(
            self._deadlines,
            audio=description.sends_audio,
            channel=description.has_channel,
            # A caller's far end is a service; that of one who is called may change its network.
            asks=self._is_caller,
        )
        self._check_later()

    def _follow_state(self) -> None:
        if self._watch is None or self._path is None or self._over:
            return
        self._watch.state = self._connection.connectionState
        # aiortc tells of states again while it closes; what comes after the end is not news.
        if self._watch.state == "connected":
            self._outgoing.begin(self._path.send)
        elif self._watch.state in {"failed", "closed"}:
            self._check()

    def _check_later(self) -> None:
        self._next_check = self._loop.call_later(seconds_of(CHECK), self._check)

    def _check(self) -> None:
        if self._watch is None or self._path is None or self._over:
            return
        if self._watch.state == "connected":
            # aiortc starts a thread to decode what never reaches it, once the first packet came.
            self._path.end_decoder()
        self._watch.channel_open = self._watch.channel_open or self._channel.is_open
        # A caller without the channel is deaf and mute; one that is called may close it on purpose,
        # and has callers that go on without it.
        self._watch.channel_closed = self._is_caller and self._channel.is_closed
        error = self._watch.check(self._path.datagrams, self._path.packets, self._path.answers)
        if self._watch.is_quiet:
            self._path.ask()
        if error is None:
            self._check_later()
        else:
            self._lose(error)

    def _receive(self, message: str | bytes) -> None:
        if self._over:
            return
        try:
            self._on_event(message)
        except Exception as error:  # noqa: BLE001 - raised further, it would end aiortc's reader
            _log.exception("an event could not be taken in")
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        if not self._over:
            self._end()
            self._on_lost(error)

    def _end(self) -> None:
        self._over = True
        self._outgoing.end()
        if self._path is not None:
            self._path.end()
        if self._next_check is not None:
            self._next_check.cancel()

    async def _shut(self) -> None:
        try:
            async with asyncio.timeout(_LAST):
                await _close_connection(self._connection)
        except TimeoutError:
            _log.warning("a connection did not close within %g s", _LAST)
            # aioice keeps a socket and a task for each address unless it is stopped by hand.
        except asyncio.CancelledError:
            await self._transceiver.receiver.transport.transport.stop()
            raise
        finally:
            if _transport_of(self._transceiver.receiver) is not None:
                close_sockets(self._transceiver)


async def answer(
    offer: str,
    *,
    on_open: Callable[[], None],
    on_event: Callable[[str | bytes], None],
    on_lost: Callable[[Exception], None],
    deadlines: Deadlines | None = None,
    reach: Reach = "both",
    channel_id: int | None = None,
    ice_servers: Sequence[IceServer] = (),
) -> tuple[str, PeerLink]:
    """Answer a caller's offer; the connection is then made in the background.

    Args:
        offer: the caller's SDP, to the byte.
        on_open: called once, when events can be sent.
        on_event: called with each event of the caller, in order.
        on_lost: called at most once, when the connection cannot be made or has gone.
        deadlines: how long each step may take.
        reach: on which of this machine's addresses to listen.
        channel_id: of the event channel, where the caller has fixed it (`dcid`).
        ice_servers: asked how this machine is reached from elsewhere.

    Returns:
        The answer's SDP, and the link; the caller closes it, lost or not.

    Raises:
        ConnectError: the offer is none, or has no audio that Opus could carry.
    """
    link = PeerLink(
        on_open=on_open,
        on_event=on_event,
        on_lost=on_lost,
        deadlines=deadlines,
        reach=reach,
        ice_servers=ice_servers,
    )
    try:
        return await link.answer(offer, channel_id=channel_id), link
    except BaseException:
        await link.close()
        raise


def _make_connection(ice_servers: Sequence[IceServer]) -> RTCPeerConnection:
    """A connection with its track and nothing but Opus, bundled, and only these servers asked.

    OpenAI has a public address and a local endpoint is on this machine, so calls to those need
    none.
    """
    servers = [
        RTCIceServer(each.url, each.username, each.password.reveal() if each.password else None)
        for each in ice_servers
    ]
    connection = RTCPeerConnection(
        RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )
    transceiver = connection.addTransceiver(ParkedTrack(), direction="sendrecv")
    # Only Opus, or a far end may choose G.711 and half of the voice's band is gone.
    codecs = RTCRtpSender.getCapabilities("audio").codecs
    transceiver.setCodecPreferences([each for each in codecs if each.mimeType == "audio/opus"])
    return connection


async def _close_connection(connection: RTCPeerConnection) -> None:
    """Close a connection and end the tasks with which it is still connecting.

    An offer that bundles its media under a name that none of them has leaves aiortc without a
    transport where it expects one; it then fails in the midst of closing.
    """
    try:
        await connection.close()
    except AttributeError:
        await _stop_transports(connection)
    if _transport_of(connection.getTransceivers()[0].receiver) is None:
        return
    while tasks := leftover_tasks(connection):
        tasks[0].cancel()
        await asyncio.wait(tasks[:1])


async def _stop_transports(connection: RTCPeerConnection) -> None:
    receivers = [transceiver.receiver for transceiver in connection.getTransceivers()]
    for holder in (*receivers, connection.sctp):
        dtls = _transport_of(holder)
        if dtls is not None:
            await dtls.stop()
            await dtls.transport.stop()
    connection.remove_all_listeners()


def _transport_of(holder: RTCRtpReceiver | RTCSctpTransport | None) -> RTCDtlsTransport | None:
    """The transport of a part, which may be missing whatever aiortc's types say."""
    return getattr(holder, "transport", None)
