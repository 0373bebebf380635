"""The part of each event by which two runs are compared: without ids, and without names.

Ids are drawn from the seed, so each becomes the number of its first appearance. The lines of the
wire are left out: they hold the settings of the sessions, which differ between two variants from
the first line on, whatever is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from soundstage.messages import events
from soundstage.results import UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from soundstage.results import AnyEvent

Form = dict[str, Any]
"""The fields of an event by which it is compared."""

_ID_FIELDS: Final = frozenset({"response", "item", "call"})
_ID: Final = re.compile(r"\b[a-z]{2,12}_[A-Za-z0-9]{16,21}\b")
_LEFT_OUT: Final = {
    "run_started": frozenset({"seed", "scenario", "title"}),
    "fault": frozenset({"traceback"}),
}
"""Fields that tell of the command and of the machine's paths, and not of the conversation."""

_DEEDS: Final = {
    "turn": ("agent", "said", "cut_by"),
    "tool_called": ("agent", "tool", "arguments"),
    "tool_returned": ("agent", "tool", "output", "error"),
    "left": ("agent", "reason"),
    "fault": ("agent", "error", "action"),
    "run_ended": ("outcome", "reason"),
}
"""What is compared where a clock on the wall has timed the run, on which no two runs are alike."""


def comparable(log: Iterable[AnyEvent], *, timed: bool) -> Iterator[tuple[AnyEvent, Form]]:
    """The events by which runs are compared, each with the fields that count.

    Args:
        log: in the order of the log.
        timed: whether times count, and with them every event; without it, only what was said and
            done does, in its order.
    """
    numbers: dict[str, str] = {}
    for event in log:
        if isinstance(event, events.Wire):
            continue
        if timed:
            yield event, _whole(event, numbers)
        elif event.type in _DEEDS:
            fields = msgspec.to_builtins(event)
            yield event, {"type": event.type, **{key: fields[key] for key in _DEEDS[event.type]}}


def _whole(event: AnyEvent, numbers: dict[str, str]) -> Form:
    fields = event.fields if isinstance(event, UnknownEvent) else msgspec.to_builtins(event)
    left_out = _LEFT_OUT.get(event.type, frozenset[str]())
    return {
        key: _numbered(value, numbers) if key in _ID_FIELDS else _without_ids(value, numbers)
        for key, value in fields.items()
        if key not in left_out
    }


def _numbered(written: object, numbers: dict[str, str]) -> object:
    if not isinstance(written, str) or not written:
        return written
    return numbers.setdefault(written, f"id {len(numbers) + 1}")


def _without_ids(value: Any, numbers: dict[str, str]) -> Any:
    if isinstance(value, str):
        if "_" not in value:
            return value
        return _ID.sub(lambda found: str(_numbered(found[0], numbers)), value)
    if isinstance(value, dict):
        return {key: _without_ids(inner, numbers) for key, inner in value.items()}
    return [_without_ids(each, numbers) for each in value] if isinstance(value, list) else value
