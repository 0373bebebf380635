"""The calls that carry a session, one after the other, and the frames that go through them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.realtime import ForeseeingTransport, InputLine
from soundstage.units import SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soundstage.messages import Frame
    from soundstage.realtime import SessionTransport
    from soundstage.units import Samples


class FromCall(Struct, frozen=True):
    """What the transport of a call has posted, which may be lost by now."""

    number: int
    message: object


class PlaceAgain(Struct, frozen=True):
    """It is time to call again.

    Attributes:
        drop: which loss it is for, the first being 1.
    """

    drop: int


class GapOver(Struct, frozen=True):
    """The gap has lasted as long as it may; `drop` as in `PlaceAgain`."""

    drop: int


class _Counts(Struct, frozen=True):
    """What the calls that were lost have counted; see the properties of `SessionLine`."""

    concealed: int = 0
    dropped: int = 0
    late: int = 0

    def with_those_of(self, wire: SessionTransport) -> _Counts:
        """These counts and those of one call more."""
        return _Counts(
            self.concealed + wire.concealed, self.dropped + wire.dropped, self.late + wire.late
        )


class SessionLine:
    """One call at a time; what is heard while there is none waits for the next one.

    Args:
        open_wire: makes the transport of a call.
        body: the session's configuration.
        reconnects: whether a call that is lost may be followed by another one.
    """

    def __init__(
        self,
        open_wire: Callable[[dict[str, Any]], SessionTransport],
        body: dict[str, Any],
        *,
        reconnects: bool,
    ) -> None:
        self._open_wire = open_wire
        self._reconnects = reconnects
        self._wire = open_wire(body)
        self._foreseen = _foreseen(self._wire)
        self._number = 1
        self._is_there = True
        self._input = InputLine(remembers=reconnects)
        self._lost = _Counts()

    @property
    def concealed(self) -> int:
        """Frames made up because none had come, of all calls."""
        return self._lost.concealed + self._wire.concealed

    @property
    def dropped(self) -> int:
        """Frames thrown away because too many waited, of all calls and the gaps between them."""
        return self._lost.dropped + self._wire.dropped + self._input.dropped

    @property
    def late(self) -> int:
        """Packets that came too late to be played, of all calls."""
        return self._lost.late + self._wire.late

    def open(self, post: Callable[[object], None]) -> None:
        """Begin to call; what comes is posted, as `FromCall` where calls may follow each other."""
        number = self._number
        wrapped = partial(_post, post, number) if self._reconnects else post
        self._wire.open(wrapped)

    def is_present(self, number: int) -> bool:
        """Whether a call is the one that there is now."""
        return self._is_there and number == self._number

    def lose(self, hear_from_ms: int) -> None:
        """The call of a session is lost: what is heard from now on waits.

        Args:
            hear_from_ms: from which time of the session's input on the next one hears it again.
        """
        self.hang_up()
        self._input.lose(hear_from_ms)

    def hang_up(self) -> None:
        """End the call that there is, or was to be."""
        self._is_there = False
        self._wire.close()

    def place(self, body: dict[str, Any], post: Callable[[object], None]) -> None:
        """Make another call."""
        # Not the call itself: it holds its session, with all that was said in it.
        self._lost = self._lost.with_those_of(self._wire)
        self._wire = self._open_wire(body)
        self._foreseen = _foreseen(self._wire)
        self._number += 1
        self._is_there = True
        self.open(post)

    def opened(self) -> None:
        """The call is there; its session has no settings yet, and must hear nothing."""
        if self._reconnects and self._number > 1:
            self._input.open()

    def resume(self) -> int:
        """The session has its settings: it hears what has waited; how much speech, in ms."""
        self._input.resume()
        return self._input.voice_ms

    def pts_of(self, milliseconds: int) -> Samples:
        """The time of the run that a session means by a time of its input."""
        return self._input.pts_of(milliseconds)

    def send(self, event: bytes) -> None:
        """Send one event, as JSON."""
        self._wire.send(event)

    def hear(self, frame: Frame) -> None:
        """Let the session hear the mix, as soon as it can."""
        pcm = self._input.pass_on(frame.pts, frame.pcm, silent=not frame.speakers)
        if pcm is not None and self._is_there:
            self._wire.play(pcm)

    def take(self) -> bytes:
        """The session's frame for this tick."""
        return self._wire.take() if self._is_there else SILENCE

    def foresee(self, now: Samples, most: int) -> Sequence[bytes]:
        """The session's frames from this time on, as long as nothing else happens."""
        wire = self._foreseen
        if wire is None or not (self._is_there and self._input.is_straight):
            return ()
        return wire.foresee(now, most)

    def foresee_words(self, now: Samples, most: int) -> Sequence[int]:
        """In which of these ticks, counted from 0, the session tells words of a reply."""
        wire = self._foreseen
        return () if wire is None else wire.foresee_words(now, most)

    def foresee_hearing(self, frames: Sequence[bytes]) -> int:
        """How many of these frames, as they are heard next, mean nothing to the session."""
        wire = self._foreseen
        return 0 if wire is None else wire.foresee_hearing(frames)

    def skip(self, now: Samples, ticks: int) -> None:
        """So many ticks pass, the first one at this time, whose frames were foreseen."""
        if self._foreseen is not None:
            self._foreseen.skip(now, ticks)

    def hear_block(self, pts: Samples, frames: Sequence[bytes], silent: Sequence[bool]) -> None:
        """Let the session hear these frames, as was foreseen."""
        self._input.pass_block(pts, silent)
        if self._foreseen is not None:
            self._foreseen.play_block(frames)


def _post(post: Callable[[object], None], number: int, message: object) -> None:
    post(FromCall(number, message))


def _foreseen(wire: SessionTransport) -> ForeseeingTransport | None:
    """The transport, if it knows what will come of it; looked at once, as that takes long."""
    return wire if isinstance(wire, ForeseeingTransport) else None
