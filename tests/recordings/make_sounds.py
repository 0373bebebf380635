"""Makes sound files of 33 kinds, and 15 that are damaged or joined: two seconds of a tone each.

Run `python tests/recordings/make_sounds.py FOLDER` to have them in a folder. The kinds are made by
ffmpeg and sox, where these are installed; the damaged ones by PyAV and by hand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import wave
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

RATE = 44_100
PEAK = 0.35
SECONDS = 2.0


class Kind(NamedTuple):
    """A kind of sound file: its name, how it is made of a WAV file, and whether it is played."""

    name: str
    arguments: str
    tool: str = "ffmpeg"
    is_played: bool = True


KINDS = (
    Kind("s16.wav", "-c:a pcm_s16le"),
    Kind("u8.wav", "-c:a pcm_u8"),
    Kind("s24.wav", "-c:a pcm_s24le"),
    Kind("s32.wav", "-c:a pcm_s32le"),
    Kind("f32.wav", "-c:a pcm_f32le"),
    Kind("f64.wav", "-c:a pcm_f64le"),
    Kind("mulaw.wav", "-ar 8000 -c:a pcm_mulaw"),
    Kind("alaw.wav", "-ar 8000 -c:a pcm_alaw"),
    Kind("ima.wav", "-c:a adpcm_ima_wav"),
    Kind("ms.wav", "-c:a adpcm_ms"),
    Kind("rf64.wav", "-rf64 always"),
    Kind("six_channels.wav", "-af pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0"),
    Kind("tone.w64", ""),
    Kind("tone.aiff", ""),
    Kind("mulaw.au", "-ar 8000 -c:a pcm_mulaw"),
    Kind("tone.caf", ""),
    Kind("tone.flac", ""),
    Kind("tone.mp3", ""),
    Kind("tone.mp2", ""),
    Kind("vorbis.ogg", "-c:a libvorbis"),
    Kind("tone.opus", "-c:a libopus"),
    Kind("tone.aac", ""),
    Kind("aac.m4a", ""),
    Kind("alac.m4a", "-c:a alac"),
    Kind("tone.webm", ""),
    Kind("tone.wma", ""),
    Kind("tone.g722", "-ar 16000"),
    Kind("tone.gsm", "-r 8000", "sox"),
    Kind("gsm.wav", "-r 8000 -e gsm", "sox"),
    Kind("tone.ul", "-r 8000", "sox"),
    Kind("tone.sph", "", "sox"),
    Kind("tone.vox", "-r 8000", "sox", is_played=False),
    Kind("tone.htk", "", "sox", is_played=False),
)


class Damaged(NamedTuple):
    """A file that is damaged or joined.

    Attributes:
        path: of the file.
        seconds: how long it plays; None where it is refused.
        is_told: whether the damage is told.
    """

    path: Path
    seconds: float | None
    is_told: bool = False


def tone(rate: int = RATE, seconds: float = SECONDS, peak: float = PEAK) -> np.ndarray:
    """16-bit samples of 440 Hz."""
    at = np.arange(round(rate * seconds))
    return np.rint(32767 * peak * np.sin(2 * np.pi * 440 * at / rate)).astype("<i2")


def missing_tool(kind: Kind) -> str | None:
    """The program that this kind needs and that is not installed."""
    return None if shutil.which(kind.tool) else kind.tool


def make_kind(kind: Kind, folder: Path) -> Path:
    """A file of this kind.

    Raises:
        CalledProcessError: the program cannot make it.
    """
    source, made = folder / "source.wav", folder / kind.name
    with wave.open(str(source), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(tone().tobytes())
    arguments = kind.arguments.split()
    if kind.tool == "ffmpeg":
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), *arguments, str(made)]
    else:
        command = ["sox", "-V1", str(source), *arguments, str(made)]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    return made


def encoded(path: Path, codec: str, rate: int = RATE, channels: int = 1, **options: str) -> bytes:
    """The tone, as PyAV encodes it; the file stays."""
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        # FFmpeg's own Vorbis encoder counts as an experiment.
        stream.codec_context.options = {"strict": "experimental"}
        samples = np.repeat(tone(rate), channels).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "s16", layout)
        frame.rate = rate
        frame.pts = 0
        for packet in stream.encode(frame):
            container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path.read_bytes()


def wav(pcm: bytes, *, claimed: int | None = None, before: bytes = b"", riff: int = 0) -> bytes:
    """A WAV file whose header claims what it is told to."""
    form = b"fmt " + (16).to_bytes(4, "little")
    form += np.array([1, 1], "<u2").tobytes() + np.array([RATE, RATE * 2], "<u4").tobytes()
    form += np.array([2, 16], "<u2").tobytes()
    size = len(pcm) if claimed is None else claimed
    head = b"RIFF" + riff.to_bytes(4, "little") + b"WAVE" + form + before
    return head + b"data" + size.to_bytes(4, "little") + pcm


def make_damaged(folder: Path) -> list[Damaged]:
    """All files that are damaged or joined."""
    return [*_joined(folder), *_odd_wavs(folder), *_broken(folder)]


def _joined(folder: Path) -> list[Damaged]:
    def make(name: str, *parts: bytes) -> Damaged:
        (folder / name).write_bytes(b"".join(parts))
        return Damaged(folder / name, len(parts) * SECONDS)

    mp3 = encoded(folder / "a.mp3", "libmp3lame")
    other_mp3 = encoded(folder / "b.mp3", "libmp3lame", 22_050, 2)
    vorbis = encoded(folder / "a.ogg", "vorbis", 44_100, 2)
    other_vorbis = encoded(folder / "b.ogg", "vorbis", 32_000, 2)
    opus = encoded(folder / "a.opus", "libopus", 48_000)
    other_opus = encoded(folder / "b.opus", "libopus", 48_000, 2)
    flac = encoded(folder / "a.flac", "flac")
    other_flac = encoded(folder / "b.flac", "flac", 22_050, 2)
    return [
        make("joined.mp3", mp3, mp3),
        make("rates.mp3", mp3, other_mp3, mp3),
        make("chained.ogg", vorbis, other_vorbis),
        make("chained.opus", opus, other_opus, opus),
        make("codecs.ogg", vorbis, opus),
        make("joined.flac", flac, other_flac),
    ]


def _odd_wavs(folder: Path) -> list[Damaged]:
    pcm = tone().tobytes()
    odd = b"LIST" + (5).to_bytes(4, "little") + b"INFOx"
    files = {
        "pipe.wav": (wav(pcm, claimed=0xFFFF_FFFF, riff=0xFFFF_FFFF), SECONDS),
        "zero.wav": (wav(pcm, claimed=0), SECONDS),
        "no_pad_byte.wav": (wav(pcm, before=odd), SECONDS),
        "cut.wav": (wav(pcm)[: 44 + len(pcm) // 2 - 1], SECONDS / 2),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return [Damaged(folder / name, seconds) for name, (_, seconds) in files.items()]


def _broken(folder: Path) -> list[Damaged]:
    mp3 = (folder / "a.mp3").read_bytes()
    middle = len(mp3) // 2
    holed = mp3[:middle] + b"\x55" * 1500 + mp3[middle + 1500 :]
    paged = encoded(folder / "pages.opus", "libopus", 48_000, page_duration="100000")
    page = paged.index(b"OggS", len(paged) // 2)
    wrong = paged[: page + 60] + bytes(20) + paged[page + 80 :]
    m4a = encoded(folder / "a.m4a", "aac")
    files = {
        "holed.mp3": holed,
        "cut.mp3": mp3[:middle],
        "page.opus": wrong,
        "no_index.m4a": m4a[: len(m4a) // 2],
        "text.wav": b"This is no sound at all.\n" * 100,
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [
        Damaged(folder / "holed.mp3", 1.8, is_told=True),
        Damaged(folder / "cut.mp3", 1.0),
        Damaged(folder / "page.opus", 1.9),
        Damaged(folder / "no_index.m4a", None),
        Damaged(folder / "text.wav", None),
    ]


def main(folder: Path) -> None:
    """Make what can be made here."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS if "--damaged" not in sys.argv else ():
        tool = missing_tool(kind)
        print(f"not made: {kind.name}: {tool} is missing" if tool else make_kind(kind, folder))
    for damaged in make_damaged(folder):
        print(damaged.path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
