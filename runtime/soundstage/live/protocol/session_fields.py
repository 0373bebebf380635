"""The fields that a client may set of a Live session, their bounds and defaults.

The fields are those of the official SDK's types (openai-python 3.57, `types/live`); the bounds are
those of OpenAI's guide "Managing GPT-Live sessions".
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

# Unknown fields are refused, as the service does; frozen, so that defaults can be shared.


class _Fields(Struct, forbid_unknown_fields=True, frozen=True):
    pass


class Pcm(_Fields, tag="audio/pcm", frozen=True):
    """Mono signed 16-bit little-endian samples."""

    rate: Literal[16000, 24000]


class MuLaw(_Fields, tag="audio/pcmu", frozen=True):
    """G.711 µ-law."""

    rate: Literal[8000]


class ALaw(_Fields, tag="audio/pcma", frozen=True):
    """G.711 A-law."""

    rate: Literal[8000]


AudioFormat: TypeAlias = Pcm | MuLaw | ALaw

USUAL_FORMAT: Final = Pcm(24000)


class VoiceId(_Fields, frozen=True):
    """A voice that was made to order."""

    id: str


Voice: TypeAlias = str | VoiceId

USUAL_VOICE: Final = "marin"

VOICES: Final = (
    *("alloy", "ash", "ballad", "beacon", "bossa", "cedar", "cinder", "coral"),
    *("delta", "echo", "gleam", "marin", "meridian", "quartz", "ripple", "sage"),
    *("shida", "shimmer", "stone", "tempo", "verse", "vesper", "willow"),
)
"""The voices of the Live API, as the SDK types them."""


class OutputFields(_Fields, frozen=True):
    """How the assistant sounds."""

    voice: Voice = USUAL_VOICE


class AudioFields(_Fields, frozen=True):
    """The format of both ways, and the voice."""

    format: AudioFormat = USUAL_FORMAT
    output: OutputFields = OutputFields()


class InputText(_Fields, frozen=True):
    """What a developer or a user wrote."""

    text: str
    type: Literal["input_text"] = "input_text"


class OutputText(_Fields, frozen=True):
    """What the assistant said."""

    text: str
    type: Literal["text", "output_text"] = "text"


class _Message(_Fields, tag_field="role", frozen=True):
    pass


Status: TypeAlias = Literal["incomplete", "completed"]
OneInput: TypeAlias = Annotated[list[InputText], Meta(min_length=1, max_length=1)]
OneOutput: TypeAlias = Annotated[list[OutputText], Meta(min_length=1, max_length=1)]


class DeveloperMessage(_Message, tag="developer", frozen=True):
    """What the developer has the assistant know."""

    content: OneInput
    type: Literal["message"] = "message"
    id: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class UserMessage(_Message, tag="user", frozen=True):
    """What the user has said before."""

    content: OneInput
    type: Literal["message"] = "message"
    id: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class AssistantMessage(_Message, tag="assistant", frozen=True):
    """What the assistant has said before."""

    content: OneOutput
    type: Literal["message"] = "message"
    id: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET


HistoryItem: TypeAlias = DeveloperMessage | UserMessage | AssistantMessage

LONGEST_HISTORY: Final = 128
"""Messages that a session may begin with."""


class FunctionTool(_Fields, tag="function", frozen=True, omit_defaults=True):
    """A function that the backend may call."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionChoice(_Fields, tag="function", frozen=True):
    """The one function that must be called."""

    name: str


class Reasoning(_Fields, frozen=True, omit_defaults=True):
    """How long the backend thinks."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    summary: Literal["concise", "detailed", "auto"] | None = None


class TextFields(_Fields, frozen=True, omit_defaults=True):
    """How much the backend writes."""

    verbosity: Literal["low", "medium", "high"] | None = None


class ResponsesFields(_Fields, frozen=True, omit_defaults=True):
    """The backend that work is handed on to, a model of the Responses API."""

    model: Annotated[str, Meta(min_length=1)]
    instructions: str | None = None
    max_output_tokens: Annotated[int, Meta(ge=16)] | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    text: TextFields | None = None
    service_tier: (
        Literal["auto", "default", "flex", "priority", "ultrafast", "fast_tier_temp_pilot"] | None
    ) = None
    tool_choice: Literal["auto", "none", "required"] | FunctionChoice | None = None
    tools: list[FunctionTool] = []


Delay: TypeAlias = Annotated[int, Meta(ge=0, le=600_000)]


class ClientDelegation(_Fields, tag="client", frozen=True):
    """Work is handed on to the application."""

    acknowledgement_delay_ms: Delay = 0


class ResponsesDelegation(_Fields, tag="responses", frozen=True):
    """Work is handed on to a model that the service runs."""

    responses: ResponsesFields
    acknowledgement_delay_ms: Delay = 0


DelegationFields: TypeAlias = ClientDelegation | ResponsesDelegation


class EventSelector(_Fields, frozen=True, omit_defaults=True):
    """A type of event that a data channel may carry; of a backend's events, which of these."""

    type: str
    response_event: str | None = None


class ChannelFields(_Fields, frozen=True):
    """What the data channel of a call may carry."""

    allowed_client_events: Literal["all"] | list[str] = "all"
    allowed_server_events: Literal["all"] | list[EventSelector] = "all"


class ClientFields(_Fields, frozen=True):
    """What the client of a call may do."""

    data_channel: ChannelFields = ChannelFields()


class WakePolicy(_Fields, frozen=True):
    """What wakes a session that is paused."""

    type: Literal["speech"]
    vad_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5


class SessionFields(_Fields, frozen=True):
    """A whole session, with the defaults that the service documents."""

    model: Annotated[str, Meta(min_length=1)]
    instructions: str | None = None
    input: Annotated[list[HistoryItem], Meta(max_length=LONGEST_HISTORY)] = []
    audio: AudioFields = AudioFields()
    delegation: DelegationFields = ClientDelegation()
    # What is kept and who is safe is for a service to know; it is taken, and reported.
    store: bool = False
    safety_identifier: str | None = None
    triggers: list[dict[str, Any]] = []
    client: ClientFields = ClientFields()
    idle_timeout_s: Annotated[int, Meta(ge=1, le=7200)] | None = None
    wake_policy: WakePolicy | None = None
