"""A call to a library, told by its events: what the traits of its caller are measured in."""

from __future__ import annotations

import statistics
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dummy_engines import SPOKEN, DummyEngines, DummySynthesizer
from dummy_stage import DummyStage

from soundstage.kernel import SimulatedKernel
from soundstage.messages import WindDown
from soundstage.messages.events import AgentSpeechStarted, AgentSpeechStopped, Turn
from soundstage.seeds import Seeds
from soundstage.speech import SpeechPart, WordTiming
from soundstage.units import FRAME_SAMPLES, samples_of_seconds, seconds_of
from soundstage_agents.callers.traits import (
    ASKS_AGAIN,
    BACKCHANNELS,
    FILLERS,
    LOOKS_UP,
    SMALL_TALK,
    STILL_THERE,
)
from soundstage_agents.scripted import ScriptedAgent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from soundstage.units import Samples

CALLER: Final = (
    "Hello, i have a book at home that i want to keep a bit longer, if that is possible.",
    "Thank you. Is there a quiet place where a few of us could work on a report together?",
    "Fine, then i know all that i wanted to know, and i will come by in the afternoon.",
)
_HOST: Final = """\
Good morning, you have reached the town library, and I can look up any book you like. Which is it?
I can renew that for you. It takes a moment, and then you can keep it for three more weeks from now.
There is a room for that on the second floor, and you can have it for two hours if you book it now.
"""
HOST: Final = tuple(_HOST.splitlines()) * 4
STEP: Final = samples_of_seconds(0.4)
"""Shorter than the host waits: it is told in time that it is to answer no more."""

WORD: Final = 12
"""Frames that a word takes at the usual pace: 0.24 s."""


class PacedSynthesizer(DummySynthesizer):
    """Takes as long for a text as a voice would: so long for each word, by its pace."""

    def synthesize(self, text: str, voice: str, speed: float = 1.0) -> Iterator[SpeechPart]:
        count = len(text.split())
        frames = round(count * WORD / speed)
        length = frames * FRAME_SAMPLES // count
        words = tuple(
            WordTiming(word, place * length, (place + 1) * length)
            for place, word in enumerate(text.split())
        )
        yield SpeechPart(SPOKEN * frames, words, text)


class PacedEngines(DummyEngines):
    """Its synthesizer takes as long as a voice would."""

    def __init__(self) -> None:
        super().__init__()
        self.synthesizer = PacedSynthesizer()


class Call(NamedTuple):
    """A call that is over.

    Attributes:
        caller: its turns, backchannels and all.
        host: the turns of the other side.
    """

    caller: list[Turn]
    host: list[Turn]


def played(seed: int, traits: Mapping[str, Any]) -> Call:
    """A call in which the host answers everything but the caller's last line."""
    seeds = Seeds(seed)
    with SimulatedKernel() as kernel:
        stage = DummyStage(kernel, "host", "caller")
        engines = PacedEngines()
        given = {"lines": HOST, "wait": "900ms"}
        host = stage.cast("host", ScriptedAgent, settings=given, engines=engines)
        stage.cast(
            "caller",
            ScriptedAgent,
            settings={"lines": CALLER, "wait": "500ms", "traits": dict(traits)},
            stream=cache(lambda purpose: seeds.stream("caller", purpose)),
            engines=engines,
        )
        stage.begin()
        begins = CALLER[-1][:4]
        last: Samples = 0
        while kernel.now - last < samples_of_seconds(14):
            stage.run(STEP)
            turns = stage.of(Turn)
            last = max((turn.end for turn in turns), default=0)
            if len(stage.of(AgentSpeechStarted)) > len(stage.of(AgentSpeechStopped)):
                last = kernel.now  # a slow voice may take longer for a line than the call waits
            lines = [each for each in turns if each.agent == "caller"]
            if any(each.said.startswith(begins) for each in lines):
                host.tell(WindDown())
            if any(each.said == STILL_THERE for each in lines):
                break
        turns = sorted(stage.of(Turn), key=lambda turn: turn.start)
    return Call(
        [each for each in turns if each.agent == "caller"],
        [each for each in turns if each.agent == "host"],
    )


def measures_of(call: Call) -> dict[str, float]:
    """The measure that belongs to each trait; without those that the call says nothing of."""
    asides = {*BACKCHANNELS, STILL_THERE, LOOKS_UP}
    lines = [turn for turn in call.caller if turn.said not in asides]
    told = [turn for turn in lines if turn.said != ASKS_AGAIN]
    looks = [turn for turn in call.caller if turn.said == LOOKS_UP]
    looked_up = [min((t for t in told if t.start > look.end), key=_start) for look in looks]
    spent = [(look.start, line.start) for look, line in zip(looks, looked_up, strict=True)]
    # What the host says while the caller looks for its line is neither heard out nor answered.
    host = [h for h in call.host if not any(begin < h.start < end for begin, end in spent)]
    # Fillers stand in the lines alone: small talk behind them would only dilute them.
    own = [_without_small_talk(turn.said).replace("you know", "you_know") for turn in told]
    words = [word for line in own for word in line.split()]
    fillers = {f"{each.replace(' ', '_')}," for each in FILLERS}
    over = [turn for turn in told if any(h.start < turn.start < h.end for h in host)]
    # Of a turn that it interrupts, it hears less, and it asks for none of it again.
    whole = [h for h in host if not any(h.start < turn.start < h.end for turn in over)]
    heard = sum(turn.end - turn.start for turn in whole)
    aside = [
        turn
        for turn in call.caller
        if turn.said in BACKCHANNELS and any(h.start < turn.start < h.end for h in whole)
    ]
    pauses = [
        seconds_of(turn.start - before)
        for turn in lines
        if turn not in over
        and turn not in looked_up
        and (before := max((h.end for h in host if h.end <= turn.start), default=None))
    ]
    there = [turn for turn in call.caller if turn.said == STILL_THERE]
    talk = sum(turn.end - turn.start for turn in told)
    small = sum(each in turn.said for turn in told for each in SMALL_TALK)
    found = {
        "hesitation": 100 * sum(word in fillers for word in words) / len(words),
        "talkativeness": small / len(told),
        "interrupts": len(over) / len(host),
        "speed": 60 * len([w for turn in told for w in turn.said.split()]) / seconds_of(talk),
    }
    # A line with which it interrupts comes at once, remembered or not.
    if remembered := [turn for turn in told[1:] if turn not in over]:
        found["memory"] = 1 - len(looks) / len(remembered)
    if whole:
        found["backchannels"] = 60 * len(aside) / seconds_of(heard)
        found["asks_again"] = sum(turn.said == ASKS_AGAIN for turn in lines) / len(whole)
    if pauses:
        found["pause"] = statistics.median(pauses)
    if there:
        before = max(turn.end for turn in lines)
        found["patience"] = seconds_of(there[0].start - before)
    return found


def _start(turn: Turn) -> int:
    return turn.start


def _without_small_talk(said: str) -> str:
    for each in SMALL_TALK:
        said = said.replace(each, "")
    return said
