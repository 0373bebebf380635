"""A run as plain lines, for pipes and logs; and as the event log itself."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Final, TextIO

import msgspec

from soundstage.messages import events
from soundstage.printable_text import printable, printable_json, printable_line
from soundstage.results import encode_event
from soundstage.units import SAMPLE_RATE, Samples, seconds_of

if TYPE_CHECKING:
    from soundstage.messages import Verdict
    from soundstage.messages.events import Event


_FRAME: Final = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)


def clock_of(pts: Samples) -> str:
    """A time as `m:ss.t`."""
    tenths = pts * 10 // SAMPLE_RATE
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def place_of(fault: events.Fault) -> str:
    """Where in the user's code it came from, or else in any code, as ` at tools.py:7`."""
    if fault.cause is not None and fault.cause.place:
        return f" at {fault.cause.place}"
    frames = _FRAME.findall(fault.traceback)
    return f" at {frames[-1][0]}:{frames[-1][1]}" if frames else ""


def words_of(turn: events.Turn) -> str:
    """The words of a turn, or that they are not known."""
    return "(not recognised)" if turn.text_source == "unknown" else turn.said


def call_note(event: events.Dropped | events.Reconnected) -> str:
    """What became of an agent's session."""
    if isinstance(event, events.Dropped):
        return f"has lost its session: {event.error}"
    return f"has a session again after {seconds_of(event.gap):.2f} s"


def _line_note(
    event: events.Dropped | events.Reconnected | events.Pressed | events.Dtmf,
) -> str:
    match event:
        case events.Pressed():
            return f"{event.agent} presses {event.keys}"
        case events.Dtmf():
            return f"{event.by} heard the key {event.key} of {event.agent}"
        case _:
            return f"{event.agent} {call_note(event)}"


def line_of(event: Event) -> str | None:
    """What a reader wants to know of an event, in one line; None where that is nothing."""
    match event:
        case events.Joined():
            said = f"{event.agent} is here"
        case events.Left():
            said = f"{event.agent} has left ({event.reason})"
        case events.Turn():
            cut = f"  [cut by {event.cut_by}]" if event.cut_by else ""
            said = f"{event.agent}: {words_of(event)}{cut}"
        case events.HeardText():
            said = f"   {event.agent} heard {event.speaker or 'someone'}: {event.text}"
        case events.ToolCalled():
            said = f"   {event.agent} calls {event.tool}({event.arguments})"
        case events.ToolReturned():
            said = f"   {event.tool} gave {event.output} ({seconds_of(event.latency):.2f} s)"
        case events.ToolDropped():
            said = f"   {event.tool}'s result is dropped ({event.reason})"
        case events.Warned():
            said = f"   warning, {event.agent or 'run'}: {event.message}"
        case events.Fault():
            said = f"   FAULT, {event.agent}: {event.error}{place_of(event)} ({event.action})"
        case events.Dropped() | events.Reconnected() | events.Pressed() | events.Dtmf():
            said = f"   {_line_note(event)}"
        case events.HangUp():
            said = f"   hung up ({event.by})"
        case _:
            return None
    return printable_line(f"{clock_of(event.pts):>7}  {said}")


def line_of_verdict(verdict: Verdict) -> str:
    """What a reader wants to know of an expectation, in one line."""
    when = "" if verdict.pts is None else clock_of(verdict.pts)
    how = verdict.status if verdict.status == "passed" else f"{verdict.status}: {verdict.sentence}"
    advisory = " (advisory)" if verdict.need == "advisory" else ""
    return printable_line(f"{when:>7}     expectation {verdict.id}{advisory} {how}")


class Lines:
    """Shows a run as plain lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._decided: set[str] = set()

    def show(self, event: Event) -> None:
        """Print the event's line, if it has one."""
        line = line_of(event)
        if line is not None:
            self._print(line)

    def notice(self, text: str) -> None:
        """Print the line, with no time before it."""
        self._print(printable(text))

    def decided(self, verdict: Verdict) -> None:
        """Print what has become of an expectation, once."""
        if verdict.id not in self._decided:
            self._decided.add(verdict.id)
            self._print(self._line_of_verdict(verdict))

    def _line_of_verdict(self, verdict: Verdict) -> str:
        return line_of_verdict(verdict)

    def levels(self, peaks: dict[str, int]) -> None:
        """Lines have no room for levels."""

    def draw(self, now: Samples) -> None:
        """Lines are never redrawn."""

    def close(self) -> None:
        """Nothing is held open."""

    def _print(self, line: str) -> None:
        # A reader that has gone (`| head`) must not take the run with it.
        try:
            self._out.write(line + "\n")
            self._out.flush()
        except BrokenPipeError:
            self._out = StringIO()


class Notices(Lines):
    """Shows nothing of a run but what its reader must know to take part."""

    def show(self, event: Event) -> None:
        """Events are not shown."""

    def decided(self, verdict: Verdict) -> None:
        """Nor are expectations."""


class EventLines(Lines):
    """Shows a run as its event log, one JSON object a line.

    Args:
        out: gets the events.
        aside: gets what is no event.
    """

    def __init__(self, out: TextIO, aside: TextIO) -> None:
        super().__init__(out)
        self._aside = Notices(aside)

    def notice(self, text: str) -> None:
        """Print the line beside the log."""
        self._aside.notice(text)

    def _line_of_verdict(self, verdict: Verdict) -> str:
        """The verdict as in `expectations.json`; no event of the log has its type."""
        line = {"type": "expectation", **msgspec.to_builtins(verdict)}
        return printable_json(msgspec.json.encode(line).decode())

    def show(self, event: Event) -> None:
        """Print the event as the log has it; what a terminal obeys is written as an escape."""
        self._print(printable_json(encode_event(event).decode().rstrip("\n")))
