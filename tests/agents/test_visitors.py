"""The visitors of a page, as sound."""

from __future__ import annotations

from collections import deque

from soundstage.units import FRAME_SAMPLES, SILENCE
from soundstage_agents.browser import Lost, Visitors


def tone(level: int) -> bytes:
    return level.to_bytes(2, "little", signed=True) * FRAME_SAMPLES


class DummyVoice:
    """Says the frames it is given, and keeps what it hears."""

    concealed = dropped = late = 1

    def __init__(self, *says: bytes) -> None:
        self.says = deque(says)
        self.heard: list[bytes] = []

    def take(self) -> bytes:
        return self.says.popleft() if self.says else SILENCE

    def play(self, pcm: bytes) -> None:
        self.heard.append(pcm)


def test_each_visitor_hears_the_room_and_the_others_and_never_himself() -> None:
    visitors = Visitors()
    voices = {1: DummyVoice(tone(100)), 2: DummyVoice(tone(200)), 3: DummyVoice()}
    for seat, voice in voices.items():
        visitors.seat(seat, voice)
    assert visitors.listen() == [tone(100), tone(200), SILENCE]
    visitors.play(tone(1000))
    assert {seat: voice.heard for seat, voice in voices.items()} == {
        1: [tone(1200)],
        2: [tone(1100)],
        3: [tone(1300)],
    }


def test_a_visitor_that_has_gone_is_neither_heard_nor_waited_for() -> None:
    visitors = Visitors()
    gone, here = DummyVoice(tone(100)), DummyVoice()
    visitors.seat(1, gone)
    visitors.seat(2, here)
    visitors.listen()
    visitors.unseat(1)
    assert visitors.listen() == [SILENCE]
    visitors.play(SILENCE)
    assert (gone.heard, here.heard) == ([], [SILENCE])


def test_a_visitor_who_comes_back_is_no_new_one_unless_he_had_left() -> None:
    visitors = Visitors()
    assert visitors.seat(1, DummyVoice())
    visitors.unseat(1)
    assert not visitors.seat(1, DummyVoice())
    visitors.forget(1)
    assert visitors.seat(1, DummyVoice())


def test_what_was_lost_is_counted_over_all_who_were_ever_there() -> None:
    visitors = Visitors()
    visitors.seat(1, DummyVoice())
    visitors.seat(1, DummyVoice())
    visitors.seat(2, DummyVoice())
    assert visitors.lost == Lost(3, 3, 3)


def test_levels_are_the_loudest_since_they_were_last_asked_for() -> None:
    visitors = Visitors()
    visitors.seat(1, DummyVoice(tone(100), tone(-300), tone(200)))
    for _ in range(3):
        visitors.listen()
    assert visitors.peaks() == {1: 300}
    assert visitors.peaks() == {}
