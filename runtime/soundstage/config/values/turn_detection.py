"""Turn detection of a Realtime session, as scenario files write it."""

from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from soundstage.config.values.duration import Duration
from soundstage.config.values.table import Table
from soundstage.units import ms_of

_SHORTEST_IDLE = Duration("5s")
_LONGEST_IDLE = Duration("30s")
_SERVER_ONLY = ("threshold", "prefix_padding", "silence_duration", "idle_timeout")
_DEFAULT_SILENCE = Duration("500ms")


class TurnDetection(Table):
    """How a session notices that the other side has finished; the wire's names without `_ms`.

    Attributes:
        type: `server_vad`, `semantic_vad`, or `none`: the agent takes no turn by itself.
        threshold: the probability of speech from which it counts, 0 to 1.
        prefix_padding: how much audio before the speech belongs to it.
        silence_duration: how long a silence ends a turn.
        create_response: whether the end of a turn makes a reply.
        interrupt_response: whether speech cuts a reply short.
        idle_timeout: how long a silence lasts until a reply is made anyway, 5 to 30 s.
        eagerness: with `semantic_vad`, how soon a turn counts as over.
        backchannel: sounds of others that are shorter than this, such as "mm-hm", do not cut a
            reply short and are not answered; none where it is not set.
    """

    type: Literal["server_vad", "semantic_vad", "none"] = "server_vad"
    threshold: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    prefix_padding: Duration | None = None
    silence_duration: Duration | None = None
    create_response: StrictBool | None = None
    interrupt_response: StrictBool | None = None
    idle_timeout: Duration | None = None
    eagerness: Literal["auto", "low", "medium", "high"] | None = None
    backchannel: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _none_is_text(cls, value: object) -> object:
        return {"type": "none"} if value == "none" else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"const": "none"}]}

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        given = self.model_fields_set - {"type"}
        if self.type == "none" and given:
            raise ValueError(f'{min(given)} does not go with type = "none"')
        if self.type == "server_vad" and "eagerness" in given:
            raise ValueError('eagerness goes with type = "semantic_vad"')
        wrong = [key for key in _SERVER_ONLY if key in given]
        if self.type == "semantic_vad" and wrong:
            raise ValueError(f'{wrong[0]} goes with type = "server_vad"')
        if self.idle_timeout and not _SHORTEST_IDLE <= self.idle_timeout <= _LONGEST_IDLE:
            raise ValueError("idle_timeout lies between 5s and 30s")
        return self

    def wire(self) -> dict[str, object] | None:
        """The `turn_detection` of the protocol: what is set, and the silence always."""
        if self.type == "none":
            return None
        fields: dict[str, object] = {"type": self.type}
        if self.type == "server_vad":
            # Documents and servers disagree on its default, so it is always said.
            fields["silence_duration_ms"] = ms_of(self.silence_duration or _DEFAULT_SILENCE)
        for key in ("prefix_padding", "idle_timeout"):
            duration = getattr(self, key)
            if duration is not None:
                fields[f"{key}_ms"] = ms_of(duration)
        for key in ("threshold", "create_response", "interrupt_response", "eagerness"):
            if getattr(self, key) is not None:
                fields[key] = getattr(self, key)
        return fields
