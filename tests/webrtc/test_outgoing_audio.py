from __future__ import annotations

import threading

from dummy_tone import tone

from soundstage.webrtc.outgoing_audio import OutgoingAudio


class DummyLoop:
    """Collects what is called from other threads."""

    def __init__(self, *, closed: bool = False) -> None:
        self.calls: list = []
        self._closed = closed

    def call_soon_threadsafe(self, function) -> None:
        if self._closed:
            raise RuntimeError("the loop is closed")
        self.calls.append(function)


def elsewhere(function) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_each_frame_is_one_packet_and_the_clock_advances_by_960():
    sent = []
    outgoing = OutgoingAudio(DummyLoop())
    outgoing.begin(lambda payload, timestamp: sent.append((len(payload) > 0, timestamp)))
    for number in range(3):
        outgoing.play(tone(number))
    assert sent == [(True, 0), (True, 960), (True, 1920)]


def test_frames_before_the_connection_are_heard_by_none():
    sent = []
    outgoing = OutgoingAudio(DummyLoop())
    outgoing.play(tone(0))
    outgoing.begin(lambda payload, timestamp: sent.append(timestamp))
    outgoing.play(tone(1))
    outgoing.end()
    outgoing.play(tone(2))
    assert sent == [0]


def test_frames_of_another_thread_wake_the_loop_once_and_keep_their_order():
    sent = []
    loop = DummyLoop()
    outgoing = OutgoingAudio(loop)
    outgoing.begin(lambda payload, timestamp: sent.append(timestamp))
    elsewhere(lambda: [outgoing.play(tone(number)) for number in range(3)])
    assert (len(loop.calls), sent) == (1, [])
    loop.calls.pop()()
    assert sent == [0, 960, 1920]
    elsewhere(lambda: outgoing.play(tone(3)))
    assert len(loop.calls) == 1


def test_a_loop_that_stands_still_costs_the_oldest_frames():
    sent = []
    loop = DummyLoop()
    outgoing = OutgoingAudio(loop)
    outgoing.begin(lambda payload, timestamp: sent.append(timestamp))
    elsewhere(lambda: [outgoing.play(tone(number)) for number in range(14)])
    loop.calls.pop()()
    assert sent == [960 * number for number in range(4, 14)]


def test_a_connection_that_breaks_in_the_middle_of_a_frame_harms_nobody():
    def broken(payload, timestamp):
        raise ConnectionError

    outgoing = OutgoingAudio(DummyLoop())
    outgoing.begin(broken)
    outgoing.play(tone(0))


def test_a_loop_that_has_closed_harms_nobody():
    outgoing = OutgoingAudio(DummyLoop(closed=True))
    outgoing.begin(lambda payload, timestamp: None)
    elsewhere(lambda: outgoing.play(tone(0)))
