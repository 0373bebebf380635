"""The answering side of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundstage.webrtc._link import PeerLink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.webrtc._deadlines import Deadlines
    from soundstage.webrtc._ice import IceServer
    from soundstage.webrtc._internals import Reach


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
