"""What one response is made with: the session's settings, and those of `response.create`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.items import read_item
from soundstage.realtime.protocol.json_reading import read, without_nulls
from soundstage.realtime.protocol.model_families import ModelFamily, family_of
from soundstage.realtime.protocol.session_fields import (
    FunctionChoice,
    FunctionTool,
    Reasoning,
    ResponseFields,
    SessionFields,
    VoiceId,
)
from soundstage.realtime.server.session_config import check_mcp, not_offered

if TYPE_CHECKING:
    from soundstage.realtime.protocol.items import Item

Value = TypeVar("Value")

MODEL_OUTPUT_TOKENS: Final = 4096
"""The longest output of the model, which is what `inf` stands for."""

_ROOT: Final = "response"


class ResponseSettings(Struct, frozen=True, kw_only=True):
    """What a response is made with.

    Attributes:
        out_of_band: whether it stays out of the conversation.
        spoken: whether it is spoken, not written.
        instructions: the persona.
        tools: the functions it may call, as in the protocol.
        tool_choice: `auto`, or `required` where it must call one.
        parallel: whether it may call several.
        max_output_tokens: a number or `inf`.
        format: of the audio, as in the protocol.
        voice: of the audio, as in the protocol.
        voice_name: the voice's name or id.
        has_own_voice: whether the voice was asked for with the response.
        speed: factor on the pace of speech.
        family: what is particular to the session's model.
        counts_reasoning: whether its usage says how many tokens went into reasoning.
        metadata: the client's own notes.
        input: the items that are all it knows; None where it knows the conversation.
    """

    out_of_band: bool
    spoken: bool
    instructions: str
    tools: tuple[dict[str, Any], ...]
    tool_choice: str
    parallel: bool
    max_output_tokens: int | str
    format: Any
    voice: Any
    voice_name: str
    has_own_voice: bool
    speed: float
    family: ModelFamily
    counts_reasoning: bool
    metadata: dict[str, str] | None
    input: tuple[Item, ...] | None

    @property
    def token_limit(self) -> int:
        """The most tokens it may have."""
        limit = self.max_output_tokens
        return limit if isinstance(limit, int) else MODEL_OUTPUT_TOKENS


def response_settings(session: SessionFields, given: dict[str, Any]) -> ResponseSettings:
    """What a response is made with.

    Args:
        session: the session's own settings.
        given: the body of `response.create`, empty for none.

    Raises:
        ClientFault: a field is unknown, wrong, or not offered.
    """
    # Before the fields are read: there, an MCP tool is a wrong type and not a missing feature.
    check_mcp(given, _ROOT)
    # Null is absent here: livekit-plugins-openai gives `instructions: null` with every reply.
    fields = read(without_nulls(given, ResponseFields), ResponseFields, _ROOT)
    if fields.prompt is not None:
        raise not_offered("Stored prompts are", f"{_ROOT}.prompt")
    family = family_of(session.model)
    output = fields.audio.output
    voice = _either(output.voice, session.audio.output.voice)
    choice = _either(fields.tool_choice, session.tool_choice)
    tools = _chosen(_either(fields.tools, session.tools), choice)
    return ResponseSettings(
        out_of_band=fields.conversation == "none",
        spoken=_either(fields.output_modalities, session.output_modalities) == ["audio"],
        instructions=_either(fields.instructions, session.instructions),
        tools=tuple(msgspec.to_builtins(tool) for tool in tools),
        # `none` has emptied the tools, and a named one is the only tool left: one word says all.
        tool_choice="auto" if choice in ("auto", "none") else "required",
        parallel=_either(fields.parallel_tool_calls, session.parallel_tool_calls) is not False,
        max_output_tokens=_either(fields.max_output_tokens, session.max_output_tokens),
        format=msgspec.to_builtins(_either(output.format, session.audio.output.format)),
        voice=msgspec.to_builtins(voice),
        voice_name=voice.id if isinstance(voice, VoiceId) else voice,
        # A voice that is the session's own may have changed before anything was spoken.
        has_own_voice=output.voice is not UNSET,
        speed=session.audio.output.speed,
        family=family,
        counts_reasoning=family.counts_reasoning and _reasons(fields.reasoning, session.reasoning),
        metadata=fields.metadata,
        input=None if fields.input is None else _read_input(fields.input),
    )


def _either(own: Value | UnsetType, otherwise: Value) -> Value:
    return otherwise if own is UNSET else own


def _reasons(own: Reasoning | UnsetType, session: Reasoning | UnsetType) -> bool:
    """Whether a client has asked for reasoning; without that, no usage tells of it."""
    asked = session if own is UNSET else own
    return isinstance(asked, Reasoning) and asked.effort != "none"


def _chosen(tools: list[FunctionTool], choice: str | FunctionChoice) -> list[FunctionTool]:
    # They are not even shown to a model, so that it does not talk of them.
    if choice == "none":
        return []
    if not isinstance(choice, FunctionChoice):
        return tools
    chosen = [tool for tool in tools if tool.name == choice.name]
    if not chosen:
        message = f"Tool choice '{choice.name}' not found in 'tools' parameter."
        raise ClientFault("invalid_value", message, param=f"{_ROOT}.tool_choice")
    return chosen


def _read_input(items: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(
        read_item(item, f"{_ROOT}.input[{place}]", may_refer=True)
        for place, item in enumerate(items)
    )
