"""Each event of a run in words, with what its speaker says in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from soundstage.messages import events
from soundstage.printable_text import printable_line
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from soundstage.results import AnyEvent

LONGEST: Final = 240
"""Characters of an event's sentence, and of the words beside it."""


class EventSentences:
    """Tells the events of one run.

    Args:
        log: in the order of the log.
    """

    def __init__(self, log: Iterable[AnyEvent]) -> None:
        self._words: dict[str, str] = {}
        self._replies: dict[int, str] = {}
        under_way: dict[str, str] = {}
        latest = ""
        for event in log:
            match event:
                case events.ResponseStarted():
                    under_way[event.agent] = latest = event.response
                case events.Saying():
                    self._words[event.response] = self._words.get(event.response, "") + event.text
                case events.ResponseDone() if event.text:
                    self._words[event.response] = event.text
                case events.Turn() if event.response and event.generated:
                    self._words[event.response] = event.generated
                case events.VoiceStarted() | events.VoiceStopped():
                    # What a track sounds of belongs to the reply under way: of its own agent, or
                    # of the agent that spoke last.
                    said = event.track == "said"
                    self._replies[id(event)] = under_way.get(event.agent, "") if said else latest
                case _:
                    continue

    def words(self, event: AnyEvent) -> str:
        """What is said in an event: of a piece of a reply, the words of the whole reply."""
        match event:
            case events.Turn():
                words = event.said
            case events.HeardText():
                words = event.text
            case events.VoiceStarted() | events.VoiceStopped():
                words = self._words.get(self._replies.get(id(event), ""), "")
            case _:
                words = self._words.get(getattr(event, "response", ""), "")
        return _clipped(words)

    def sentence(self, event: AnyEvent) -> str:
        """What happened, in words, without the time."""
        told = _of_speech(event, self.words(event)) or _of_tool(event)
        return _clipped(told or _of_call(event) or _of_floor(event) or _of_rest(event))


def _clipped(text: str) -> str:
    line = printable_line(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _quoted(words: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{words}\N{RIGHT DOUBLE QUOTATION MARK}"


def _of_speech(event: AnyEvent, words: str) -> str:
    """What an event of speaking and listening tells; empty for any other event."""
    match event:
        case events.Turn():
            cut = f", cut by {event.cut_by}" if event.cut_by else ""
            known = _quoted(words) if event.text_source != "unknown" else "words not recognised"
            return f"{event.agent} said{cut}: {known}"
        case events.HeardText():
            return f"{event.agent} heard {event.speaker or 'something'}: {_quoted(words)}"
        case events.ResponseStarted():
            done = "begins a reply"
        case events.ResponseDone():
            done = f"has made a reply, {event.status}"
        case events.Saying():
            done = "makes a reply"
        case events.AgentSpeechStarted():
            done = "begins to say"
        case events.AgentSpeechStopped():
            done = "is cut in saying" if event.cut else "has finished saying"
        case events.VoiceStarted():
            done = "becomes audible" if event.track == "said" else "begins to hear sound"
        case events.VoiceStopped():
            done = "is audible no more" if event.track == "said" else "hears silence"
        case events.Listening():
            done = "notices speech" if event.on else "finds that the turn has ended"
        case events.Interrupted():
            return f"{event.agent} is interrupted by {event.by}: {_quoted(words)}"
        case _:
            return ""
    return f"{event.agent} {done}" + (f": {_quoted(words)}" if words else "")


def _of_tool(event: AnyEvent) -> str:
    """What an event of tools, of keys and of what went wrong tells; empty for any other."""
    match event:
        case events.ToolCalled():
            return f"{event.agent} calls {event.tool}({event.arguments})"
        case events.ToolReturned():
            gave = f"fails: {event.error}" if event.error else f"gives {event.output}"
            return f"{event.tool} {gave}, after {seconds_of(event.latency):.2f} s"
        case events.ToolDropped():
            return f"the result of {event.tool} is dropped ({event.reason})"
        case events.Fault():
            return f"{event.agent or 'the run'} fails: {event.error} ({event.action})"
        case events.Warned():
            return f"warning of {event.agent or 'the run'}, {event.code}: {event.message}"
        case events.Pressed():
            return f"{event.agent} presses {event.keys}"
        case events.Dtmf():
            return f"{event.by} hears the key {event.key} of {event.agent or 'a telephone'}"
        case events.CueGiven():
            name = str(event.cue) if event.id is UNSET else str(event.id)
            return f"cue {name} makes {event.agent} {event.act}"
        case _:
            return ""


def _of_call(event: AnyEvent) -> str:
    """What an event of the call tells: who takes part, and how it began and ended."""
    match event:
        case events.Joined():
            return f"{event.agent} joins"
        case events.Left():
            return f"{event.agent} leaves ({event.reason})"
        case events.Dropped():
            return f"{event.agent} has lost its session: {event.error}"
        case events.Reconnected():
            return f"{event.agent} has a session again, after {seconds_of(event.gap):.2f} s"
        case events.HangUp():
            return f"the call is hung up by {event.by}"
        case events.RunStarted():
            return f"the run begins with {', '.join(event.agents)}"
        case events.RunEnded():
            return f"the run is over: {event.outcome}, {event.reason}"
        case _:
            return ""


def _of_floor(event: AnyEvent) -> str:
    """What an event of the floor and of rooms tells; empty for any other."""
    match event:
        case events.FloorGiven():
            return f"{event.agent} gets the floor of {event.room} ({event.why})"
        case events.FloorPassed():
            return f"{event.agent} passes the floor" + (f" to {event.to}" if event.to else "")
        case events.FloorTaken():
            return f"{event.agent} loses the floor of {event.room} ({event.why})"
        case events.FloorWanted():
            return f"{event.agent} wants the floor"
        case events.Entered():
            return f"{event.agent} enters {event.room}"
        case events.Exited():
            return f"{event.agent} leaves {event.room}"
        case _:
            return ""


def _of_rest(event: AnyEvent) -> str:
    """What notes and counts tell; an event of a later version is called by its type."""
    match event:
        case events.Noted():
            return f"{event.agent} notes {event.name}: {event.data}"
        case events.Audio():
            return f"{event.agent} has sent {event.sent} frames and heard {event.heard}"
        case events.Carried():
            counts = f"{event.missing} missing, {event.late} late, {event.dropped} dropped"
            return f"the mixer's count for {event.agent}: {counts}"
        case _:
            return f"{event.type} of {event.agent or 'the run'}"
