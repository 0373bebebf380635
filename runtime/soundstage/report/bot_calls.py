"""What a report says of the calls to a user's own bots, from the events `bot_call`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from soundstage.messages.events import Noted
from soundstage.results import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.results import History

_TIMES: Final = (
    "buffered_ms",
    "dropped_ms",
    "underrun_ms",
)


class BotCallRow(Struct, frozen=True):
    """One call: the bot's name, and the cells of its row."""

    bot: str
    cells: tuple[str, ...]


def bot_calls(history: History) -> list[BotCallRow]:
    """The calls of a run; what a log does not have is left empty."""
    return [
        BotCallRow(
            display_name(noted.agent),
            (
                str(noted.data.get("transport", "")),
                str(noted.data.get("answers", "")),
                _milliseconds(noted.data.get("answer_gap_ms")),
                _delay(noted.data),
                *(_milliseconds(noted.data.get(name)) for name in _TIMES),
            ),
        )
        for noted in history.of(Noted)
        if noted.name == "bot_call"
    ]


def _milliseconds(value: object) -> str:
    return f"{value} ms" if isinstance(value, int | float) else ""


def _delay(data: Mapping[str, object]) -> str:
    """What the transport adds, and how that is known."""
    delay, source = (
        _milliseconds(data.get("transport_delay_ms")),
        data.get("transport_delay_source"),
    )
    return f"{delay}, {source}" if delay and source else delay
