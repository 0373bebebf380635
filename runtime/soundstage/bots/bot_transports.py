"""The transports to bots: those of installed packages, or a file of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from soundstage.config.values import ObjectReference, suggestion
from soundstage.errors import UsageError
from soundstage.installed import installed

if TYPE_CHECKING:
    from pathlib import Path

GROUP: Final = "soundstage.bot_transports"

_NEEDED: Final = (
    *("open", "serve", "hear", "played", "press", "close"),
    *("keys_used", "plays_on", "delay"),
)


def transport_names() -> list[str]:
    """The transports that installed packages bring."""
    return sorted(entry.name for entry in installed(GROUP))


def load_transport(name: str, folder: Path | None = None) -> Any:
    """The class of a transport, as `BotCall` describes it.

    Args:
        name: of an entry point, `package.module:Class`, or `./file.py:Class`.
        folder: what a file is relative to.

    Raises:
        UsageError: there is none, it cannot be loaded, or it lacks something.
    """
    found = _loaded(name, folder)
    lacks = [each for each in _NEEDED if not hasattr(found, each)]
    if lacks or not callable(found):
        lack = f": it has no {', '.join(lacks)}" if lacks else ""
        raise UsageError(f'"{name}" is no transport to a bot{lack}; see soundstage.bots.BotCall')
    return found


def _loaded(name: str, folder: Path | None) -> object:
    if ":" in name:
        try:
            reference = ObjectReference(name)
        except ValueError as error:
            raise UsageError(str(error)) from None
        return (reference if folder is None else reference.beside(folder)).load()
    for entry in installed(GROUP):
        if entry.name == name:
            try:
                return entry.load()
            except (ImportError, AttributeError) as error:
                raise UsageError(f'the transport "{name}" cannot be loaded: {error}') from error
    hint = suggestion(name, transport_names()).rstrip("?")
    raise UsageError(f'there is no transport "{name}"; {hint}, or your own as "./file.py:Name"?')
