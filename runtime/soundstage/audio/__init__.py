"""Arithmetic on samples: levels, mixing, resampling, a jitter buffer. No input, output or time."""

from soundstage.audio.audibility_meters import AUDIBLE_PEAK, RELEASE, AudibleMeters, Change
from soundstage.audio.dtmf_detector import DtmfDetector, KeyPress
from soundstage.audio.dtmf_tones import KEYS, KeyTones, tone_of, tones_of
from soundstage.audio.frame_cutter import FrameCutter
from soundstage.audio.g711 import (
    WIDEBAND,
    WIDEBAND_RATE,
    G711Decoder,
    G711Encoder,
    Law,
    TelephoneCoders,
    codes_of,
    samples_of,
)
from soundstage.audio.jitter_buffer import JitterBuffer
from soundstage.audio.limiter import FULL, Limiter
from soundstage.audio.low_delay_resampler import LowDelayResampler
from soundstage.audio.mix_minus import MixMinus, Sums
from soundstage.audio.pcm import is_audible, mix, peak, peaks_of, to_float, to_pcm
from soundstage.audio.resampler import Resampler
from soundstage.audio.stereo import PcmArray, StereoMixer, as_array

__all__ = [
    "AUDIBLE_PEAK",
    "FULL",
    "KEYS",
    "RELEASE",
    "WIDEBAND",
    "WIDEBAND_RATE",
    "AudibleMeters",
    "Change",
    "DtmfDetector",
    "FrameCutter",
    "G711Decoder",
    "G711Encoder",
    "JitterBuffer",
    "KeyPress",
    "KeyTones",
    "Law",
    "Limiter",
    "LowDelayResampler",
    "MixMinus",
    "PcmArray",
    "Resampler",
    "StereoMixer",
    "Sums",
    "TelephoneCoders",
    "as_array",
    "codes_of",
    "is_audible",
    "mix",
    "peak",
    "peaks_of",
    "samples_of",
    "to_float",
    "to_pcm",
    "tone_of",
    "tones_of",
]
