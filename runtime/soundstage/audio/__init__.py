"""Arithmetic on samples: levels, mixing, resampling, an even pace. No input, output or time."""

from soundstage.audio._cutter import FrameCutter
from soundstage.audio._g711 import G711Decoder, G711Encoder, Law
from soundstage.audio._jitter import JitterBuffer
from soundstage.audio._limiter import FULL, Limiter
from soundstage.audio._meters import AUDIBLE_PEAK, RELEASE, AudibleMeters, Change
from soundstage.audio._mix import mix
from soundstage.audio._mix_minus import MixMinus, Sums
from soundstage.audio._pcm import is_audible, peak, peaks_of, to_float, to_pcm
from soundstage.audio._resampler import Resampler
from soundstage.audio._stereo import PcmArray, StereoMixer, as_array

__all__ = [
    "AUDIBLE_PEAK",
    "FULL",
    "RELEASE",
    "AudibleMeters",
    "Change",
    "FrameCutter",
    "G711Decoder",
    "G711Encoder",
    "JitterBuffer",
    "Law",
    "Limiter",
    "MixMinus",
    "PcmArray",
    "Resampler",
    "StereoMixer",
    "Sums",
    "as_array",
    "is_audible",
    "mix",
    "peak",
    "peaks_of",
    "to_float",
    "to_pcm",
]
