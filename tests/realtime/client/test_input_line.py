"""What a session hears, while there is one, and what is kept while there is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime.client.input_line import LONGEST_KEPT, InputLine
from soundstage.units import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SILENCE


def sound(number: int) -> bytes:
    return number.to_bytes(2, "little") * (FRAME_BYTES // 2)


class Hearing:
    """A clock and the frames that the session was given."""

    def __init__(self, *, remembers: bool = True) -> None:
        self.line = InputLine(remembers=remembers)
        self.tick = 0
        self.heard: list[bytes | None] = []

    def pass_frames(self, count: int, *, silent: bool = False) -> None:
        for _ in range(count):
            self.tick += 1
            pcm = SILENCE if silent else sound(self.tick)
            self.line.put(self.tick * FRAME_SAMPLES, pcm, silent=silent)
            self.heard.append(self.line.next())

    @property
    def now_ms(self) -> int:
        return FRAME_MS * len(self.heard)

    def reconnect(self, hear_from_ms: int) -> None:
        self.line.lose(hear_from_ms)
        self.line.open()
        self.line.resume()


def test_while_there_is_a_session_it_hears_each_frame_in_its_tick() -> None:
    hearing = Hearing(remembers=False)
    hearing.pass_frames(5)
    hearing.pass_frames(20, silent=True)
    assert hearing.heard == [*map(sound, range(1, 6)), *[SILENCE] * 20]
    assert hearing.line.pts_of(40) == 3 * FRAME_SAMPLES


def test_what_comes_in_a_gap_is_heard_after_it_and_a_session_without_settings_hears_silence() -> (
    None
):
    hearing = Hearing()
    hearing.pass_frames(2)
    hearing.line.lose(hearing.now_ms)
    hearing.pass_frames(3)
    hearing.line.open()
    hearing.pass_frames(1)
    hearing.line.resume()
    hearing.pass_frames(2)
    assert hearing.heard[2:] == [None, None, None, SILENCE, sound(3), sound(4)]
    assert hearing.line.pts_of(20) == 3 * FRAME_SAMPLES


def test_a_turn_is_heard_again_from_its_beginning() -> None:
    hearing = Hearing()
    hearing.pass_frames(100)
    hearing.reconnect(hear_from_ms=1000)
    hearing.pass_frames(3)
    assert hearing.heard[100:] == [sound(51), sound(52), sound(53)]
    assert hearing.line.pts_of(0) == 51 * FRAME_SAMPLES


def test_a_line_that_remembers_nothing_hears_nothing_again() -> None:
    hearing = Hearing(remembers=False)
    hearing.pass_frames(100)
    hearing.reconnect(hear_from_ms=1000)
    hearing.pass_frames(1)
    assert hearing.heard[100:] == [sound(101)]


def test_silence_is_left_out_until_what_waits_has_been_caught_up_with() -> None:
    hearing = Hearing()
    hearing.line.lose(hearing.now_ms)
    hearing.pass_frames(10)
    hearing.pass_frames(50, silent=True)
    hearing.line.open()
    hearing.line.resume()
    hearing.heard.clear()
    hearing.pass_frames(40, silent=True)
    assert hearing.heard[:10] == [sound(number) for number in range(1, 11)]
    assert hearing.heard[10:] == [SILENCE] * 30
    assert hearing.line.pts_of(20 * 39) == hearing.tick * FRAME_SAMPLES
    assert hearing.line.pts_of(0) == FRAME_SAMPLES


def test_a_gap_that_is_too_long_loses_its_beginning_and_says_so() -> None:
    hearing = Hearing()
    hearing.line.lose(hearing.now_ms)
    hearing.pass_frames(LONGEST_KEPT + 7)
    assert hearing.line.dropped == 7
    hearing.line.open()
    hearing.line.resume()
    hearing.pass_frames(1)
    assert hearing.line.dropped == 8
    assert hearing.heard[-1] == sound(9)


@given(
    st.lists(
        st.tuples(st.sampled_from(["speak", "pause", "lose", "open", "resume"]), st.integers(1, 30))
    )
)
def test_no_sound_is_lost_and_none_is_out_of_order(steps: list[tuple[str, int]]) -> None:
    hearing = Hearing()
    for step, count in steps:
        match step:
            case "speak" | "pause":
                hearing.pass_frames(count, silent=step == "pause")
            case "lose":
                hearing.line.lose(hearing.now_ms)
            case "open":
                hearing.line.lose(hearing.now_ms)
                hearing.line.open()
            case _:
                hearing.line.resume()
    hearing.line.resume()
    spoken = hearing.tick
    hearing.pass_frames(2 * spoken + 50, silent=True)
    heard = [each for each in hearing.heard if each not in {None, SILENCE}]
    numbers = [int.from_bytes(each[:2], "little") for each in heard if each]
    said = sorted(set(numbers))
    assert numbers == said
    put = {number for number in range(1, spoken + 1) if number not in silent_ticks(steps)}
    assert set(numbers) == put


def silent_ticks(steps: list[tuple[str, int]]) -> set[int]:
    silent: set[int] = set()
    tick = 0
    for step, count in steps:
        if step in {"speak", "pause"}:
            if step == "pause":
                silent |= set(range(tick + 1, tick + count + 1))
            tick += count
    return silent
