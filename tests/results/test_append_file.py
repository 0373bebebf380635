from __future__ import annotations

import errno

import pytest
from dummy_disk import DummyFile
from hypothesis import given
from hypothesis import strategies as st

from soundstage.errors import RecordingFailed
from soundstage.results.append_file import AppendFile


def test_what_is_put_is_written_when_it_is_drained():
    file = DummyFile()
    sink = AppendFile(file, "x")
    sink.put(b"one")
    assert (bytes(file.content), sink.pending, sink.written) == (b"", 3, 0)
    sink.drain()
    assert (bytes(file.content), sink.pending, sink.written) == (b"one", 0, 3)


@given(pieces=st.lists(st.binary(max_size=20)), room=st.integers(0, 100), step=st.integers(1, 7))
def test_a_disk_that_was_full_for_a_while_leaves_no_hole(pieces, room, step):
    file = DummyFile(room, piece=step)
    sink = AppendFile(file, "x")
    for piece in pieces:
        sink.put(piece)
        try:
            sink.drain()
        except RecordingFailed:
            assert sink.written == room == len(file.content)
    file.room = 1 << 20
    sink.drain()
    assert bytes(file.content) == b"".join(pieces)


def test_a_failure_names_the_file_the_reason_and_the_way_out():
    sink = AppendFile(DummyFile(room=0), "/runs/a/events.jsonl")
    sink.put(b"x")
    with pytest.raises(RecordingFailed, match=r"/runs/a/events\.jsonl .* No space left .* --out"):
        sink.drain()


def test_a_file_that_takes_nothing_without_saying_why_is_full():
    class MuteFile(DummyFile):
        def write(self, data):
            return 0

    sink = AppendFile(MuteFile(), "x")
    sink.put(b"x")
    with pytest.raises(RecordingFailed):
        sink.drain()


def test_zeros_come_behind_what_waits():
    file = DummyFile()
    sink = AppendFile(file, "x")
    sink.put(b"ab")
    sink.extend(3)
    sink.put(b"c")
    sink.drain()
    assert bytes(file.content) == b"ab\0\0\0c"


def test_zeros_that_do_not_fit_are_a_failure():
    sink = AppendFile(DummyFile(room=4), "x")
    with pytest.raises(RecordingFailed):
        sink.extend(5)
    assert sink.written == 0


def test_a_beginning_that_cannot_be_replaced_is_a_failure():
    with pytest.raises(RecordingFailed):
        AppendFile(DummyFile(room=0), "x").overwrite(b"x")


def test_closing_writes_the_rest_and_closes_even_a_full_file():
    good, full = DummyFile(), DummyFile(room=0)
    sinks = [AppendFile(good, "x"), AppendFile(full, "x")]
    for sink in sinks:
        sink.put(b"x")
    sinks[0].close()
    with pytest.raises(RecordingFailed):
        sinks[1].close()
    assert (good.closed, bytes(good.content), full.closed) == (True, b"x", True)
    sinks[0].close()


def test_a_disk_that_complains_only_at_the_end_is_a_failure_too():
    class LateFile(DummyFile):
        def close(self):
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with pytest.raises(RecordingFailed, match="quota"):
        AppendFile(LateFile(), "x").close()


def test_nothing_can_be_put_into_a_closed_file():
    sink = AppendFile(DummyFile(), "x")
    sink.close()
    with pytest.raises(ValueError, match="closed"):
        sink.put(b"x")


def test_a_path_that_cannot_be_opened_is_a_failure(tmp_path):
    with pytest.raises(RecordingFailed, match="missing"):
        AppendFile.open(tmp_path / "missing" / "x")
