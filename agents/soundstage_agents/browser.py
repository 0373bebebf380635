"""The browser: visitors who take part with the microphone and speaker of a web page."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import ClassVar, Literal

from msgspec import Struct
from pydantic import Field, StrictInt

from soundstage import web
from soundstage.agent import UTTERANCE_EVENTS, WALL, Agent, AgentContext, LiveTurnDetector
from soundstage.audio import mix, peak
from soundstage.errors import PortalClosed
from soundstage.kernel import handles
from soundstage.messages import Entry, Frame, HangUpRequested, Levels, Tick
from soundstage.units import SILENCE, samples_of_seconds
from soundstage.web import (
    ServerUrl,
    VisitorAway,
    VisitorLeft,
    VisitorSeated,
    Voice,
    ice_servers,
)

GOODBYE = "The scenario has ended."

CLOSES_WITHIN = samples_of_seconds(0.9)
"""Less than an agent has for stopping."""


class _Serving(Struct, frozen=True):
    link: str


class _NotServing(Struct, frozen=True):
    error: Exception


class _Closed(Struct, frozen=True):
    pass


class Lost(Struct, frozen=True):
    """What was lost or made up between the visitors and their agent, in frames."""

    dropped: int = 0
    concealed: int = 0
    late: int = 0


class Visitors:
    """The visitors who are connected now, by seat: what they say, and what each of them hears."""

    def __init__(self) -> None:
        self._voices: dict[int, Voice] = {}
        self._known: set[int] = set()
        self._said: dict[int, bytes] = {}
        self._peaks: dict[int, int] = {}
        self._lost = Lost()

    @property
    def lost(self) -> Lost:
        """Of all visitors since the beginning, those who have gone included."""
        total = self._lost
        for voice in self._voices.values():
            total = _with(total, voice)
        return total

    def seat(self, seat: int, voice: Voice) -> bool:
        """A visitor is connected; False where it is the same one again."""
        self.unseat(seat)
        self._voices[seat] = voice
        is_new = seat not in self._known
        self._known.add(seat)
        return is_new

    def unseat(self, seat: int) -> None:
        """A visitor is not connected any more."""
        voice = self._voices.pop(seat, None)
        if voice is not None:
            self._lost = _with(self._lost, voice)
        self._said.pop(seat, None)

    def forget(self, seat: int) -> None:
        """The next visitor of the seat is a new one."""
        self.unseat(seat)
        self._known.discard(seat)

    def listen(self) -> list[bytes]:
        """The frame of this tick of each visitor."""
        for seat, voice in self._voices.items():
            pcm = voice.take()
            self._said[seat] = pcm
            if pcm is not SILENCE:
                self._peaks[seat] = max(peak(pcm), self._peaks.get(seat, 0))
        return list(self._said.values())

    def play(self, pcm: bytes) -> None:
        """Let each visitor hear this and, of this tick, all other visitors."""
        for seat, voice in self._voices.items():
            others = [said for other, said in self._said.items() if other != seat]
            voice.play(mix([pcm, *others]))

    def peaks(self) -> dict[int, int]:
        """How loud each was since the last call, 0 to 32768."""
        peaks, self._peaks = self._peaks, {}
        return peaks


class BrowserAgent(Agent):
    """Speaks with the voices of a page's visitors, and lets them hear the room and each other.

    It is ready when the first visitor has joined, so that the scenario begins then. Its visitors
    share one port: to the others they are one agent, and each hears all but himself.
    """

    auto_ready: ClassVar[bool] = False
    clocks: ClassVar[frozenset[str]] = frozenset({WALL})
    without_events: ClassVar[frozenset[str]] = UTTERANCE_EVENTS
    cues: ClassVar[frozenset[str]] = frozenset()

    class Settings(Agent.Settings):
        """The keys of a browser agent.

        Attributes:
            seats: how many visitors there may be at once.
            on_leave: whether a visitor who leaves frees the seat or ends the run.
            host: the address the page is served on; by default only this machine reaches it.
            port: 0 for any that is free.
            origins: of pages that stand before this one, as `https://call.example.org`.
            ice_servers: STUN and TURN servers; those of the environment where there are none.
        """

        seats: StrictInt = Field(default=1, ge=1, le=16)
        on_leave: Literal["free", "end"] = "end"
        host: str = "127.0.0.1"
        port: StrictInt = Field(default=0, ge=0, le=65_535)
        origins: tuple[str, ...] = ()
        ice_servers: tuple[ServerUrl, ...] = ()

    @classmethod
    def answers_by_itself(cls) -> bool:
        """Never: its visitors do, or do not."""
        return False

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._visitors = Visitors()
        self._turn = LiveTurnDetector(context, self._floor_grant)
        self._is_ready = False
        self._page: web.PageServer | None = None

    def started(self) -> None:
        """Open the page."""
        super().started()
        settings = self.settings
        # Only a run pays for the server; reading the settings does not.
        self._page = web.PageServer(
            self.context.identity.scenario,
            you=self.context.name,
            seats=settings.seats,
            post=self.address.tell,
            host=settings.host,
            port=settings.port,
            origins=settings.origins,
            ice_servers=ice_servers(settings.ice_servers, os.environ),
        )
        self.run_async(self._page.start(), result=_Serving, error=_NotServing)

    @handles(_Serving)
    def say_where(self, serving: _Serving) -> None:
        """The page can be opened."""
        self.context.ports.notify(f"join at {serving.link}")

    @handles(_NotServing)
    def fail_to_serve(self, failed: _NotServing) -> None:
        """With no page there are no visitors: the agent has failed."""
        raise failed.error

    @handles(VisitorSeated)
    def welcome(self, visitor: VisitorSeated) -> None:
        """A visitor is connected; with the first one the agent takes part."""
        if self._visitors.seat(visitor.seat, visitor.voice):
            self.emit("visitor_joined", seat=visitor.seat)
        if not self._is_ready:
            self._is_ready = True
            self.ready()

    @handles(VisitorAway)
    def do_without(self, visitor: VisitorAway) -> None:
        """A visitor's connection has gone, perhaps for a moment."""
        self._visitors.unseat(visitor.seat)

    @handles(VisitorLeft)
    def see_off(self, visitor: VisitorLeft) -> None:
        """A visitor has left for good."""
        self._visitors.forget(visitor.seat)
        self.emit("visitor_left", seat=visitor.seat, reason=visitor.reason)
        if self.settings.on_leave == "end":
            self.context.ports.journal.tell(HangUpRequested(self.context.name))

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Send what all visitors together say."""
        pcm = mix(self._visitors.listen())
        self._port.send(tick.pts, pcm)
        if self._turn.is_over(tick.pts, pcm):
            self.give_floor()
        if not self.context.hears:
            self._visitors.play(SILENCE)

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Let every visitor hear the room, and the other visitors."""
        self._visitors.play(frame.pcm)

    @handles(Entry)
    def show(self, entry: Entry) -> None:
        """Show what happened."""
        if self._page is not None:
            self.portal.call(self._page.show, entry.event)

    @handles(Levels)
    def measure(self, levels: Levels) -> None:
        """Show how loud it is."""
        if self._page is not None:
            peaks = self._visitors.peaks()
            self.portal.call(self._page.show_levels, levels.pts, levels.peaks, peaks)

    def stopping(self) -> None:
        """Say goodbye to the visitors."""
        lost = self._visitors.lost
        self.log_event(
            self._port.report(
                self.now, dropped=lost.dropped, concealed=lost.concealed, late=lost.late
            )
        )
        self._close_page()

    @handles(_Closed)
    def end(self, _: _Closed) -> None:
        """The page is shut."""
        self.finish()

    def closed(self) -> None:
        """However it ends, no page is left open."""
        self._close_page()

    def _patience(self) -> None:
        """Visitors may think."""

    def _close_page(self) -> None:
        page, self._page = self._page, None
        if page is None:
            return
        with suppress(PortalClosed):
            self.run_async(
                page.close(GOODBYE, CLOSES_WITHIN),
                result=lambda _: _Closed(),
                error=lambda _: _Closed(),
            )


def _with(lost: Lost, voice: Voice) -> Lost:
    return Lost(
        lost.dropped + voice.dropped, lost.concealed + voice.concealed, lost.late + voice.late
    )
