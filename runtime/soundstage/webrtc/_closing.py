"""How a connection is closed, even one that aiortc cannot close."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from soundstage.webrtc._internals import leftover_tasks

if TYPE_CHECKING:
    from aiortc import RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, RTCSctpTransport


async def close_connection(connection: RTCPeerConnection) -> None:
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
