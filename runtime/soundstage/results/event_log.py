"""The event log: the vocabulary and schema of its lines, writing them, and reading them again."""

from __future__ import annotations

import gzip
import keyword
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias, cast, get_args

import msgspec
from msgspec import Struct

from soundstage.errors import RunFolderError
from soundstage.messages import events
from soundstage.messages.events import EVENT_SCHEMA_VERSION, Event
from soundstage.results.append_file import AppendFile
from soundstage.units import Samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class UnknownEvent(Struct, frozen=True, kw_only=True):
    """A line of a log whose type this version does not know, kept as it was written.

    Attributes:
        pts: samples since the run began.
        agent: the agent that it is about; empty for the run itself.
        type: the type that was written.
        fields: the whole line, `type`, `pts` and `agent` included.
    """

    pts: Samples
    agent: str = ""
    type: str
    fields: dict[str, Any]


KnownEvent: TypeAlias = (
    events.RunStarted
    | events.Joined
    | events.Left
    | events.VoiceStarted
    | events.VoiceStopped
    | events.AgentSpeechStarted
    | events.AgentSpeechStopped
    | events.ResponseStarted
    | events.ResponseDone
    | events.Saying
    | events.Listening
    | events.HeardText
    | events.Turn
    | events.Interrupted
    | events.FloorGiven
    | events.FloorPassed
    | events.FloorTaken
    | events.FloorWanted
    | events.CueGiven
    | events.Pressed
    | events.Dtmf
    | events.Entered
    | events.Exited
    | events.ToolCalled
    | events.ToolReturned
    | events.ToolDropped
    | events.Fault
    | events.Warned
    | events.Noted
    | events.Wire
    | events.Audio
    | events.Carried
    | events.Dropped
    | events.Reconnected
    | events.HangUp
    | events.RunEnded
)
"""Every type of event there is in this version."""

AnyEvent: TypeAlias = events.Event | UnknownEvent
"""A line of the log, whatever version wrote it."""

_encoder: Final = msgspec.json.Encoder(order="deterministic")
_decoder: Final = msgspec.json.Decoder()
_LATEST: Final[Samples] = 2**53
"""No event is later, by 12,000 years: what is, would make tables and pictures of that length."""

_types: Final[dict[str | int | None, type[Event]]] = {
    event.__struct_config__.tag: event for event in get_args(KnownEvent)
}


class EventLog:
    """Writes events, a whole line at a time.

    Args:
        file: the file that holds them.
        hold: how many events may wait in memory; then all of them are written.

    Attributes:
        has_events: whether any event has been written.
    """

    def __init__(self, file: AppendFile, *, hold: int = 64) -> None:
        self._file = file
        self._hold = hold
        self._held = 0
        self.has_events = False

    @classmethod
    def open(cls, path: Path) -> EventLog:
        """Create the file, or empty it.

        Raises:
            RecordingFailed: it cannot be opened.
        """
        return cls(AppendFile.open(path))

    def write(self, event: AnyEvent) -> None:
        """Add an event.

        Raises:
            RecordingFailed: the file takes no more; this event is not added.
            TypeError: a value in the event has no JSON form.
        """
        line = encode_event(event)
        if self._held >= self._hold:
            self.flush()
        self._file.put(line)
        self._held += 1
        self.has_events = True

    def flush(self) -> None:
        """Write what waits in memory.

        Raises:
            RecordingFailed: the file takes no more.
        """
        self._file.drain()
        self._held = 0

    def close(self) -> None:
        """Write what waits and close the file.

        Raises:
            RecordingFailed: the file takes no more.
        """
        self._file.close()


def encode_event(event: AnyEvent) -> bytes:
    """An event as its line of the log, the line's end included.

    Raises:
        TypeError: a value in the event has no JSON form.
    """
    body = event.fields if isinstance(event, UnknownEvent) else event
    try:
        return _encoder.encode(body) + b"\n"
    except UnicodeEncodeError:
        # Half a surrogate pair: names of files and texts of errors may hold one, and JSON may not.
        return msgspec.json.encode(_repaired(msgspec.to_builtins(body))) + b"\n"


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_repaired(key): _repaired(inner) for key, inner in value.items()}
    return [_repaired(inner) for inner in value] if isinstance(value, list | tuple) else value


def read_events(path: Path) -> Iterator[AnyEvent]:
    """The events of a log, in order; one whose name ends in `.gz` is compressed.

    An event of a type that is not known comes as an `UnknownEvent`. Fields that are not known are
    kept as further attributes of the event, whose class is then a subclass of the known one; what
    was read can be written again without loss. A last line that was torn off is left out.

    Raises:
        RunFolderError: the file cannot be read, or a whole line of it is no event.
    """
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                try:
                    event = _decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    if not line.endswith(b"\n"):
                        return
                    raise RunFolderError(f"{path}, line {number} is no event: {error}") from error
                yield event
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunFolderError(f"{path} cannot be read: {reason}") from error


def _opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _decode(line: bytes) -> AnyEvent:
    """The event of one line.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    fields: dict[str, Any] = msgspec.convert(_decoder.decode(line), dict[str, Any])
    pts = fields.get("pts")
    if isinstance(pts, int) and abs(pts) > _LATEST:
        raise msgspec.ValidationError(f"its pts is beyond {_LATEST}: no run is as long")
    kind = fields.get("type")
    known = _types.get(kind) if isinstance(kind, str) else None
    if known is None:
        return msgspec.convert({**fields, "fields": fields}, UnknownEvent)
    further = fields.keys() - known.__struct_fields__ - {"type"}
    return msgspec.convert(fields, _extended(known, tuple(sorted(further))))


@lru_cache(maxsize=256)
def _extended(known: type[Event], further: tuple[str, ...]) -> type[Event]:
    """The class of a known event with fields of which this version knows no more than the names."""
    if not further:
        return known
    names = {_attribute(name, number): name for number, name in enumerate(further)}
    extended = msgspec.defstruct(
        known.__name__,
        [(attribute, Any) for attribute in names],
        bases=(known,),
        rename=names,
        frozen=True,
        kw_only=True,
        tag_field="type",
        tag=known.__struct_config__.tag,
    )
    return cast("type[Event]", extended)


def _attribute(name: str, number: int) -> str:
    """The attribute that holds a field: its own name where Python allows it."""
    usable = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")
    return name if usable else f"field_{number}"


def event_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line of `events.jsonl`, for programs that read the log.

    Its `version` is `EVENT_SCHEMA_VERSION`. A reader has to accept types and fields that are not
    in the schema: a new one does not raise the version.
    """
    (known,), types = msgspec.json.schema_components((KnownEvent,), ref_template="#/$defs/{name}")
    tags = sorted(known["discriminator"]["mapping"])
    types["UnknownEvent"] = {
        "title": "UnknownEvent",
        "description": "An event of a later version.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "not": {"enum": tags}},
            "pts": {"type": "integer"},
            "agent": {"type": "string"},
        },
        "required": ["type", "pts"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of a Soundstage event log",
        "version": EVENT_SCHEMA_VERSION,
        "anyOf": [*known["anyOf"], {"$ref": "#/$defs/UnknownEvent"}],
        "$defs": types,
    }
