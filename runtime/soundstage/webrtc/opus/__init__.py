"""Opus, encoded once and decoded once."""

from __future__ import annotations

from soundstage.webrtc.opus.opus_codec import Opus, OpusDecoder, OpusEncoder

__all__ = ["Opus", "OpusDecoder", "OpusEncoder"]
