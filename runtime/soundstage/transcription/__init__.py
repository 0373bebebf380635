"""Turns and words of speech that its agent does not tell: found and recognised in the sound."""

from soundstage.transcription.played_words import played_part
from soundstage.transcription.transcriber import TRANSCRIBER_LIMITS, Transcriber
from soundstage.transcription.untold_speech import Stretch, UntoldSpeech

__all__ = ["TRANSCRIBER_LIMITS", "Stretch", "Transcriber", "UntoldSpeech", "played_part"]
