from __future__ import annotations

import numpy as np
from dummy_tone import tone

from soundstage.units import SILENCE
from soundstage.webrtc._internals import RtpHeader
from soundstage.webrtc.incoming_audio import IncomingAudio
from soundstage.webrtc.opus import OpusEncoder


class Sender:
    """Numbered packets, each louder than the last, so that order can be heard."""

    def __init__(self, ssrc: int = 1) -> None:
        encoder = OpusEncoder()
        self._ssrc = ssrc
        self._payloads = [encoder.encode(tone(n, peak=200 * n)) for n in range(100)]

    def send(self, incoming: IncomingAudio, *numbers: int) -> None:
        for n in numbers:
            incoming.receive(RtpHeader(n, n * 960, self._ssrc), self._payloads[n])


def level(frame: bytes) -> float:
    return float(np.abs(np.frombuffer(frame, "<i2").astype(float)).max())


def take(incoming: IncomingAudio, count: int) -> list[float]:
    return [level(incoming.take()) for _ in range(count)]


def test_nothing_is_silence_and_not_counted():
    incoming = IncomingAudio()
    assert incoming.take() == SILENCE
    assert incoming.concealed == 0


def test_swapped_packets_are_heard_in_order():
    incoming, sender = IncomingAudio(), Sender()
    sender.send(incoming, 10, 11, 13, 12, 14, 16, 15, 17)
    levels = take(incoming, 8)[2:]
    assert levels == sorted(levels)
    assert (incoming.concealed, incoming.late) == (0, 0)


def test_a_lost_packet_leaves_no_gap_when_there_is_a_reserve():
    incoming, sender = IncomingAudio(), Sender()
    sender.send(incoming, *range(30, 40), *range(41, 45))
    levels = take(incoming, 15)
    assert min(levels[2:]) > 3000
    assert incoming.concealed == 1


def test_a_loss_that_the_listener_has_bridged_is_not_bridged_again():
    incoming, sender = IncomingAudio(), Sender()
    sender.send(incoming, 30, 31)
    take(incoming, 1)
    for number in (32, 33, 35, 36, 37, 38):
        if number == 35:
            take(incoming, 1)  # the tick of 34, which is lost
        sender.send(incoming, number)
        take(incoming, 1)
    assert incoming.concealed == 1
    assert len(incoming._jitter) == 1


def test_a_long_gap_is_bridged_in_part_only():
    incoming, sender = IncomingAudio(), Sender()
    sender.send(incoming, 1, 2, 50, 51)
    assert incoming.concealed == 3
    assert len(incoming._jitter) == 7


def test_a_packet_after_its_time_is_counted_and_not_played():
    incoming, sender = IncomingAudio(), Sender()
    sender.send(incoming, 20, 21, 23, 24, 22)
    assert incoming.late == 1
    assert len(incoming._jitter) == 5


def test_a_packet_of_garbage_is_bridged():
    incoming, sender = IncomingAudio(), Sender()
    sender.send(incoming, 20, 21)
    incoming.receive(RtpHeader(22, 0, 1), b"\xff\xff\xff")
    sender.send(incoming, 23)
    assert incoming.concealed == 1
    assert len(incoming._jitter) == 4


def test_a_new_source_takes_over_and_the_counts_stay():
    incoming = IncomingAudio()
    Sender(1).send(incoming, 20, 21, 21)
    Sender(2).send(incoming, 5, 6)
    assert incoming.late == 1
    assert len(incoming._jitter) == 4


def test_a_listener_who_does_not_listen_costs_a_second_of_memory_at_most():
    incoming, sender = IncomingAudio(), Sender()
    sender.send(incoming, *range(100))
    assert len(incoming._jitter) == 50
    assert incoming.dropped == 50
