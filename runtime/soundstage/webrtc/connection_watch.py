"""When a connection is given up: a state machine that is asked four times a second.

aiortc never gives up an unreachable peer by itself, and takes half a minute to notice a dead one,
so every step has a deadline here. Time is counted in checks, not read from a clock: a process
that was itself held up for a while does not blame the far end for it.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from soundstage.errors import ConnectError, ConnectionLost, ConnectTimeout, FarEndClosed
from soundstage.units import Samples, samples_of_ms, samples_of_seconds, seconds_of

ASKED_AFTER: Final[Samples] = samples_of_ms(500)
"""The stretch without anything after which a caller asks whether the far end is there."""

CHECK: Final[Samples] = samples_of_ms(250)
"""The time between two checks."""


class Deadlines(Struct, frozen=True, kw_only=True):
    """How long each step of a call may take, in samples of 24 kHz audio.

    Attributes:
        gather: finding this machine's own addresses.
        signalling: one HTTP exchange, from the first byte sent to the last one read.
        connect: ICE and DTLS, from the answer on.
        channel: the data channel, from the connection on.
        track: the first packet of audio, from the connection on.
        silence: the longest stretch in which nothing at all arrives on a call that is up.
        unanswered: the same, when the far end does not even answer the questions of ICE, which a
            caller asks it as soon as nothing arrives.
        grace: how long a connection may say that it is disconnected before it is given up.
        hang_up: telling the endpoint that the call is over.
    """

    gather: Samples = samples_of_seconds(6)
    signalling: Samples = samples_of_seconds(15)
    connect: Samples = samples_of_seconds(15)
    channel: Samples = samples_of_seconds(10)
    track: Samples = samples_of_seconds(15)
    silence: Samples = samples_of_seconds(5)
    unanswered: Samples = samples_of_seconds(2)
    grace: Samples = samples_of_seconds(5)
    hang_up: Samples = samples_of_seconds(1.5)


class Watch:
    """Judges one connection by what it has shown so far.

    Args:
        deadlines: how long it may take.
        audio: whether the far end has promised audio.
        channel: whether there will be an event channel.
        asks: whether the far end is asked for an answer when nothing comes.

    Attributes:
        state: the connection's state, as WebRTC names it; set by the owner.
        channel_open: whether the event channel is open, or has been; set by the owner.
        channel_closed: whether it is closed again, on a call that is nothing without it; set by
            the owner.
    """

    def __init__(
        self,
        deadlines: Deadlines,
        *,
        audio: bool = True,
        channel: bool = True,
        asks: bool = False,
    ) -> None:
        self.state = "new"
        self.channel_open = not channel
        self.channel_closed = False
        self._deadlines = deadlines
        self._awaits_audio = audio
        self._connecting: Samples = 0
        self._connected: Samples = 0
        self._disconnected: Samples = 0
        self._silent: Samples = 0
        self._without_channel: Samples = 0
        self._seen = 0
        self._asks = asks
        self._unanswered: Samples = 0
        self._answered = 0

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has come for so long that the far end is to be asked."""
        return self._asks and self._silent >= ASKED_AFTER

    def check(self, datagrams: int, packets: int, answers: int = 0) -> Exception | None:
        """One check, `CHECK` after the one before.

        Args:
            datagrams: how many datagrams of any kind but STUN have come since the start.
            packets: how many packets of audio were among them.
            answers: how many answers of ICE have come, to what was asked.

        Returns:
            Why the connection must be given up, or None as long as it is well.
        """
        # aiortc says "failed" for an address out of reach and for a wrong certificate alike.
        if self.state == "failed":
            return self._failed()
        if self.state == "closed":
            return FarEndClosed("the far end closed the call without hanging up")
        if self.state == "disconnected":
            return self._check_grace()
        # Consent checks fail for a moment when a network changes: only a stretch of them counts.
        self._disconnected = 0
        if self.state != "connected":
            return self._check_connecting()
        self._connected += CHECK
        return (
            self._check_channel()
            or self._check_steps(packets)
            or self._check_silence(datagrams, answers)
        )

    def _failed(self) -> Exception:
        if self._connected:
            return ConnectionLost("the connection failed: the far end no longer answers")
        return ConnectError(
            "no connection to the far end could be made: it cannot be reached by UDP, or its "
            "certificate is not the one in its SDP"
        )

    def _check_grace(self) -> Exception | None:
        self._disconnected += CHECK
        if self._disconnected <= self._deadlines.grace:
            return None
        seconds = seconds_of(self._deadlines.grace)
        return ConnectionLost(f"the connection was interrupted and did not return in {seconds:g} s")

    def _check_connecting(self) -> Exception | None:
        self._connecting += CHECK
        if self._connecting <= self._deadlines.connect:
            return None
        return _missed(
            "ICE did not complete",
            self._deadlines.connect,
            "only UDP is used here: see whether a firewall blocks it",
        )

    def _check_channel(self) -> Exception | None:
        if not self.channel_closed:
            return None
        self._without_channel += CHECK
        # Not at the first check: a connection that is closed as a whole closes its channel first,
        # and is told for what it is by its state.
        if self._without_channel <= CHECK:
            return None
        return ConnectionLost("the far end closed the event channel, though not the call")

    def _check_steps(self, packets: int) -> Exception | None:
        # ICE and DTLS can succeed with a far end that speaks no SCTP: the call would be mute.
        if not self.channel_open and self._connected > self._deadlines.channel:
            return _missed(
                "the event channel did not open",
                self._deadlines.channel,
                "the endpoint accepted the call and does not speak SCTP with us",
            )
        if self._awaits_audio and not packets and self._connected > self._deadlines.track:
            return _missed(
                "no audio track came",
                self._deadlines.track,
                "the endpoint is connected and sends no packet of audio",
            )
        return None

    def _check_silence(self, datagrams: int, answers: int) -> Exception | None:
        # Every track sends each 20 ms, silence included, so that a stretch without any datagram
        # means a far end that is gone, whatever ICE still believes.
        if datagrams != self._seen:
            self._seen = datagrams
            self._silent = self._unanswered = 0
            return None
        self._silent += CHECK
        # Its media may pause, and its network path be well: only one that is gone is mute.
        self._unanswered = 0 if answers != self._answered else self._unanswered + CHECK
        self._answered = answers
        if self._asks and self._unanswered > self._deadlines.unanswered:
            return _nothing_for(self._deadlines.unanswered)
        too_long = self._silent > self._deadlines.silence
        return _nothing_for(self._deadlines.silence) if too_long else None


def _nothing_for(stretch: Samples) -> ConnectionLost:
    return ConnectionLost(f"nothing has come from the far end for {seconds_of(stretch):g} s")


def _missed(what: str, deadline: Samples, advice: str) -> ConnectTimeout:
    return ConnectTimeout(f"{what} within {seconds_of(deadline):g} s: {advice}")
