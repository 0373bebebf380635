"""The visitors of a page: each has a call and a seat, from joining to leaving."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.errors import ConnectError
from soundstage.json_text import NotJson, read_json_as
from soundstage.units import samples_of_seconds, seconds_of
from soundstage.web.page_access import Refused
from soundstage.web.seats import Seat, Seats, State, VisitorAway, VisitorLeft, VisitorSeated
from soundstage.webrtc import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.units import Samples
    from soundstage.web.page_feed import Feed
    from soundstage.webrtc import Deadlines, IceServer, PeerLink

_log = logging.getLogger("soundstage.web")

KEPT_FOR: Final = samples_of_seconds(5)
"""How long a seat is kept for a visitor whose page is being reloaded, or whose network is gone."""


class _Said(Struct, frozen=True):
    """What a page says over its call's channel."""

    muted: bool


class _Call:
    """One connection of a visitor, from the offer to its end."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.link: PeerLink | None = None
        self.over = False


class Lobby:
    """Gives visitors their seats; all of it on the loop's thread.

    Args:
        count: how many seats there are.
        feed: shows the seats.
        post: is told what becomes of the visitors (`VisitorSeated`, `VisitorAway`,
            `VisitorLeft`).
        ice_servers: asked how this machine is reached from elsewhere.
        deadlines: how long each step of a call may take.
        kept_for: how long a seat is kept for a visitor that has gone without a word.
    """

    def __init__(
        self,
        count: int,
        feed: Feed,
        post: Callable[[object], None],
        *,
        ice_servers: Sequence[IceServer] = (),
        deadlines: Deadlines | None = None,
        kept_for: Samples = KEPT_FOR,
    ) -> None:
        self._count = count
        self._seats = Seats(count)
        self._feed = feed
        self._post = post
        self._ice_servers = tuple(ice_servers)
        self._deadlines = deadlines
        self._kept_for = kept_for
        self._calls: dict[int, _Call] = {}
        self._holds: dict[int, asyncio.TimerHandle] = {}
        self._why_away: dict[int, str] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False
        self._show()

    async def join(self, visit: str, offer: str) -> tuple[int, str]:
        """Give a visitor a seat, and answer the offer of their browser.

        A visitor that has a seat already gets it again: the page was reloaded, or its network was
        gone for a moment.

        Returns:
            The seat's number, and the SDP answer.

        Raises:
            Refused: every seat is taken, the scenario is over, or the offer is none.
        """
        if self._closed:
            raise Refused(410, "ended", "The scenario has ended.")
        seat = self._seats.take(visit)
        if seat is None:
            raise Refused(409, "seat_taken", self._why_full())
        self._hang_up(seat.number)
        self._stop_holding(seat.number)
        call = self._calls[seat.number] = _Call(seat)
        self._show()
        try:
            sdp, link = await answer(
                offer,
                on_open=lambda: self._open(call),
                on_event=lambda text: self._hear(call, text),
                on_lost=lambda error: self._lose(call, error),
                deadlines=self._deadlines,
                reach="network" if self._ice_servers else "both",
                ice_servers=self._ice_servers,
            )
        except ConnectError as error:
            self._end(call, "lost")
            raise Refused(400, "bad_offer", f"This browser cannot be called: {error}") from None
        call.link = link
        if call.over:
            self._close_soon(link)
            raise Refused(409, "replaced", "Another window has taken this seat.")
        return seat.number, sdp

    def leave(self, visit: str, *, closed: bool) -> None:
        """A visitor goes; `closed` says that only the page did, which may be a reload."""
        seat = self._seats.of(visit) if visit else None
        call = self._calls.get(seat.number) if seat is not None else None
        if call is None:
            return
        if closed and call.over and call.seat.number in self._holds:
            # The end of the connection came first; now it is known why.
            self._why_away[call.seat.number] = "closed"
        elif closed:
            self._go_away(call, "closed")
        else:
            self._end(call, "left")

    async def close(self) -> None:
        """Hang up every call, and leave nothing of it."""
        self._closed = True
        for number in list(self._calls):
            self._hang_up(number)
            self._stop_holding(number)
        if self._closing:
            await asyncio.wait(self._closing)

    def _open(self, call: _Call) -> None:
        if call.over or call.link is None:
            return
        call.seat.state = State.SEATED
        call.seat.was_seated = True
        self._show()
        self._post(VisitorSeated(call.seat.number, call.link))

    def _hear(self, call: _Call, text: str | bytes) -> None:
        with suppress(NotJson):
            call.seat.muted = read_json_as(text, _Said).muted
            self._show()

    def _lose(self, call: _Call, error: Exception) -> None:
        _log.info("seat %d: %s", call.seat.number, error)
        self._go_away(call, "lost")

    def _go_away(self, call: _Call, reason: str) -> None:
        """The connection is gone; the seat is kept if its visitor had been connected."""
        if call.over:
            return
        if not call.seat.was_seated:
            self._end(call, reason)
            return
        number = call.seat.number
        self._hang_up(number)
        call.seat.state = State.AWAY
        self._post(VisitorAway(number))
        self._show()
        self._stop_holding(number)
        self._why_away[number] = reason
        self._holds[number] = asyncio.get_running_loop().call_later(
            seconds_of(self._kept_for), self._give_up, call.seat
        )

    def _give_up(self, seat: Seat) -> None:
        """A visitor who was away did not come again."""
        self._free(seat, self._why_away.pop(seat.number, "lost"))

    def _end(self, call: _Call, reason: str) -> None:
        if self._calls.get(call.seat.number) is call:
            self._hang_up(call.seat.number)
            self._free(call.seat, reason)

    def _free(self, seat: Seat, reason: str) -> None:
        self._stop_holding(seat.number)
        self._calls.pop(seat.number, None)
        was_seated = seat.was_seated
        seat.clear()
        self._show()
        if was_seated:
            self._post(VisitorLeft(seat.number, reason))

    def _hang_up(self, number: int) -> None:
        call = self._calls.get(number)
        if call is None or call.over:
            return
        call.over = True
        if call.link is not None:
            self._close_soon(call.link)

    def _close_soon(self, link: PeerLink) -> None:
        task = asyncio.get_running_loop().create_task(link.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _stop_holding(self, number: int) -> None:
        hold = self._holds.pop(number, None)
        if hold is not None:
            hold.cancel()

    def _show(self) -> None:
        self._feed.show_seats(self._seats.shown())

    def _why_full(self) -> str:
        if not self._count:
            return "This window is for watching only."
        if self._count == 1:
            return "The seat is taken by another visitor. You can watch, and join later."
        return f"All {self._count} seats are taken. You can watch, and join when one is free."
