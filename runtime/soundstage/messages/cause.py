"""Why something failed: whose fault it is, the reason in a word, a sentence, the place in the code.

An error is looked at once, where it is caught. What is found travels as a value from there to the
event log, the report and the exit code; no text is read again to find it out.
"""

from __future__ import annotations

import sys
import sysconfig
import traceback
from enum import StrEnum
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

from msgspec import Struct

from soundstage import errors
from soundstage.errors import error_text, said_by


class Owner(StrEnum):
    """Whose fault it is; only a fault of an `agent` fails a run, any other makes it invalid."""

    AGENT = "agent"
    """An agent under test: its own code, whatever it raised."""

    SIMULATOR = "simulator"
    """What plays against the agents under test: another agent, an effect, the floor's policy."""

    INFRASTRUCTURE = "infrastructure"
    """A provider, the network, a disk, a device, a model file, the machinery of the actors."""


class Cause(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something failed.

    Attributes:
        owner: whose fault it is.
        reason: the same in a word: `fault:bob`, `provider:401`, `chat:429`, `recording`, `max` …
        message: what happened, in a sentence.
        error: the error's class with its module, as `httpx.ConnectError`; empty where none was
            raised.
        status: the HTTP status that an endpoint answered with, or 0.
        place: `file:line` in the user's code, the file named from the folder that it is imported
            from; empty where the error did not pass through any.
    """

    owner: Owner
    reason: str
    message: str
    error: str = ""
    status: int = 0
    place: str = ""


_OURS: Final = frozenset({"soundstage", "soundstage_agents"})

_INFRASTRUCTURE: Final[tuple[tuple[type[Exception], str], ...]] = (
    (errors.ConnectTimeout, "provider:timeout"),
    (errors.ConnectError, "provider"),
    (errors.ConnectionLost, "connection_lost"),
    (errors.RecordingFailed, "recording"),
    (errors.EngineMissing, "engine"),
    (errors.EngineFailed, "engine"),
    (errors.WeightsMismatch, "weights"),
    (errors.DeviceMissing, "device"),
    (errors.PortTaken, "port"),
    (errors.ToolServerFailed, "tool_server"),
    (errors.ServerFailed, "server"),
    (errors.BotUnreachable, "bot"),
    (errors.LanguageModelFailed, "chat"),
    (errors.KeyMissing, "key"),
    (errors.PatternTimeout, "pattern"),
    (errors.ClockStalled, "clock"),
    (errors.InfrastructureError, "start"),
)
"""Errors that say nothing about what is under test, and the reason they give; first match counts.

`InfrastructureError` itself is raised for what a run needs and does not have, such as a variable of
the environment.
"""


_STDLIB: Final = Path(sysconfig.get_paths()["stdlib"])
_PACKAGES: Final = frozenset({"site-packages", "dist-packages"})


def cause_of(error: BaseException, actor: str) -> Cause:
    """Why an actor failed.

    An error is the infrastructure's only if Soundstage raised it: code of the user that raises the
    same class, or a class of the same name, has failed itself.

    Args:
        error: as it was caught.
        actor: the name of the actor in which it was.

    Returns:
        The cause. Its owner is `agent` where the fault is the actor's own: `attributed` then says
        whether that actor is an agent under test.
    """
    reason = "" if _is_users(error) else _reason(error)
    return Cause(
        owner=Owner.INFRASTRUCTURE if reason else Owner.AGENT,
        reason=reason or f"fault:{actor}",
        message=error_text(error),
        error=_class_name(type(error)),
        status=_status(error) if reason else 0,
        place=_place_in_users_code(error),
    )


def cause_of_break_off(error: BaseException) -> Cause:
    """Why a run could not be started, or was broken off: the infrastructure's fault."""
    other = "kernel" if isinstance(error, errors.KernelError) else "internal"
    return Cause(
        owner=Owner.INFRASTRUCTURE,
        reason=_reason(error) or other,
        message=said_by(error),
        error=_class_name(type(error)),
        status=_status(error),
        place=_place_in_users_code(error),
    )


def traceback_text(error: BaseException) -> str:
    """The whole traceback, its files named from the folder that they are imported from."""
    whole = traceback.TracebackException.from_exception(error)
    waiting: list[traceback.TracebackException | None] = [whole]
    while waiting:
        part = waiting.pop()
        if part is None:
            continue
        for frame in part.stack:
            frame.filename = _short(frame.filename)
        waiting += [part.__cause__, part.__context__, *(part.exceptions or ())]
    return _encodable("".join(whole.format()))


def _reason(error: BaseException) -> str:
    """The reason that an error of the infrastructure gives; empty for any other."""
    for kind, reason in _INFRASTRUCTURE:
        if isinstance(error, kind):
            status = _status(error)
            return f"{reason}:{status}" if status else reason
    return ""


def _status(error: BaseException) -> int:
    if isinstance(error, errors.CallRefused | errors.LanguageModelFailed):
        return error.status
    return 0


def _encodable(text: str) -> str:
    """The text without lone surrogates, which no JSON file can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _class_name(kind: type) -> str:
    # A file of the user is a module under a name that changes with its content.
    nameless = kind.__module__ == "builtins" or kind.__module__.startswith("soundstage_file_")
    return kind.__qualname__ if nameless else f"{kind.__module__}.{kind.__qualname__}"


def _is_users(error: BaseException) -> bool:
    """Whether code outside Soundstage raised it; an error that nothing raised is Soundstage's."""
    frames = _frames(error)
    return bool(frames) and not _is_ours(frames[-1])


def _place_in_users_code(error: BaseException) -> str:
    for trace in reversed(_frames(error)):
        file = trace.tb_frame.f_code.co_filename
        if not (_is_ours(trace) or _is_library(file)):
            return f"{_short(file)}:{trace.tb_lineno}"
    return ""


def place_of(frame: FrameType | None) -> str:
    """`file:line` in the user's code of what a thread is doing; empty where it is in none."""
    while frame is not None:
        file = frame.f_code.co_filename
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _OURS and not _is_library(file):
            return f"{_short(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def _frames(error: BaseException) -> list[TracebackType]:
    """From the outermost to the one that raised."""
    frames: list[TracebackType] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    return frames


def _is_ours(trace: TracebackType) -> bool:
    module = str(trace.tb_frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] in _OURS


def _is_library(file: str) -> bool:
    path = Path(file)
    return (
        file.startswith("<") or path.is_relative_to(_STDLIB) or not _PACKAGES.isdisjoint(path.parts)
    )


def _short(file: str) -> str:
    """A file named from the folder that it is imported from.

    Where something is installed differs between machines, and says too much of them.
    """
    if file.startswith("<"):
        return file
    path = Path(file)
    for folder in sorted(filter(None, sys.path), key=len, reverse=True):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.name
