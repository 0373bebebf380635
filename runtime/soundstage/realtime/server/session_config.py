"""A session's configuration: its defaults on the wire, and what an update may change."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias, TypeGuard

import msgspec

from soundstage.errors import ClientFault
from soundstage.realtime.audio_formats import PCM, Coder, Coding, kind_of
from soundstage.realtime.protocol.client_errors import (
    invalid_choice,
    invalid_type,
    missing_parameter,
)
from soundstage.realtime.protocol.json_reading import read, without_nulls
from soundstage.realtime.protocol.model_families import (
    ModelFamily,
    family_of,
    transcription_model,
)
from soundstage.realtime.protocol.session_fields import (
    NULL_IS_WRONG,
    VOICES,
    AudioFields,
    AudioFormat,
    FunctionChoice,
    InputFields,
    OutputFields,
    SemanticVad,
    ServerVad,
    SessionFields,
    TranscriptionFields,
)
from soundstage.realtime.turn_detector import LONGEST_WAIT_MS, TurnSettings
from soundstage.units import samples_of_ms

Transport: TypeAlias = Literal["webrtc", "websocket"]
"""How audio travels: as media beside the events, or inside them."""

LASTS_SECONDS: Final = 3600
"""How long a session lives."""

MOST_RETRIEVED_BYTES: Final = {"webrtc": 180_000, "websocket": 15 << 20}
"""PCM that is sent back with a retrieved item: a message of a data channel holds 256 KiB."""

_ROOT: Final = "session"
_KINDS: Final = ("realtime", "transcription")


class SessionConfig:
    """The session as `session.created` and `session.updated` report it.

    Everything the service takes is checked and reported. Noise reduction, tracing, truncation
    and reasoning are settings of a model and a microphone that an endpoint without them has no
    use for: they change nothing that a client can see in the protocol.

    Args:
        ident: the session's id.
        model: its model.
        transport: how audio travels.
        expires_at: UNIX seconds, or 0 where the date is not known.
        coding: knows the audio formats that a WebSocket session may have.
        given: the first `update`; its `type` says for good what kind of session it is, one that
            answers where there is none.
        model_is_fixed: whether an update that names another model is refused, as at the service.
        strict: whether a voice that the service does not have is refused, as there.

    Attributes:
        fields: what is configured.
        turns: how turns are detected; None where the client says when they end.

    Raises:
        ClientFault: what is given is wrong.
    """

    def __init__(
        self,
        ident: str,
        model: str,
        *,
        transport: Transport = "webrtc",
        expires_at: int = 0,
        coding: Coding | None = None,
        given: dict[str, Any] | None = None,
        model_is_fixed: bool = True,
        strict: bool = False,
    ) -> None:
        transcribes = given is not None and given.get("type") == "transcription"
        self._family = family_of(model)
        self.fields: SessionFields | TranscriptionFields = (
            TranscriptionFields() if transcribes else session_of(model)
        )
        self.turns = _turns(self.fields.audio.input.turn_detection)
        self._ident = ident
        self._model_is_fixed = model_is_fixed
        self._strict = strict
        self._transport: Transport = transport
        self._coding = coding or Coding()
        if given:
            self.update(given)
        # Last: a configuration that is refused makes no session.
        self._expires_at = expires_at

    @property
    def answers(self) -> SessionFields | None:
        """What replies are made with; None in a session that only writes down what it hears."""
        return self.fields if isinstance(self.fields, SessionFields) else None

    def wire(self, *, of_secret: bool = False) -> dict[str, Any]:
        """The session object of the protocol.

        Args:
            of_secret: as the answer to `client_secrets` has it, with the nulls of tools.
        """
        fields: dict[str, Any] = msgspec.to_builtins(self.fields)
        for tool in fields.get("tools", ()) if of_secret else ():
            tool.setdefault("description", None)
        kind = "realtime.session" if self.answers else "realtime.transcription_session"
        own = {"object": kind, "id": self._ident, "expires_at": self._expires_at}
        return fields | own

    def input_decoder(self) -> Coder:
        """Makes PCM of what the client sends in events."""
        return self._coding.decoder(self._kind_in_events(self.fields.audio.input.format))

    @property
    def most_retrieved_bytes(self) -> int:
        """PCM that is sent back with a retrieved item."""
        return MOST_RETRIEVED_BYTES[self._transport]

    def input_encoder(self) -> Coder:
        """Makes of PCM what the client gets back."""
        return self._coding.encoder(self._kind_in_events(self.fields.audio.input.format))

    def _kind_in_events(self, audio_format: AudioFormat) -> str:
        # A call may come without coders: audio in its events is PCM then, whatever it says.
        kind = kind_of(audio_format)
        return kind if self._coding.offers(kind) else PCM

    def update(self, changes: dict[str, Any], *, voice_is_fixed: bool = False) -> None:
        """Change what is given; all of it or, with a fault, nothing.

        Args:
            changes: the body of `session.update`.
            voice_is_fixed: whether the assistant has been heard already.

        Raises:
            ClientFault: a field is unknown, wrong, not offered, or may not be changed any more.
        """
        # The service demands it in every update, even where it could be known.
        if "type" not in changes:
            raise missing_parameter(f"{_ROOT}.type")
        if changes["type"] is None:
            raise invalid_type(f"{_ROOT}.type", ["a string"], None)
        if changes["type"] in _KINDS and changes["type"] != self.fields.type:
            message = (
                f"Passing a {changes['type']} session update event to a {self.fields.type} "
                "session is not allowed."
            )
            raise ClientFault("invalid_parameter", message, param=f"{_ROOT}.type")
        check_mcp(changes, _ROOT)
        changes = without_nulls(changes, type(self.fields), but=NULL_IS_WRONG)
        # As JSON, so that the whole of it is read and checked again, defaults and all.
        merged = _merged(msgspec.to_builtins(self.fields), changes)
        if self.answers is not None:
            _fill_in(merged, self._family)
        new: SessionFields | TranscriptionFields
        if (old := self.answers) is None:
            new = read(merged, TranscriptionFields, _ROOT)
            _check_turns(new.audio.input)
        else:
            new = read(merged, SessionFields, _ROOT)
            self._check_answers(old, new, voice_is_fixed=voice_is_fixed)
        self._check_heard(new)
        self.fields = new
        self.turns = _turns(new.audio.input.turn_detection)

    def check_voice(self, voice: object, root: str) -> None:
        """See that the service has a voice, where that is wanted; one made to order is believed.

        Raises:
            ClientFault: it has not.
        """
        if self._strict and isinstance(voice, str) and voice not in VOICES:
            raise invalid_choice(f"{root}.audio.output.voice", voice, VOICES)

    def _check_heard(self, new: SessionFields | TranscriptionFields) -> None:
        # There are no probabilities to give, and made-up ones would mislead.
        if new.include:
            raise not_offered("Log probabilities are", f"{_ROOT}.include")
        self._check_format(new.audio.input, "input")

    def _check_format(self, fields: InputFields | OutputFields, side: str) -> None:
        # The codec of a call is negotiated with the media; what is said here changes nothing.
        if self._transport == "websocket" and not self._coding.offers(kind_of(fields.format)):
            raise not_offered("G.711 is", f"{_ROOT}.audio.{side}.format.type")

    def _check_answers(
        self, old: SessionFields, new: SessionFields, *, voice_is_fixed: bool
    ) -> None:
        if self._model_is_fixed and new.model != old.model:
            message = f"The model of a session is fixed: it is '{old.model}'."
            raise ClientFault("invalid_value", message, param=f"{_ROOT}.model")
        # The whole update is refused, as at the service: half of one would be worse.
        if voice_is_fixed and new.audio.output.voice != old.audio.output.voice:
            raise voice_fault(_ROOT)
        self.check_voice(new.audio.output.voice, _ROOT)
        if new.prompt is not None:
            raise not_offered("Stored prompts are", f"{_ROOT}.prompt")
        choice = new.tool_choice
        named = choice.name if isinstance(choice, FunctionChoice) else None
        if named is not None and all(tool.name != named for tool in new.tools):
            message = f"Tool choice '{named}' not found in 'tools' parameter."
            raise ClientFault("invalid_value", message, param=f"{_ROOT}.tool_choice")
        self._check_format(new.audio.output, "output")


def not_offered(what: str, param: str) -> ClientFault:
    """A feature of the service that is not offered here; `what` says which, with its verb."""
    return ClientFault("invalid_value", f"{what} not available in this session.", param=param)


def check_mcp(fields: dict[str, Any], root: str) -> None:
    """See that no MCP server is asked for.

    Raises:
        ClientFault: one is.
    """
    tools = fields.get("tools")
    for place, tool in enumerate(tools if isinstance(tools, list) else ()):
        if _is_table(tool) and tool.get("type") == "mcp":
            raise not_offered("MCP tools are", f"{root}.tools[{place}].type")
    choice = fields.get("tool_choice")
    if _is_table(choice) and choice.get("type") == "mcp":
        raise not_offered("MCP tools are", f"{root}.tool_choice.type")


def voice_fault(root: str) -> ClientFault:
    """The voice may not change any more."""
    return ClientFault(
        "cannot_update_voice",
        "Cannot update a conversation's voice if assistant audio is present.",
        param=f"{root}.audio.output.voice",
    )


def _merged(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The old fields with the changes over them, field by field within `audio`'s two sides."""
    merged = old | changes
    if _is_table(audio := changes.get("audio")):
        merged["audio"] = old["audio"] | audio
        for side in old["audio"]:
            if _is_table(given := audio.get(side)):
                # No deeper: `turn_detection` and the like are replaced as a whole,
                merged["audio"][side] = old["audio"][side] | given
                # but for this one, of which the service keeps what an update leaves out.
                reduction = given.get("noise_reduction")
                if _is_table(reduction) and old["audio"][side].get("noise_reduction"):
                    kept = old["audio"][side]["noise_reduction"] | reduction
                    merged["audio"][side]["noise_reduction"] = kept
    return merged


