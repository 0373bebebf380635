"""Files that were joined end to end, and what FFmpeg must be told about others."""

from __future__ import annotations

import mmap
from io import BytesIO
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TELEPHONE: Final = {
    **dict.fromkeys((".ul", ".ulaw", ".mulaw", ".pcmu", ".mu"), "mulaw"),
    **dict.fromkeys((".al", ".alaw", ".pcma"), "alaw"),
}
"""Names of G.711 without a header: FFmpeg takes them for 44.1 kHz, which no telephone has."""

_FLAC: Final = b"fLaC\0\0\0\x22"
"""How a FLAC file begins: its mark, and the block that says rate and channels (RFC 9639, 8)."""

_OGG: Final = b"OggS"
_OGG_HEADER: Final = 27
_OGG_FIRST: Final = 2
"""The flag of a page that begins a stream (RFC 3533, 6)."""

_XING_OFFSETS: Final = (36, 21, 13)
"""Bytes from an MP3 frame to its Xing or Info mark: MPEG 1 stereo, mono or MPEG 2, both."""

_REPAIRABLE: Final = 1 << 29
"""Bytes of a WAV file that are looked through for its chunks."""

_MP3_MASK: Final = 0xFFE6
_MP3_FRAME: Final = 0xFFE2
"""Eleven bits of synchronisation, and layer III."""

_ID3_HEADER: Final = 10
_ID3_LARGEST: Final = 1 << 20


class FilePart(Struct, frozen=True):
    """A sound file for FFmpeg.

    Attributes:
        source: its path, or its content.
        format: what FFmpeg calls its format; None to let it find out.
        options: of that format.
    """

    source: str | BytesIO
    format: str | None = None
    options: tuple[tuple[str, str], ...] = ()


def parts_of(path: Path) -> list[FilePart]:
    """The files of which a file was made: FFmpeg stumbles where Ogg, FLAC or MP3 files were joined.

    Args:
        path: a file that is not empty.

    Returns:
        One part or more.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        starts: list[int] = []
        if data[:4] == _OGG:
            starts = list(_ogg_chain(data))
        elif data[:4] == _FLAC[:4]:
            starts = list(_joined_flac(data))
        elif data[:3] == b"ID3" or _is_mp3_frame(data, 0):
            starts = list(_joined_mp3(data))
        if len(starts) > 1:
            starts[0] = 0
            ends = [*starts[1:], len(data)]
            return [
                FilePart(BytesIO(data[start:end])) for start, end in zip(starts, ends, strict=True)
            ]
        known = data[:4] in {b"RIFF", b".snd"}
    name = _TELEPHONE.get(path.suffix.lower())
    if name is not None and not known:
        return [FilePart(str(path), name, (("sample_rate", "8000"),))]
    return [FilePart(str(path))]


def without_stray_bytes(path: Path) -> FilePart | None:
    """A WAV file of its format and its sound only; None if the file holds no such two chunks.

    A chunk of an odd length is followed by one byte more. Programs forget it, and all that comes
    behind seems to be at the wrong place.
    """
    with path.open("rb") as file:
        if file.read(4) not in {b"RIFF", b"RF64"}:
            return None
        content = file.read(_REPAIRABLE)
    form, data, form_end = content.find(b"fmt "), -1, 0
    if form >= 0:
        form_end = form + 8 + int.from_bytes(content[form + 4 : form + 8], "little")
        data = content.find(b"data", form_end)
    if data < 0:
        return None
    # Programs that write into a pipe leave the size at 0, or at the largest.
    size = int.from_bytes(content[data + 4 : data + 8], "little") or len(content)
    sound = content[data + 8 : data + 8 + size]
    body = b"WAVE" + content[form:form_end] + b"data" + len(sound).to_bytes(4, "little") + sound
    return FilePart(BytesIO(b"RIFF" + len(body).to_bytes(4, "little") + body), "wav")


def _ogg_chain(data: mmap.mmap) -> Iterator[int]:
    """Where each link of a chained Ogg file begins (RFC 3533, 4)."""
    beginning = False
    place = 0
    while place >= 0 and place + _OGG_HEADER <= len(data):
        first = bool(data[place + 5] & _OGG_FIRST)
        # The streams of one link all begin before the rest of any of them comes.
        if first and not beginning:
            yield place
        beginning = first
        segments = data[place + _OGG_HEADER - 1]
        body = place + _OGG_HEADER + segments
        following = body + sum(data[place + _OGG_HEADER : body])
        place = following if data[following : following + 4] == _OGG else data.find(_OGG, place + 4)


def _joined_flac(data: mmap.mmap) -> Iterator[int]:
    place = data.find(_FLAC)
    while place >= 0:
        yield place
        place = data.find(_FLAC, place + 1)


def _joined_mp3(data: mmap.mmap) -> Iterator[int]:
    """Where each MP3 file begins that has a header frame, its tag included."""
    marks: list[int] = []
    for mark in (b"Xing", b"Info"):
        place = data.find(mark)
        while place >= 0:
            marks += [
                place - offset for offset in _XING_OFFSETS if _is_mp3_frame(data, place - offset)
            ][:1]
            place = data.find(mark, place + 4)
    for frame in sorted(marks):
        tag = data.rfind(b"ID3", max(frame - _ID3_LARGEST, 0), frame)
        yield tag if tag >= 0 and _id3_end(data, tag) == frame else frame


def _is_mp3_frame(data: mmap.mmap, place: int) -> bool:
    head = int.from_bytes(data[place : place + 2], "big") if place >= 0 else 0
    return head & _MP3_MASK == _MP3_FRAME


def _id3_end(data: mmap.mmap, tag: int) -> int:
    """Where an ID3v2 tag ends: its length has seven bits to a byte."""
    size = 0
    for byte in data[tag + 6 : tag + _ID3_HEADER]:
        size = size << 7 | byte
    return tag + _ID3_HEADER + size
