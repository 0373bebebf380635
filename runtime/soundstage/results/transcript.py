"""The transcript, for reading and as captions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from soundstage.config.values import normalize
from soundstage.messages.events import Dropped, Dtmf, Pressed, Reconnected, ToolCalled, ToolReturned
from soundstage.printable_text import printable_line
from soundstage.results.turns import turns_of
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from soundstage.results.history import History
    from soundstage.results.turns import Turn

_RECOGNISED_WITHIN: Final = 3.0
"""Seconds after a turn in which its words are recognised."""

_ONE_ROW: Final = 1.5
"""Seconds between two keys that are told as one row."""

_WORDS_UNKNOWN: Final = "(not recognised)"
"""What stands in place of words that are not known."""

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~])")


def transcript(history: History) -> str:
    """A run's transcript in Markdown: turns with time, gap and cut, and tool calls."""
    started, ended = history.started, history.ended
    name = started.title or started.scenario or "A run without a beginning"
    title = f"# {_plain(name)}"
    setting = f"Seed {started.seed}, {started.clock or 'unknown'} clock."
    turns = [(turn.start, _entry(turn, history)) for turn in turns_of(history)]
    notes = [*turns, *_calls(history), *_keys(history), *_sessions(history)]
    happened = [text for _, text in sorted(notes, key=lambda each: each[0])]
    length = _clock(seconds_of(history.end))
    how = f"{ended.outcome.capitalize()}: {_plain(ended.reason)}" if ended else "Broken off"
    return "\n\n".join([title, setting, *happened, f"{how}, after {length}."]) + "\n"


def captions(history: History) -> str:
    """A run's transcript as WebVTT, for players of the recording."""
    cues = ["WEBVTT"]
    for turn in turns_of(history):
        start = round(turn.start * 1000)
        end = max(round(turn.end * 1000), start + 1)
        voice = _escaped(display_name(turn.agent))
        words = _escaped(with_cut(turn)) or "\N{EM DASH}"
        cues.append(f"{turn.number}\n{_stamp(start)} --> {_stamp(end)}\n<v {voice}>{words}")
    return "\n\n".join(cues) + "\n"


def display_name(agent: str) -> str:
    """An agent's name as people write names."""
    return agent[:1].upper() + agent[1:]


def _calls(history: History) -> list[tuple[float, str]]:
    """The tools that were called, with the time of the call."""
    answers = {(answer.agent, answer.call): answer for answer in history.of(ToolReturned)}
    lines: list[tuple[float, str]] = []
    for call in history.of(ToolCalled):
        answer = answers.get((call.agent, call.call))
        start = seconds_of(call.pts)
        line = (
            f"*{_plain(display_name(call.agent))} called {_plain(call.tool)}* {_clock(start)}: "
            f"{_plain(call.arguments or '{}')}"
        )
        if answer is None:
            line += "  \n*no answer*"
        elif answer.error:
            line += f"  \n*failed:* {_plain(answer.error)}"
        else:
            line += f"  \n*returned:* {_plain(answer.output)}"
        lines.append((start, line))
    return lines


def _keys(history: History) -> list[tuple[float, str]]:
    """The keys that were pressed and those that were heard, with their times."""
    pressed = [
        (seconds_of(each.pts), f"*{_plain(display_name(each.agent))} pressed* {{}}: {each.keys}")
        for each in history.of(Pressed)
    ]
    heard = [
        (start, f"*{_plain(display_name(by))} heard the keys of {_plain(agent)}* {{}}: {keys}")
        for start, agent, by, keys in keys_heard(history)
    ]
    return [(start, line.format(_clock(start))) for start, line in (*pressed, *heard)]


def keys_heard(history: History) -> list[tuple[float, str, str, str]]:
    """Rows of keys that were heard: when one began, who pressed it, who heard it, and the keys.

    A key that comes more than 1.5 seconds after the one before it begins another row.
    """
    rows: dict[tuple[str, str], tuple[float, str]] = {}
    last: dict[tuple[str, str], float] = {}
    found: list[tuple[float, str, str, str]] = []
    for each in history.of(Dtmf):
        pair, at = (each.agent, each.by), seconds_of(each.pts)
        if pair in rows and at - last[pair] > _ONE_ROW:
            found.append((rows[pair][0], *pair, rows.pop(pair)[1]))
        start, keys = rows.get(pair, (at, ""))
        rows[pair], last[pair] = (start, keys + each.key), at
    return sorted(found + [(start, *pair, keys) for pair, (start, keys) in rows.items()])


def _sessions(history: History) -> list[tuple[float, str]]:
    """The sessions that were lost, and what became of them, with the time of the loss."""
    again = {(each.agent, each.pts - each.gap): each for each in history.of(Reconnected)}
    lines: list[tuple[float, str]] = []
    for lost in history.of(Dropped):
        start, found = seconds_of(lost.pts), again.get((lost.agent, lost.pts))
        line = f"*{_plain(display_name(lost.agent))} lost its session* {_clock(start)}: "
        line += _plain(lost.error)
        gap = (
            "there was no other one"
            if found is None
            else f"again after {seconds_of(found.gap):.2f} s"
        )
        lines.append((start, f"{line}  \n*{gap}*"))
    return lines


def _entry(turn: Turn, history: History) -> str:
    """One turn in Markdown."""
    head = f"**{_plain(display_name(turn.agent))}** {_clock(turn.start)} to {_clock(turn.end)}"
    if turn.gap is not None:
        head += f", gap {turn.gap:.2f} s"
    if turn.made_by:
        head += f", words made by the model {_plain(turn.made_by)}"
    lines = [head, _plain(with_cut(turn)), *_cut_marks(turn)]
    said = normalize(turn.text)
    lines += [
        f"*{_plain(display_name(agent))} heard:* {_plain(words)}"
        for agent, words in turn.heard_by.items()
        if words and normalize(words) != said
    ]
    # What is recognised late of the last words is not in the log: that they were missed, either.
    knows = history.started.recognizers is not UNSET
    if knows and said and seconds_of(history.end) - turn.end >= _RECOGNISED_WITHIN:
        lines += [
            f"*{_plain(display_name(agent))} heard nothing*"
            for agent, words in turn.heard_by.items()
            if not words
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


def with_cut(turn: Turn) -> str:
    """What was played, with a dash where it was cut."""
    if turn.text_source == "unknown":
        return _WORDS_UNKNOWN
    return turn.text if turn.text == turn.generated else f"{turn.text}\N{EM DASH}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", _line(text))


def _escaped(text: str) -> str:
    """Text that WebVTT shows as it is, on one line."""
    line = _line(text)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _line(text: str) -> str:
    """Text on one line, each space of which is one, and nothing of which is hidden."""
    return printable_line(" ".join(text.split()))


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
