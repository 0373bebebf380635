"""The live view: which agents speak, how loud, and the words as they come."""

from __future__ import annotations

from collections import deque
from math import log10
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from soundstage.cli.plain_view import call_note, clock_of, place_of, words_of
from soundstage.messages import events
from soundstage.printable_text import printable, printable_line
from soundstage.units import Samples, seconds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from soundstage.messages import Verdict
    from soundstage.messages.events import Event

BARS = " ▁▂▃▄▅▆▇█"
COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
FLOOR_DB = -54.0
"""Peaks below this draw no bar."""

LONGEST_WAVE = 400
KEPT_LINES = 200


class _Agent:
    def __init__(self, colour: str) -> None:
        self.colour = colour
        self.wave: deque[int] = deque(maxlen=LONGEST_WAVE)
        self.state = "connecting"
        self.words = ""
        self.gap: float | None = None
        self.turns = 0
        self.interrupted = 0


class LiveView:
    """Draws a run on a terminal, ten times a second.

    Args:
        console: the terminal.
        title: the scenario's title.
        agents: in the order in which they are shown.
    """

    def __init__(self, console: Console, title: str, agents: tuple[str, ...]) -> None:
        self._console = console
        self._title = title
        self._agents = {
            name: _Agent(COLOURS[number % len(COLOURS)]) for number, name in enumerate(agents)
        }
        self._lines: deque[Text] = deque(maxlen=KEPT_LINES)
        self._notices: list[Text] = []
        self._fell_silent: tuple[str, Samples] | None = None
        self._now: Samples = 0
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._live.start()

    def show(self, event: Event) -> None:
        """Take what happened; it is drawn at the next redraw."""
        agent = self._agents.get(event.agent)
        if agent is None:
            return
        match event:
            case events.Joined():
                agent.state = "listening"
            case events.Left():
                agent.state = f"left: {event.reason}"
            case events.ResponseStarted():
                agent.state, agent.words = "thinking", ""
            case events.Saying():
                agent.words += event.text
            case events.AgentSpeechStarted():
                agent.state = "speaking"
            case events.VoiceStarted(track="said") | events.VoiceStopped(track="said"):
                self._measure_gap(event, agent)
            case events.Turn():
                self._end_turn(event, agent)
            case events.Interrupted():
                agent.interrupted += 1
            case events.Fault() | events.Warned() | events.ToolCalled() | events.ToolReturned():
                self._note(event, agent)
            case events.Dropped() | events.Reconnected() | events.Pressed():
                self._note(event, agent)
            case _:
                pass

    def notice(self, text: str) -> None:
        """Keep a line in sight from now on."""
        self._notices.append(Text(printable(text), overflow="fold"))

    def decided(self, verdict: Verdict) -> None:
        """Keep in sight what has become of an expectation; one that passed in a word."""
        style = {"passed": "green", "failed": "bold red"}.get(verdict.status, "yellow")
        told = "" if verdict.status == "passed" else f": {verdict.sentence}"
        line = printable_line(f"{verdict.id} {verdict.status}{told}")
        self._lines.append(Text(line, style=style))

    def levels(self, peaks: dict[str, int]) -> None:
        """One more bar for each agent."""
        for name, agent in self._agents.items():
            agent.wave.append(peaks.get(name, 0))

    def draw(self, now: Samples) -> None:
        """Draw everything anew."""
        self._now = now
        self._live.update(self.picture(), refresh=True)

    def close(self) -> None:
        """Leave the last picture on the screen."""
        self._live.update(self.picture(), refresh=True)
        self._live.stop()

    def picture(self) -> RenderableType:
        """What is drawn, for the console's present size."""
        width = self._console.width
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(no_wrap=True, max_width=12)
        table.add_column(no_wrap=True, width=10)
        table.add_column(no_wrap=True, ratio=1)
        table.add_column(no_wrap=True, justify="right", width=13)
        name_and_state = 44
        for name, agent in self._agents.items():
            wave = waveform(agent.wave, max(8, width - name_and_state))
            gap = "" if agent.gap is None else f"gap {agent.gap:.2f} s"
            cut = f" ✂{agent.interrupted}" if agent.interrupted else ""
            table.add_row(
                Text(printable_line(name), style=f"bold {agent.colour}"),
                Text(
                    printable_line(agent.state),
                    style="dim" if agent.state != "speaking" else "bold",
                ),
                Text(wave, style=agent.colour),
                Text(gap + cut, style="dim"),
            )
        above = len(self._agents) + len(self._notices) + 6
        shown = max(4, min(KEPT_LINES, self._console.height - above))
        lines = [*self._lines, *self._unfinished()][-shown:]
        # As text: in brackets, rich would find its own marks in a title.
        title = Text(printable_line(f"{self._title}  {clock_of(self._now)}"))
        return Panel(Group(table, *self._notices, Text(), *lines), title=title, border_style="dim")

    def _unfinished(self) -> list[Text]:
        return [
            _said(name, agent.colour, agent.words + " …")
            for name, agent in self._agents.items()
            if agent.words
        ]

    def _end_turn(self, turn: events.Turn, agent: _Agent) -> None:
        agent.state, agent.words = "listening", ""
        agent.turns += 1
        line = _said(turn.agent, agent.colour, words_of(turn))
        if turn.cut_by:
            line.append(printable_line(f" — cut by {turn.cut_by}"), style="italic red")
        self._lines.append(line)

    def _note(self, event: Event, agent: _Agent) -> None:
        match event:
            case events.Fault():
                note = f"fault: {event.error}{place_of(event)} ({event.action})"
            case events.Dropped() | events.Reconnected():
                note = call_note(event)
            case events.Pressed():
                note = f"presses {event.keys}"
            case events.Warned():
                note = f"warning: {event.message}"
            case events.ToolCalled():
                note = f"calls {event.tool}({event.arguments})"
            case events.ToolReturned():
                note = f"{event.tool} gave {event.output}"
            case _:
                return
        self._lines.append(_said(event.agent, agent.colour, note))

    def _measure_gap(self, event: events.VoiceStarted | events.VoiceStopped, agent: _Agent) -> None:
        if isinstance(event, events.VoiceStopped):
            self._fell_silent = (event.agent, event.pts)
        elif self._fell_silent is not None and self._fell_silent[0] != event.agent:
            agent.gap = max(0.0, seconds_of(event.pts - self._fell_silent[1]))


def _said(name: str, colour: str, words: str) -> Text:
    line = Text(printable_line(f"{name}: "), style=f"bold {colour}")
    line.append(printable_line(words.strip()), style="not bold default")
    return line


def waveform(peaks: Sequence[int], width: int) -> str:
    """The newest `width` peaks as bars, the newest at the right.

    Args:
        peaks: sample values, 0 to 32768.
        width: characters.
    """
    newest = list(peaks)[-width:]
    return "".join(_bar(peak) for peak in newest).rjust(width)


def _bar(peak: int) -> str:
    if peak <= 0:
        return BARS[0]
    decibels = 20 * log10(peak / 32768)
    share = (decibels - FLOOR_DB) / -FLOOR_DB
    return BARS[max(0, min(len(BARS) - 1, round(share * (len(BARS) - 1))))]
