from __future__ import annotations

import base64

from soundstage.realtime._appended import Appended
from soundstage.realtime._input_buffer import MAX_BUFFERED_BYTES
from soundstage.realtime.audio_formats import Unchanged
from soundstage.units import FRAME_BYTES


def encoded(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


def test_audio_of_any_length_is_cut_into_frames():
    appended = Appended(Unchanged())
    appended.put(encoded(b"\1" * 1000))
    assert appended.frames() == [b"\1" * FRAME_BYTES]
    appended.put(encoded(b"\2" * 920))
    assert appended.frames() == [b"\1" * 40 + b"\2" * 920]
    assert appended.frames() == []


def test_the_rest_holds_whole_samples_only():
    appended = Appended(Unchanged())
    appended.put(encoded(b"\1" * 5))
    assert appended.rest() == b"\1" * 4
    appended.put(encoded(b"\2"))
    assert appended.rest() == b"\1\2"


def test_what_nobody_takes_is_bounded():
    appended = Appended(Unchanged())
    appended.put(encoded(bytes(MAX_BUFFERED_BYTES)))
    appended.put(encoded(b"\1" * 3))
    rest = appended.rest()
    assert len(rest) <= MAX_BUFFERED_BYTES
    assert rest[-2:] == b"\1\1"


def test_cleared_audio_is_gone():
    appended = Appended(Unchanged())
    appended.put(encoded(b"\1" * 5))
    appended.clear()
    appended.put(encoded(b"\2" * 2))
    assert appended.rest() == b"\2" * 2
