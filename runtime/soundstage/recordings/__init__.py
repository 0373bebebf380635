"""Recordings as the runtime's own audio: any file that FFmpeg reads, as 24 kHz mono PCM."""

from soundstage.recordings.reading import LONGEST, LONGEST_CUE, Recording, read_recording

__all__ = ["LONGEST", "LONGEST_CUE", "Recording", "read_recording"]
