"""The event log's vocabulary: everything that happens, one line each, in the order it happened.

Transcript, metrics, report and verdict are derived from these alone. No event holds a wall time,
a path, a port or an id that is not drawn from the run's seed. Lines stand in the order in which
things became known, so a `pts` may be smaller than that of the line before: that a track fell
silent is known only some time after its last audible sample.
"""

from __future__ import annotations

import math
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from soundstage.messages.cause import Cause
from soundstage.units import Samples

EVENT_SCHEMA_VERSION = 2
"""Raised when a field changes its meaning or goes; new types and fields do not raise it.

From version 2 on, every reply that was played has a turn, also one that the end of the run cut.
"""


class Event(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event has.

    Attributes:
        pts: samples since the run began.
        agent: the agent that it is about; empty for the run itself.
    """

    pts: Samples
    agent: str = ""

    @property
    def type(self) -> str:
        """The word that the log has for events of this class, as `turn`."""
        return str(self.__struct_config__.tag)


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """The run begins.

    Attributes:
        schema: version of this vocabulary.
        scenario: the scenario's file stem.
        seed: what all random streams derive from.
        clock: `wall` or `virtual`.
        agents: the agents, in the order of their declaration.
        hears: listener to the speakers it hears.
        title: the scenario's name; empty in logs of version 1.
        recognizers: the agents that have what they hear written down; absent in logs of version 1.
        finds_keys: whether keys of a telephone are looked for in what agents hear.
    """

    schema: int
    scenario: str
    seed: int
    clock: str
    agents: tuple[str, ...]
    hears: dict[str, tuple[str, ...]]
    title: str = ""
    recognizers: tuple[str, ...] | UnsetType = UNSET
    finds_keys: bool = False


class Joined(Event, frozen=True, kw_only=True, tag="joined"):
    """An agent is ready and takes part."""


class Left(Event, frozen=True, kw_only=True, tag="left"):
    """An agent takes part no more.

    Attributes:
        reason: `stopped`, `fault`, `hang_up`, `hung_up` where the far end of its call ended it, or
            its own.
        by: who hung up; unset where the call was not hung up by its far end.
    """

    reason: str
    by: str | UnsetType = UNSET


class VoiceStarted(Event, frozen=True, kw_only=True, tag="voice_started"):
    """A track became audible; `pts` is its first audible sample.

    Attributes:
        track: `said` (what the agent sends) or `heard` (the mix it receives).
    """

    track: str


class VoiceStopped(Event, frozen=True, kw_only=True, tag="voice_stopped"):
    """A track fell silent; `pts` is one past its last audible sample."""

    track: str


class AgentSpeechStarted(Event, frozen=True, kw_only=True, tag="speech_started"):
    """An agent began to play an utterance; `response` joins it to its response."""

    response: str


class AgentSpeechStopped(Event, frozen=True, kw_only=True, tag="speech_stopped"):
    """An agent's utterance has been played, or was cut (`cut`)."""

    response: str
    cut: bool = False


class ResponseStarted(Event, frozen=True, kw_only=True, tag="response_started"):
    """An agent's session began to make a reply."""

    response: str


class ResponseDone(Event, frozen=True, kw_only=True, tag="response_done"):
    """An agent's session has made its reply, which may still be playing.

    Attributes:
        status: `completed`, `cancelled`, `failed` or `incomplete`.
        reason: why it is not completed, or empty.
        text: what it wants to say, in full.
    """

    response: str
    status: str
    text: str
    reason: str = ""


class Saying(Event, frozen=True, kw_only=True, tag="saying"):
    """The next words of a reply, as they are made; `pts` says when they came, not when heard."""

    response: str
    text: str


class Listening(Event, frozen=True, kw_only=True, tag="listening"):
    """An agent's own turn detection noticed speech (`on`) or its end; `pts` is when it did so.

    Attributes:
        on: True for start, False for end.
        item: joins it to the `HeardText` that follows.
        at: the detector's own time of the boundary, in samples of the run.
    """

    on: bool
    item: str
    at: Samples


class HeardText(Event, frozen=True, kw_only=True, tag="heard"):
    """What an agent recognised of what it heard.

    Attributes:
        speaker: the agent that was speaking; empty where none is known.
        text: the words recognised.
        start: when the speech began, in samples of the run.
        end: when it ended.
        item: the conversation item, the same as in the agent's `Listening`.
        score: how sure the recogniser was: the mean log probability of the words, 0 at best; not
            there where it does not say.
    """

    speaker: str
    text: str
    start: Samples
    end: Samples
    item: str = ""
    score: float | UnsetType = UNSET


class Pressed(Event, frozen=True, kw_only=True, tag="pressed"):
    """An agent presses keys of its telephone; `keys` are `0` to `9`, `*`, `#` and `A` to `D`."""

    keys: str


class Dtmf(Event, frozen=True, kw_only=True, tag="dtmf"):
    """A key of a telephone was found in what an agent hears; `agent` is the one that pressed it.

    Attributes:
        key: which.
        by: the agent that heard it.
    """

    key: str
    by: str


def score_in_log(score: float) -> float | UnsetType:
    """A recogniser's score as the log has it: to the hundredth, and none where it is no number.

    Processors differ in the last bits of what a model computes.
    """
    return round(score, 2) if math.isfinite(score) else UNSET


class Turn(Event, frozen=True, kw_only=True, tag="turn"):
    """A reply that was played at least in part has ended; `pts` is then.

    Attributes:
        number: counts from 1 over the whole run.
        response: the response it played; empty for speech that its agent did not tell, and that
            was found in the sound.
        start: first frame played.
        end: one past the last frame played.
        generated: everything the reply would have said.
        said: what of it was played; equal to `generated` unless cut.
        cut_by: what interrupted it, or empty.
        estimated: whether `said` rests on proportion rather than the synthesiser's timings.
        text_source: `recognised` where the words were recognised in the sound, `unknown` where
            they are not known; not there where the agent itself tells its words.
        made_by: the language model that made the words of a persona; not there for any other turn.
    """

    number: int
    response: str
    start: Samples
    end: Samples
    generated: str
    said: str
    cut_by: str = ""
    estimated: bool = False
    text_source: str | UnsetType = UNSET
    made_by: str | UnsetType = UNSET


class Interrupted(Event, frozen=True, kw_only=True, tag="interrupted"):
    """An agent was cut short while it was playing a reply."""

    by: str
    response: str


class ToolCalled(Event, frozen=True, kw_only=True, tag="tool_called"):
    """A reply asks for a tool; `arguments` is the JSON text as it came."""

    call: str
    tool: str
    arguments: str
    response: str = ""


class ToolReturned(Event, frozen=True, kw_only=True, tag="tool_returned"):
    """A tool has answered; `latency` is in samples, `error` empty when it worked."""

    call: str
    tool: str
    output: str
    latency: Samples
    error: str = ""


class ToolDropped(Event, frozen=True, kw_only=True, tag="tool_dropped"):
    """A call or its result is of no use any more, and goes nowhere.

    Attributes:
        reason: `cut` where the reply was cut that asked for it; `ended` where its agent
            ended, or was restarted, first; `late` where the model had been told so before.
    """

    call: str
    tool: str
    reason: str


class Fault(Event, frozen=True, kw_only=True, tag="fault"):
    """Something failed.

    Attributes:
        error: the exception's type and message.
        traceback: the full text; empty where nothing was raised.
        action: what was done: `leave`, `restart`, `end` or `none`.
        restarts: how often the agent had been restarted before.
        cause: whose fault it is, and why; None in logs of earlier versions.
    """

    error: str
    traceback: str
    action: str
    restarts: int = 0
    cause: Cause | None = None


class Warned(Event, frozen=True, kw_only=True, tag="warned"):
    """Something is not as it should be, and the run goes on."""

    code: str
    message: str


class Noted(Event, frozen=True, kw_only=True, tag="noted"):
    """An agent's own entry."""

    name: str
    data: dict[str, Any]


class Wire(Event, frozen=True, kw_only=True, tag="wire"):
    """One protocol event of a session, secrets masked; `sent` is seen from the agent."""

    sent: bool
    event: dict[str, Any]


class Audio(Event, frozen=True, kw_only=True, tag="audio"):
    """An agent's port at the end: frames in and out, and what was lost or made up.

    Attributes:
        sent: frames that left the agent.
        heard: frames that reached it.
        dropped: frames discarded because a queue was full or they were stale.
        concealed: frames made up because none had come.
        late: frames that came after their time.
    """

    sent: int
    heard: int
    dropped: int
    concealed: int
    late: int


class Carried(Event, frozen=True, kw_only=True, tag="carried"):
    """What the mixer did with an agent's frames and with its mix, at the end.

    Attributes:
        missing: ticks for which no frame had come in time; silence took their place.
        late: frames that came after their tick had been mixed.
        dropped: frames discarded because they were stale, came twice, or too far ahead.
        wrong: frames that were not 20 ms of PCM; silence took their place.
        limited: frames of its mix that were turned down to stay within full scale.
    """

    missing: int
    late: int
    dropped: int
    wrong: int
    limited: int


class FloorGiven(Event, frozen=True, kw_only=True, tag="floor_given"):
    """An agent may speak in a room with a floor, and no other agent may.

    Attributes:
        room: whose floor it is.
        why: `opening`, `named`, `passed`, `next`, `wanted` or `fallback`.
    """

    room: str
    why: str


class FloorPassed(Event, frozen=True, kw_only=True, tag="floor_passed"):
    """An agent has spoken, or has nothing to say; `to` is the agent that it names, or empty."""

    to: str = ""


class FloorTaken(Event, frozen=True, kw_only=True, tag="floor_taken"):
    """An agent has lost the floor; `why` is `late`, `max_turn` or `left`."""

    room: str
    why: str


class FloorWanted(Event, frozen=True, kw_only=True, tag="floor_wanted"):
    """An agent has something to say, and waits for the floor."""


class CueGiven(Event, frozen=True, kw_only=True, tag="cue_given"):
    """A cue of the scenario was carried out.

    Attributes:
        cue: which one, from 0.
        act: `say`, `ask`, `play`, `keys`, `mute`, `join` or `leave`.
        id: its `id` in the scenario; not there where it has none.
    """

    cue: int
    act: str
    id: str | UnsetType = UNSET


class Entered(Event, frozen=True, kw_only=True, tag="entered"):
    """An agent has come into a room of which it is a member."""

    room: str


class Exited(Event, frozen=True, kw_only=True, tag="exited"):
    """An agent has gone out of a room, and may come again."""

    room: str


class Dropped(Event, frozen=True, kw_only=True, tag="dropped"):
    """An agent's session was lost or has expired, and is placed again; `error` says why."""

    error: str


class Reconnected(Event, frozen=True, kw_only=True, tag="reconnected"):
    """An agent has a session again, and goes on with the conversation.

    Attributes:
        gap: how long it had none, in samples: from `dropped` until the settings were confirmed.
        attempts: how often it called.
    """

    gap: Samples
    attempts: int


class HangUp(Event, frozen=True, kw_only=True, tag="hang_up"):
    """The call was ended from outside: Ctrl-C, TERM, a closed seat, the far end."""

    by: str


class RunEnded(Event, frozen=True, kw_only=True, tag="run_ended"):
    """The run is over.

    Attributes:
        outcome: `ended`, `failed`, `invalid` or `interrupted`.
        reason: what decided it: `turns`, `silence`, `when[0]`, `max`, `fault:bob`, `hang_up` …
        exit_code: what the command exits with.
        cause: why it failed or is invalid; absent in any other case.
    """

    outcome: str
    reason: str
    exit_code: int
    cause: Cause | UnsetType = UNSET
