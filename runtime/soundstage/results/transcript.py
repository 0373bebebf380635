"""The transcript, for reading and as captions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from soundstage.config.values import normalize
from soundstage.results.turns import turns_of
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from soundstage.results.history import History
    from soundstage.results.turns import Turn

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~])")


def transcript(history: History) -> str:
    """A run's transcript in Markdown: every turn with its time, its gap and where it was cut."""
    started, ended = history.started, history.ended
    title = f"# {_plain(started.scenario or 'A run without a beginning')}"
    setting = f"Seed {started.seed}, {started.clock or 'unknown'} clock."
    turns = [_entry(turn) for turn in turns_of(history)]
    length = _clock(seconds_of(history.end))
    how = f"{ended.outcome.capitalize()}: {_plain(ended.reason)}" if ended else "Broken off"
    return "\n\n".join([title, setting, *turns, f"{how}, after {length}."]) + "\n"


def captions(history: History) -> str:
    """A run's transcript as WebVTT, for players of the recording."""
    cues = ["WEBVTT"]
    for turn in turns_of(history):
        start = round(turn.start * 1000)
        end = max(round(turn.end * 1000), start + 1)
        voice = _escaped(display_name(turn.agent))
        words = _escaped(_with_cut(turn)) or "\N{EM DASH}"
        cues.append(f"{turn.number}\n{_stamp(start)} --> {_stamp(end)}\n<v {voice}>{words}")
    return "\n\n".join(cues) + "\n"


def display_name(agent: str) -> str:
    """An agent's name as people write names."""
    return agent[:1].upper() + agent[1:]


def _entry(turn: Turn) -> str:
    """One turn in Markdown."""
    head = f"**{_plain(display_name(turn.agent))}** {_clock(turn.start)} to {_clock(turn.end)}"
    if turn.gap is not None:
        head += f", gap {turn.gap:.2f} s"
    lines = [head, _plain(_with_cut(turn)), *_cut_marks(turn)]
    said = normalize(turn.text)
    lines += [
        f"*{_plain(display_name(agent))} heard:* {_plain(words)}"
        for agent, words in turn.heard_by.items()
        if words and normalize(words) != said
    ]
    return "  \n".join(lines)


def _cut_marks(turn: Turn) -> list[str]:
    """Which agent cut a turn, and what of it was not heard."""
    marks: list[str] = []
    if turn.interrupted_by:
        marks.append(f"*cut by {_plain(display_name(turn.interrupted_by))}*")
    if turn.text != turn.generated:
        estimate = " (where it was cut is an estimate)" if turn.estimated else ""
        marks.append(f"*would have said:* {_plain(turn.generated)}{estimate}")
    return marks


def _with_cut(turn: Turn) -> str:
    """What was played, with a dash where it was cut."""
    return turn.text if turn.text == turn.generated else f"{turn.text}\N{EM DASH}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _escaped(text: str) -> str:
    """Text that WebVTT shows as it is, on one line."""
    line = " ".join(text.split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float) -> str:
    """A time as minutes and seconds."""
    minutes, tenths = divmod(round(seconds * 10), 600)
    return f"{minutes}:{tenths / 10:04.1f}"


def _stamp(milliseconds: int) -> str:
    """A time as WebVTT writes it."""
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