def session_of(model: str) -> SessionFields:
    """A session as its client finds it, with the defaults of its model."""
    family = family_of(model)
    detection = ServerVad(silence_duration_ms=family.silence_duration_ms)
    return SessionFields(
        model=model,
        audio=AudioFields(
            input=InputFields(turn_detection=detection), output=OutputFields(voice=family.voice)
        ),
    )


def _fill_in(session: dict[str, Any], family: ModelFamily) -> None:
    """Give a turn detection that says nothing of its silence the one of its model."""
    audio = session["audio"]
    given = audio.get("input") if _is_table(audio) else None
    detection = given.get("turn_detection") if _is_table(given) else None
    if _is_table(given) and _is_table(detection) and detection.get("type") == "server_vad":
        silence = {"silence_duration_ms": family.silence_duration_ms}
        given["turn_detection"] = silence | detection


def _check_turns(fields: InputFields) -> None:
    """See that a model that finds turns itself is not given turns."""
    model = fields.transcription.model if fields.transcription is not None else None
    # They listen without turns, so that a turn detector beside them would contradict them.
    if transcription_model(model).finds_turns and fields.turn_detection is not None:
        message = f"Turn detection is not supported with the model '{model}': set it to null."
        raise ClientFault("invalid_value", message, param=f"{_ROOT}.audio.input.turn_detection")


def _is_table(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _turns(detection: ServerVad | SemanticVad | None) -> TurnSettings | None:
    match detection:
        case ServerVad():
            idle = detection.idle_timeout_ms
            return TurnSettings(
                threshold=detection.threshold,
                prefix=samples_of_ms(detection.prefix_padding_ms),
                silence=samples_of_ms(detection.silence_duration_ms),
                create_response=detection.create_response,
                interrupt_response=detection.interrupt_response,
                idle=None if idle is None else samples_of_ms(idle),
            )
        case SemanticVad():
            return TurnSettings(
                silence=samples_of_ms(LONGEST_WAIT_MS[detection.eagerness]),
                semantic=True,
                create_response=detection.create_response,
                interrupt_response=detection.interrupt_response,
            )
        case None:
            return None
