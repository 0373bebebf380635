"""Names of what is declared, references to them, and the nearest name to a wrong one."""

import difflib
import re
from collections.abc import Callable, Collection
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo

from soundstage.config.values.table import context_of

_LONGEST = 32
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
_TAKEN = frozenset({"mix"})
_SHOWN = 12


def _check_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError(
            f'"{name}" is no name: a letter from a to z, then letters, digits, "_" or "-", '
            "all lower case, because it becomes a file's name"
        )
    if len(name) > _LONGEST:
        raise ValueError(f'"{name[:_LONGEST]}…" is too long: a name has at most 32 characters')
    if name in _DEVICES:
        raise ValueError(f'"{name}" cannot be a name: Windows keeps it for a device')
    if name in _TAKEN:
        raise ValueError(f'"{name}" cannot be a name: the recording of all agents has it')
    return name


def _refers_to(collection: str, one: str) -> Callable[[str, ValidationInfo], str]:
    def check(name: str, info: ValidationInfo) -> str:
        known = context_of(info.context).names.get(collection)
        if known is not None and name not in known:
            none = f"the file declares no {one}"
            hint = suggestion(name, known, none=none)
            raise ValueError(f'there is no {one} "{name}"; {hint}')
        return name

    return check


Name: TypeAlias = Annotated[
    str,
    AfterValidator(_check_name),
    Field(json_schema_extra={"pattern": r"^[a-z][a-z0-9_-]{0,31}$"}),
]
"""The name of something declared: `[a-z][a-z0-9_-]*`, at most 32 characters, no device name."""

AgentName: TypeAlias = Annotated[str, AfterValidator(_refers_to("agents", "agent"))]
"""The name of an agent that the scenario declares."""

ToolName: TypeAlias = Annotated[str, AfterValidator(_refers_to("tools", "tool"))]
"""The name of a tool that the scenario declares."""

CalledTool: TypeAlias = Annotated[str, AfterValidator(_refers_to("called", "tool"))]
"""A tool by the name that it is called by: a declared one, a server's, or an agent's method."""

CueName: TypeAlias = Annotated[str, AfterValidator(_refers_to("cues", "cue"))]
"""The id of a cue that the scenario declares."""

EffectName: TypeAlias = Annotated[str, AfterValidator(_refers_to("effects", "effect"))]
"""The name of an effect, declared or one that every scenario knows."""

ProviderName: TypeAlias = Annotated[str, AfterValidator(_refers_to("providers", "provider"))]
"""The name of a provider, declared or built in."""


ServerName: TypeAlias = Annotated[str, AfterValidator(_refers_to("servers", "server"))]
"""The name of a server that the scenario declares."""


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word most like this one, or None where nothing is."""
    lowered = {name.lower(): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def suggestion(word: str, known: Collection[str], *, none: str = "there is none") -> str:
    """A clause that names the nearest known word, or lists them all."""
    near = nearest(word, known)
    if near is not None:
        return f'did you mean "{near}"?'
    if not known:
        return none
    names = sorted(known)
    more = ", …" if len(names) > _SHOWN else ""
    return "known: " + ", ".join(names[:_SHOWN]) + more
