from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from soundstage.webrtc.incoming_audio import PacketOrder


def push_all(order: PacketOrder, numbers: list[int]) -> list[bytes | None]:
    return [due for number in numbers for due in order.push(number % 65536, b"%d" % number)]


def test_packets_in_order_pass_at_once():
    order = PacketOrder()
    assert order.push(65535, b"a") == [b"a"]
    assert order.push(0, b"b") == [b"b"]
    assert not order.waiting


def test_two_swapped_packets_are_put_right():
    order = PacketOrder()
    assert push_all(order, [1, 3]) == [b"1"]
    assert order.waiting
    assert push_all(order, [2]) == [b"2", b"3"]


def test_a_packet_that_does_not_come_is_lost_when_two_later_ones_have():
    order = PacketOrder()
    assert push_all(order, [1, 3, 4]) == [b"1", None, b"3", b"4"]
    assert push_all(order, [2]) == []
    assert order.late == 1


def test_each_of_several_gaps_is_marked():
    order = PacketOrder(hold=2)
    assert push_all(order, [1, 3, 5, 6]) == [b"1", None, b"3"]
    assert push_all(order, [7]) == [None, b"5", b"6", b"7"]


def test_a_repeated_packet_is_counted_and_played_once():
    order = PacketOrder()
    assert push_all(order, [1, 1, 3, 3, 2]) == [b"1", b"2", b"3"]
    assert order.late == 2


def test_a_far_jump_is_a_new_stream_and_no_loss():
    order = PacketOrder()
    assert push_all(order, [1, 30000, 30001, 5]) == [b"1", b"30000", b"30001", b"5"]
    assert order.late == 0


@settings(deadline=None)
@given(st.integers(0, 65535), st.lists(st.booleans(), max_size=60))
def test_neighbours_that_were_swapped_always_come_out_in_order(start, swaps):
    numbers = list(range(start + 1, start + 1 + 2 * len(swaps)))
    for place, swapped in enumerate(swaps):
        if swapped:
            pair = slice(2 * place, 2 * place + 2)
            numbers[pair] = numbers[pair][::-1]
    expected = [b"%d" % number for number in [start, *sorted(numbers)]]
    assert push_all(PacketOrder(), [start, *numbers]) == expected


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), max_size=80), st.integers(0, 3))
def test_whatever_comes_each_packet_is_played_at_most_once_and_in_order(numbers, hold):
    played = [int(due) for due in push_all(PacketOrder(hold), numbers) if due is not None]
    assert played == sorted(set(played))
