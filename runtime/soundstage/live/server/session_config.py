"""What a Live session is configured to be, and what of it may still change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeGuard, TypeVar

import msgspec
from msgspec import structs

from soundstage.errors import ClientFault
from soundstage.live.protocol.session_fields import (
    VOICES,
    ClientDelegation,
    DelegationFields,
    FunctionChoice,
    Pcm,
    ResponsesDelegation,
    SessionFields,
)
from soundstage.realtime import client_errors, json_reading
from soundstage.units import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.realtime import Coding

Shape = TypeVar("Shape")

Door: TypeAlias = Literal["websocket", "webrtc"]
"""How a session's audio travels: in events, or as tracks."""

LASTS_SECONDS: Final = 7200
"""How long a session lives at the service, as clients have observed."""

_ROOT: Final = "session"
_UPDATABLE: Final = frozenset({"delegation", "triggers"})
_OF_CALLS_ONLY: Final = ("idle_timeout_s", "wake_policy")
_HOSTED: Final = (
    *("web_search", "file_search", "code_interpreter", "shell", "image_generation", "mcp"),
    *("custom", "namespace", "tool_search", "programmatic_tool_calling", "computer"),
    "apply_patch",
)
"""Tools that the service has, and a backend without one has not."""

_WORDS_OF_TOKENS: Final = 4
"""Letters of a token, on average: the tokeniser itself is the service's."""

LONGEST_INSTRUCTIONS: Final = 16_384
"""Tokens of a session's instructions."""

LONGEST_HISTORY_TOKENS: Final = 8_192
"""Tokens of the messages that it begins with; each counts eight more."""

_MESSAGE_TOKENS: Final = 8


def tokens_of(text: str) -> int:
    """About how many tokens a text has; ten words have some thirteen."""
    return (len(text) + _WORDS_OF_TOKENS - 1) // _WORDS_OF_TOKENS


class SessionConfig:
    """The fields of a session, with what follows from them.

    Args:
        ident: the session's id.
        given: as in `session.start`, or the `session` of a call.
        door: how its audio travels.
        expires_at: seconds since 1970.
        coding: for the formats of audio; those it lacks are refused.
        strict: whether a voice that the service does not have is refused, as there.

    Attributes:
        fields: as they are now.

    Raises:
        ClientFault: the configuration is wrong.
    """

    def __init__(
        self,
        ident: str,
        given: Mapping[str, Any],
        *,
        door: Door,
        expires_at: int,
        coding: Coding,
        strict: bool = False,
    ) -> None:
        self._ident = ident
        self._expires_at = expires_at
        self._coding = coding
        self._door = door
        self._strict = strict
        self.fields = self._begun(dict(given))

    @property
    def responses(self) -> ResponsesDelegation | None:
        """The backend, where it is one that the service runs."""
        delegation = self.fields.delegation
        return delegation if isinstance(delegation, ResponsesDelegation) else None

    @property
    def tools(self) -> tuple[dict[str, Any], ...]:
        """The functions that the backend may call, in the protocol's words."""
        backend = self.responses
        tools = () if backend is None else backend.responses.tools
        return tuple(msgspec.to_builtins(tool) for tool in tools)

    @property
    def tool_choice(self) -> str:
        """`auto`, `none`, or `required`."""
        backend = self.responses
        choice = None if backend is None else backend.responses.tool_choice
        return "required" if isinstance(choice, FunctionChoice) else choice or "auto"

    @property
    def voice(self) -> str:
        """The voice's name, or its id."""
        voice = self.fields.audio.output.voice
        return voice if isinstance(voice, str) else voice.id

    @property
    def audio_kind(self) -> str:
        """The format's name, as coders know it."""
        return _kind_of(self.fields)

    def wire(self) -> dict[str, Any]:
        """The session's resource, with all its fields."""
        fields: dict[str, Any] = msgspec.to_builtins(self.fields)
        if self._door == "webrtc":
            del fields["audio"]["format"]
        else:
            for name in _OF_CALLS_ONLY:
                del fields[name]
        # Always active, also when it is closed: so the SDK types it.
        return {
            "id": self._ident,
            **fields,
            "expires_at": self._expires_at,
            "status": "active",
        }

    def update(self, changes: dict[str, Any]) -> None:
        """Change what may be changed; all of it or nothing.

        Raises:
            ClientFault: it is something else, or wrong.
        """
        for name in changes:
            if name not in SessionFields.__struct_fields__ and name != "id":
                raise client_errors.unknown_parameter(f"{_ROOT}.{name}")
            if name not in _UPDATABLE:
                raise _immutable(name)
        _check_triggers(changes)
        if "delegation" in changes:
            self.fields = structs.replace(
                self.fields, delegation=self._changed(changes["delegation"])
            )

    def _begun(self, given: dict[str, Any]) -> SessionFields:
        self._check_door(given)
        _check_triggers(given)
        if given.get("store"):
            raise not_offered("Stored sessions are", f"{_ROOT}.store")
        given["delegation"] = _delegation_of(given.get("delegation"))
        fields = _read(given, SessionFields, _ROOT)
        if fields.instructions is not None and not fields.instructions.strip():
            fields = structs.replace(fields, instructions=None)
        self._check_voice(fields.audio.output.voice)
        self._check_lengths(fields)
        _check_choice(fields.delegation)
        if not self._coding.offers(_kind_of(fields)):
            raise not_offered("This format is", f"{_ROOT}.audio.format")
        return fields

    def _check_door(self, given: dict[str, Any]) -> None:
        audio = given.get("audio")
        if self._door == "webrtc":
            # The codec of a call is negotiated with the media.
            if _is_table(audio) and "format" in audio:
                raise client_errors.unknown_parameter(f"{_ROOT}.audio.format")
            return
        for name in _OF_CALLS_ONLY:
            if name in given:
                raise client_errors.unknown_parameter(f"{_ROOT}.{name}")

    def _check_voice(self, voice: object) -> None:
        if self._strict and isinstance(voice, str) and voice not in VOICES:
            message = f"The voice '{voice}' is not available to this project."
            raise ClientFault("forbidden", message, param=f"{_ROOT}.audio.output.voice")

    def _check_lengths(self, fields: SessionFields) -> None:
        tokens = tokens_of(fields.instructions or "")
        if tokens > LONGEST_INSTRUCTIONS:
            raise too_long(f"{_ROOT}.instructions", LONGEST_INSTRUCTIONS)
        history = sum(tokens_of(each.content[0].text) + _MESSAGE_TOKENS for each in fields.input)
        if history > LONGEST_HISTORY_TOKENS:
            raise too_long(f"{_ROOT}.input", LONGEST_HISTORY_TOKENS)

    def _changed(self, given: object) -> DelegationFields:
        """The delegation with some of its settings changed."""
        changes, old = _delegation_of(given), self.fields.delegation
        was = str(old.__struct_config__.tag)
        if _is_table(changes) and changes.get("type", was) != was:
            raise _immutable("delegation.type")
        merged: dict[str, Any] = msgspec.to_builtins(old)
        if _is_table(changes):
            nested = changes.get("responses")
            merged |= changes
            if _is_table(nested) and isinstance(old, ResponsesDelegation):
                merged["responses"] = msgspec.to_builtins(old.responses) | nested
        kind = type(old)
        path = f"{_ROOT}.delegation"
        changed: DelegationFields = _read(merged, kind, path)
        _check_choice(changed)
        return changed


