"""Recordings on the time line of a run: written as WAV, read as WAV, FLAC or Opus."""

from soundstage.results.tracks.packed_track import PACKED, pack_track
from soundstage.results.tracks.wav_track import Track, TrackReader, read_track

__all__ = ["PACKED", "Track", "TrackReader", "pack_track", "read_track"]
