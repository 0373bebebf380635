"""Arithmetic on samples: levels, mixing, resampling, an even pace. No input, output or time."""

from soundstage.audio._cutter import FrameCutter
from soundstage.audio._jitter import JitterBuffer
from soundstage.audio._meter import AUDIBLE_PEAK, RELEASE, AudibleMeter, Change
from soundstage.audio._mix import mix
from soundstage.audio._pcm import peak, to_float, to_pcm
from soundstage.audio._resampler import Resampler
from soundstage.audio._stereo import PcmArray, StereoMixer, as_array

__all__ = [
    "AUDIBLE_PEAK",
    "RELEASE",
    "AudibleMeter",
    "Change",
    "FrameCutter",
    "JitterBuffer",
    "PcmArray",
    "Resampler",
    "StereoMixer",
    "as_array",
    "mix",
    "peak",
    "to_float",
    "to_pcm",
]
