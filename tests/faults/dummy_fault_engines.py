"""A synthesizer that breaks in the way that a case of the campaign says."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from soundstage.speech import SpeechPart
from soundstage.speech.tts_hibari import HibariSynthesizer

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULT = os.environ.get("FAULT_OF_ENGINE", "")
"""How it breaks; empty where it does not. The engine lives as long as its process."""


class SynthesizerAtFault:
    """Speaks with the shipped voices until it is to break; its runs have no cache."""

    name = "at-fault"
    version = "1"
    fingerprint = "0" * 64

    def __init__(self) -> None:
        self._real = HibariSynthesizer()

    @property
    def voices(self) -> tuple[str, ...]:
        return self._real.voices

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[Any]:
        if FAULT == "raise":
            raise LookupError("planted")
        if FAULT == "hang":
            while True:
                time.sleep(0.01)  # noqa: TID251 - what is planted
        if FAULT == "die":
            os._exit(9)
        if FAULT == "slow":
            time.sleep(0.3)  # noqa: TID251 - likewise
        if FAULT == "flood":
            while True:
                yield SpeechPart(bytes(48_000), (), "on and on")
        if FAULT == "garbage":
            yield "no part of speech"
        yield from self._real.synthesize(text, voice, speed)
