"""The fields that a client may set of a session or of one response, their bounds and defaults."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

STOCK_INSTRUCTIONS: Final = (
    "You are a helpful, friendly voice assistant. Speak naturally, keep your answers short, "
    "and talk in the language that the user speaks."
)
"""The persona of a session that was given none."""

Milliseconds: TypeAlias = Annotated[int, Meta(ge=0, le=600_000)]
Modalities: TypeAlias = Annotated[list[Literal["audio", "text"]], Meta(min_length=1, max_length=1)]
# The documented bound, also of models that could say more.
OutputTokens: TypeAlias = Annotated[int, Meta(ge=1, le=4096)] | Literal["inf"]
Metadata: TypeAlias = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]],
    Meta(max_length=16),
]


# Unknown fields are refused, as the service does; frozen, so that defaults can be shared.
class _Fields(Struct, forbid_unknown_fields=True, frozen=True):
    pass


class Pcm(_Fields, tag="audio/pcm", frozen=True):
    """24 kHz mono signed 16-bit little-endian samples."""

    # The service has offered no other rate so far, and refuses any other number.
    rate: Literal[24000] = 24000


class MuLaw(_Fields, tag="audio/pcmu", frozen=True):
    """G.711 µ-law, 8 kHz."""


class ALaw(_Fields, tag="audio/pcma", frozen=True):
    """G.711 A-law, 8 kHz."""


AudioFormat: TypeAlias = Pcm | MuLaw | ALaw


class Transcription(_Fields, frozen=True):
    """How the user's speech is written down; the first three are reported even when null."""

    model: str | None = None
    language: str | None = None
    prompt: str | None = None
    languages: list[str] | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | UnsetType = UNSET


class NoiseReduction(_Fields, frozen=True, omit_defaults=True):
    """Where the microphone is; a server whose input is clean has nothing to reduce."""

    type: Literal["near_field", "far_field"] | UnsetType = UNSET
    strength: float | None = None


class ServerVad(_Fields, tag="server_vad", frozen=True):
    """Turns end with a silence; the defaults are those on the wire, not those of the documents."""

    # Each of these was read from `session.created` of recorded sessions.
    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    prefix_padding_ms: Milliseconds = 300
    silence_duration_ms: Milliseconds = 200
    idle_timeout_ms: Annotated[int, Meta(ge=5000, le=30_000)] | None = None
    create_response: bool = True
    interrupt_response: bool = True


class SemanticVad(_Fields, tag="semantic_vad", frozen=True):
    """Turns end with a sentence, or with a long silence."""

    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


class InputFields(_Fields, frozen=True):
    """What is done with the user's audio."""

    format: AudioFormat = Pcm()
    transcription: Transcription | None = None
    noise_reduction: NoiseReduction | None = None
    turn_detection: ServerVad | SemanticVad | None = ServerVad()


class VoiceId(_Fields, frozen=True):
    """A voice that was made to order."""

    id: str


Voice: TypeAlias = str | VoiceId

VOICES: Final = (
    *("alloy", "ash", "ballad", "coral", "echo"),
    *("sage", "shimmer", "verse", "marin", "cedar"),
)
"""The voices of the Realtime API, in the order of the service's own list."""


class OutputFields(_Fields, frozen=True):
    """How the assistant sounds."""

    format: AudioFormat = Pcm()
    voice: Voice = "alloy"
    speed: Annotated[float, Meta(ge=0.25, le=1.5)] = 1.0


class AudioFields(_Fields, frozen=True):
    """Audio in and audio out."""

    input: InputFields = InputFields()
    output: OutputFields = OutputFields()


class FunctionTool(_Fields, tag="function", frozen=True, omit_defaults=True):
    """A function that the assistant may call."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    description: str | None = None
    parameters: dict[str, Any] | None = None


class FunctionChoice(_Fields, tag="function", frozen=True):
    """The one function that must be called."""

    name: str


ToolChoice: TypeAlias = Literal["none", "auto", "required"] | FunctionChoice


class Tracing(_Fields, frozen=True, omit_defaults=True):
    """Names for the traces that the service keeps for its customers."""

    workflow_name: str | None = None
    group_id: str | None = None
    metadata: dict[str, Any] | None = None


class RetentionRatio(_Fields, tag="retention_ratio", frozen=True, omit_defaults=True):
    """How much of a context that has grown too long is kept."""

    retention_ratio: Annotated[float, Meta(ge=0, le=1)]
    token_limits: dict[str, int] | None = None


class Reasoning(_Fields, frozen=True):
    """How long the model thinks."""

    # `none` is in no type of the SDK's, and every gpt-realtime-2 takes it (pydantic-ai sends it).
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | UnsetType = UNSET


class SessionFields(_Fields, frozen=True):
    """A whole session, with the defaults that the service shows on the wire."""

    type: Literal["realtime"] = "realtime"
    model: str = ""
    output_modalities: Modalities = msgspec.field(default_factory=lambda: ["audio"])
    instructions: str = STOCK_INSTRUCTIONS
    tools: list[FunctionTool] = []
    tool_choice: ToolChoice = "auto"
    max_output_tokens: OutputTokens = "inf"
    # What follows is taken and reported; only a service with models and customers acts on it.
    tracing: Literal["auto"] | Tracing | None = None
    truncation: Literal["auto", "disabled"] | RetentionRatio = "auto"
    prompt: dict[str, Any] | None = None
    audio: AudioFields = AudioFields()
    include: list[Literal["item.input_audio_transcription.logprobs"]] | None = None
    parallel_tool_calls: bool | UnsetType = UNSET
    reasoning: Reasoning | UnsetType = UNSET


class TranscriptionAudio(_Fields, frozen=True):
    """Audio in, and none out."""

    input: InputFields = InputFields()


class TranscriptionFields(_Fields, frozen=True):
    """A session that writes down what it hears, and says nothing."""

    type: Literal["transcription"] = "transcription"
    audio: TranscriptionAudio = TranscriptionAudio()
    include: list[Literal["item.input_audio_transcription.logprobs"]] | None = None


class ResponseOutputFields(_Fields, frozen=True):
    """How the assistant sounds in one response."""

    format: AudioFormat | UnsetType = UNSET
    voice: Voice | UnsetType = UNSET


class ResponseAudioFields(_Fields, frozen=True):
    """The audio of one response."""

    output: ResponseOutputFields = ResponseOutputFields()


class ResponseFields(_Fields, frozen=True):
    """What `response.create` may set; what it does not is as the session has it."""

    # UNSET below means: as the session has it. Null is a value that a client chose.
    conversation: Literal["auto", "none"] | None = "auto"
    input: list[dict[str, Any]] | None = None
    instructions: str | UnsetType = UNSET
    output_modalities: Modalities | UnsetType = UNSET
    audio: ResponseAudioFields = ResponseAudioFields()
    tools: list[FunctionTool] | UnsetType = UNSET
    tool_choice: ToolChoice | UnsetType = UNSET
    parallel_tool_calls: bool | UnsetType = UNSET
    max_output_tokens: OutputTokens | UnsetType = UNSET
    metadata: Metadata | None = None
    prompt: dict[str, Any] | None = None
    reasoning: Reasoning | UnsetType = UNSET


NULL_IS_WRONG: Final = (ServerVad, SemanticVad)
"""Where a null is no way to leave a field out: the service answers `create_response: null` with
"expected a boolean". Elsewhere clients send null for every field that the SDK types Optional, and
the service takes it as absent (livekit-plugins-openai does, with every reply)."""
