"""What differs on the wire from one model to the next: the one table of it, with its evidence.

Model names are plain text, and an endpoint takes any: what is not recognised here is taken for one
of the newest family, as an alias or a deployment's name mostly stands for a new model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class ModelFamily(Struct, frozen=True, kw_only=True):
    """What sessions of some models have in common, where other models differ.

    Attributes:
        voice: the voice of a session that names none.
        silence_duration_ms: the silence that ends a turn, of `server_vad` that gives none.
        has_phases: whether an assistant's messages say what they are: `commentary` before a
            function call, or `final_answer`.
        closes_items_together: whether the `done` events of a message and of the calls after it
            come when all of their deltas have been sent, not item by item.
        counts_reasoning: whether the usage of a response that may reason has `reasoning_tokens`.
    """

    voice: str
    silence_duration_ms: int
    has_phases: bool
    closes_items_together: bool
    counts_reasoning: bool


GPT_REALTIME: Final = ModelFamily(
    voice="alloy",
    silence_duration_ms=200,
    has_phases=False,
    closes_items_together=False,
    counts_reasoning=False,
)
"""As recorded from `gpt-realtime`, over WebSocket and WebRTC, in July and August 2026."""

GPT_REALTIME_2: Final = ModelFamily(
    voice="marin",
    silence_duration_ms=500,
    has_phases=True,
    closes_items_together=True,
    counts_reasoning=True,
)
"""As recorded from `gpt-realtime-2.1` and its mini; `gpt-realtime-2` is taken to be alike."""

# By their whole names: a name that only begins like one of them may be a deployment's.
_OLDER: Final = re.compile(r"gpt-(4o-)?(mini-)?realtime(-1\.5|-mini|-preview)*(-\d{4}-\d\d-\d\d)?")


def family_of(model: str) -> ModelFamily:
    """The family of a model, by its name."""
    # A name that will be new tomorrow is more likely like the newest than like the first.
    return GPT_REALTIME if _OLDER.fullmatch(model) else GPT_REALTIME_2


class TranscriptionModel(Struct, frozen=True, kw_only=True):
    """How a model that writes down the user's speech reports it.

    Attributes:
        whole_text: whether the text comes in one delta.
        billed_by_time: whether its usage is in seconds, not in tokens.
        tells_languages: whether it says which languages it heard.
        finds_turns: whether it listens without turns, so that a session must detect none.
    """

    whole_text: bool = False
    billed_by_time: bool = False
    tells_languages: bool = False
    finds_turns: bool = False


TRANSCRIPTION_MODELS: Final[Mapping[str, TranscriptionModel]] = {
    "whisper-1": TranscriptionModel(whole_text=True, billed_by_time=True),
    "gpt-realtime-whisper": TranscriptionModel(billed_by_time=True, finds_turns=True),
    "gpt-live-transcribe": TranscriptionModel(finds_turns=True),
    "gpt-transcribe": TranscriptionModel(tells_languages=True),
}
"""Those that differ from `TranscriptionModel()`: words in deltas, usage in tokens."""


def transcription_model(name: str | None) -> TranscriptionModel:
    """How a model reports what it hears, by its name."""
    return TRANSCRIPTION_MODELS.get(name or "", TranscriptionModel())
