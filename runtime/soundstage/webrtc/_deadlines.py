"""How long each step of a call may take."""

from __future__ import annotations

from msgspec import Struct

from soundstage.units import Samples, samples_of_seconds


class Deadlines(Struct, frozen=True, kw_only=True):
    """How long each step of a call may take, in samples of 24 kHz audio.

    Attributes:
        gather: finding this machine's own addresses.
        signalling: one HTTP exchange, from the first byte sent to the last one read.
        connect: ICE and DTLS, from the answer on.
        channel: the data channel, from the connection on.
        track: the first packet of audio, from the connection on.
        silence: the longest stretch in which nothing at all arrives on a call that is up.
        grace: how long a connection may say that it is disconnected before it is given up.
        hang_up: telling the endpoint that the call is over.
    """

    gather: Samples = samples_of_seconds(6)
    signalling: Samples = samples_of_seconds(15)
    connect: Samples = samples_of_seconds(15)
    channel: Samples = samples_of_seconds(10)
    track: Samples = samples_of_seconds(15)
    silence: Samples = samples_of_seconds(5)
    grace: Samples = samples_of_seconds(5)
    hang_up: Samples = samples_of_seconds(1.5)