def _kind_of(fields: SessionFields) -> str:
    """`audio/pcm`, as inside; with its rate where that differs; or a telephone's format."""
    used = fields.audio.format
    kind = str(used.__struct_config__.tag)
    return (
        f"{kind};rate={used.rate}" if isinstance(used, Pcm) and used.rate != SAMPLE_RATE else kind
    )


def not_offered(what: str, param: str) -> ClientFault:
    """A feature of the service that is not offered here; `what` says which, with its verb."""
    return ClientFault("invalid_value", f"{what} not available in this session.", param=param)


def too_long(param: str, most: int) -> ClientFault:
    """A text of too many tokens."""
    message = f"Invalid '{param}': expected at most {most} tokens."
    return ClientFault("invalid_value", message, param=param)


def _immutable(name: str) -> ClientFault:
    message = f"The field '{name}' cannot be changed once the session has started."
    return ClientFault("immutable_field_update", message, param=f"{_ROOT}.{name}")


def _check_triggers(given: Mapping[str, Any]) -> None:
    if given.get("triggers"):
        raise not_offered("Triggers are", f"{_ROOT}.triggers")


def _check_choice(delegation: DelegationFields) -> None:
    """See that the function that must be called exists."""
    if not isinstance(delegation, ResponsesDelegation):
        return
    choice = delegation.responses.tool_choice
    named = choice.name if isinstance(choice, FunctionChoice) else None
    if named is not None and all(tool.name != named for tool in delegation.responses.tools):
        message = f"Tool choice '{named}' not found in 'tools' parameter."
        path = f"{_ROOT}.delegation.responses.tool_choice"
        raise ClientFault("invalid_value", message, param=path)


def _delegation_of(given: object) -> object:
    """The delegation as it is to be read; an absent one goes to the client.

    Raises:
        ClientFault: it is one that is not offered, with tools that are not, or of no type.
    """
    path = f"{_ROOT}.delegation"
    if given is None:
        return msgspec.to_builtins(ClientDelegation())
    if not _is_table(given):
        return given
    kind = given.get("type")
    if kind is None:
        raise client_errors.missing_parameter(f"{path}.type")
    if kind == "decisions":
        raise not_offered("Decisions are", f"{path}.type")
    if kind not in ("client", "responses"):
        raise client_errors.invalid_choice(
            f"{path}.type", kind, ("client", "responses", "decisions")
        )
    backend = given.get("responses")
    tools = backend.get("tools") if _is_table(backend) else None
    for place, tool in enumerate(tools if isinstance(tools, list) else ()):
        if _is_table(tool) and tool.get("type") in _HOSTED:
            what = f"Tools of the type '{tool['type']}' are"
            raise not_offered(what, f"{path}.responses.tools[{place}].type")
    choice = backend.get("tool_choice") if _is_table(backend) else None
    if _is_table(choice) and choice.get("type") in (*_HOSTED, "allowed_tools"):
        what = f"A tool choice of the type '{choice['type']}' is"
        raise not_offered(what, f"{path}.responses.tool_choice.type")
    return given


def _read(given: dict[str, Any], shape: type[Shape], path: str) -> Shape:
    """Read what a client gave, in which null leaves a field out."""
    return json_reading.read(json_reading.without_nulls(given, shape), shape, path)


def _is_table(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
