"""The transcriber between the mixer and the event hub, on the virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soundstage.errors import EngineMissing
from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import Entry, Mixed, events
from soundstage.run.event_hub import EventHub
from soundstage.speech import Recognition
from soundstage.transcription import Transcriber
from soundstage.units import FRAME_SAMPLES, SILENCE, samples_of_ms, samples_of_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator


WORD = b"\x00\x10" * FRAME_SAMPLES


class Keeper(Actor):
    def __init__(self, kept: list[Any]) -> None:
        super().__init__()
        self.kept = kept

    @handles(Entry)
    def keep(self, entry: Entry) -> None:
        self.kept.append(entry.event)


class DummyEngines:
    """Hears speech in every loud frame, and these words in every stretch."""

    lag = 0
    at_start = True

    def __init__(self, text: str = "hello there", error: Exception | None = None) -> None:
        self.text, self.error = text, error
        self.recognised: list[bytes] = []
        self.vad = self.recognizer = self

    def open(self) -> DummyEngines:
        return self

    def hear(self, pcm: bytes) -> float:
        return float(pcm == WORD)

    def recognize(self, pcm: bytes) -> Recognition:
        self.recognised.append(pcm)
        if self.error is not None:
            raise self.error
        return Recognition(self.text, 0.0, 0.0)


class Stage:
    """A hub and a transcriber; what is logged is kept."""

    def __init__(self, kernel: SimulatedKernel, engines: Any, *, recognizes: bool = True) -> None:
        self.kernel = kernel
        self.log: list[Any] = []
        self.pts = 0
        keeper = kernel.spawn("recorder", lambda: Keeper(self.log))
        director = kernel.spawn("director", lambda: Keeper([]))
        opening = events.Joined(pts=0, agent="ann")
        self.transcriber = kernel.address("transcriber")
        self.hub = kernel.spawn(
            "hub", lambda: EventHub(opening, keeper, director, self.transcriber)
        )
        kernel.spawn(
            self.transcriber, lambda: Transcriber(engines, self.hub, recognizes=recognizes)
        )

    def hears(self, pcm: bytes, milliseconds: int) -> None:
        for _ in range(milliseconds // 20):
            self.transcriber.tell(Mixed(self.pts, {"ann": pcm, "ben": SILENCE}, {}))
            self.pts += FRAME_SAMPLES
            self.kernel.run_for(FRAME_SAMPLES)

    def logs(self, event: events.Event) -> None:
        self.hub.tell(Entry(event))
        self.kernel.run_for(0)

    def stop(self) -> None:
        self.kernel.stop([[self.transcriber]], samples_of_seconds(1))

    @property
    def turns(self) -> list[events.Turn]:
        return [event for event in self.log if isinstance(event, events.Turn)]


@pytest.fixture
def kernel() -> Iterator[SimulatedKernel]:
    with SimulatedKernel() as kernel:
        yield kernel


def reply(start: int, end: int, text: str, **fields: Any) -> events.Turn:
    return events.Turn(
        pts=end,
        agent="ann",
        number=0,
        response="r1",
        start=start,
        end=end,
        generated=text,
        **{"said": text, **fields},
    )


def test_speech_that_no_agent_tells_is_a_turn_with_recognised_words(
    kernel: SimulatedKernel,
) -> None:
    stage = Stage(kernel, DummyEngines())
    stage.hears(SILENCE, 200)
    stage.hears(WORD, 600)
    stage.hears(SILENCE, 600)
    [turn] = stage.turns
    assert (turn.agent, turn.number, turn.response) == ("ann", 1, "")
    assert (turn.start, turn.end) == (samples_of_ms(200), samples_of_ms(800))
    assert (turn.said, turn.generated, turn.text_source) == ("hello there",) * 2 + ("recognised",)


def test_a_reply_that_is_told_is_logged_as_it_is_and_costs_no_recognition(
    kernel: SimulatedKernel,
) -> None:
    engines = DummyEngines()
    stage = Stage(kernel, engines)
    stage.logs(events.ResponseStarted(pts=0, agent="ann", response="r1"))
    stage.hears(SILENCE, 20)
    stage.logs(events.AgentSpeechStarted(pts=stage.pts, agent="ann", response="r1"))
    stage.hears(WORD, 600)
    stage.logs(told := reply(480, stage.pts, "Good day."))
    stage.hears(SILENCE, 1000)
    stage.stop()
    [turn] = stage.turns
    assert (turn.said, turn.number, told.number) == ("Good day.", 1, 0)
    assert not engines.recognised


def test_a_recording_is_no_reply_and_so_is_recognised(kernel: SimulatedKernel) -> None:
    stage = Stage(kernel, DummyEngines())
    stage.hears(SILENCE, 20)
    stage.logs(events.AgentSpeechStarted(pts=stage.pts, agent="ann", response="recording"))
    stage.hears(WORD, 600)
    stage.stop()
    assert [turn.said for turn in stage.turns] == ["hello there"]


def test_a_guess_of_what_was_played_is_replaced_by_what_is_heard_of_it(
    kernel: SimulatedKernel,
) -> None:
    engines = DummyEngines("good day to")
    stage = Stage(kernel, engines)
    stage.logs(events.ResponseStarted(pts=0, agent="ann", response="r1"))
    stage.hears(SILENCE, 20)
    stage.logs(events.AgentSpeechStarted(pts=stage.pts, agent="ann", response="r1"))
    stage.hears(WORD, 600)
    guess = reply(480, stage.pts, "Good day to all of you.", said="Good", estimated=True)
    stage.logs(guess)
    stage.hears(SILENCE, 20)
    [turn] = stage.turns
    assert (turn.said, turn.generated) == ("Good day to", "Good day to all of you.")
    assert (turn.estimated, turn.text_source, turn.response) == (False, "recognised", "r1")
    assert engines.recognised == [WORD * 30]


@pytest.mark.parametrize("error", [None, RuntimeError("out of memory")])
def test_a_guess_stays_where_nothing_is_recognised(
    kernel: SimulatedKernel, error: Exception | None
) -> None:
    stage = Stage(kernel, DummyEngines("", error))
    stage.logs(events.ResponseStarted(pts=0, agent="ann", response="r1"))
    stage.hears(SILENCE, 20)
    stage.logs(events.AgentSpeechStarted(pts=stage.pts, agent="ann", response="r1"))
    stage.hears(WORD, 600)
    stage.logs(reply(480, stage.pts, "Good day to all.", said="Good", estimated=True))
    stage.hears(SILENCE, 20)
    [turn] = stage.turns
    assert (turn.said, turn.estimated) == ("Good", True)


def test_without_a_recogniser_there_are_turns_whose_words_are_not_known_and_it_is_told_once(
    kernel: SimulatedKernel,
) -> None:
    stage = Stage(kernel, DummyEngines(error=EngineMissing("no engine 'x'")))
    for _ in range(2):
        stage.hears(WORD, 600)
        stage.hears(SILENCE, 600)
    assert [(turn.said, turn.text_source) for turn in stage.turns] == [("", "unknown")] * 2
    warned = [event for event in stage.log if isinstance(event, events.Warned)]
    assert [(each.agent, each.code) for each in warned] == [("ann", "words_unknown")]
    assert "no engine 'x'" in warned[0].message


def test_where_no_words_are_wanted_none_are_looked_for(kernel: SimulatedKernel) -> None:
    engines = DummyEngines()
    stage = Stage(kernel, engines, recognizes=False)
    stage.hears(WORD, 600)
    stage.hears(SILENCE, 600)
    assert [turn.text_source for turn in stage.turns] == ["unknown"]
    assert not engines.recognised


def test_sound_in_which_no_words_are_found_is_no_turn(kernel: SimulatedKernel) -> None:
    stage = Stage(kernel, DummyEngines(""))
    stage.hears(WORD, 600)
    stage.hears(SILENCE, 600)
    stage.stop()
    assert not stage.turns


def test_without_voice_activity_turns_are_found_by_loudness(kernel: SimulatedKernel) -> None:
    class Deaf(DummyEngines):
        def open(self) -> DummyEngines:
            raise EngineMissing("no engine 'y'")

    stage = Stage(kernel, Deaf())
    stage.hears(WORD, 600)
    stage.hears(SILENCE, 600)
    assert [turn.said for turn in stage.turns] == ["hello there"]
    assert [each.code for each in stage.log if isinstance(each, events.Warned)] == [
        "voice_activity"
    ]


def test_what_is_being_said_when_the_run_ends_is_a_turn_too(kernel: SimulatedKernel) -> None:
    stage = Stage(kernel, DummyEngines())
    stage.hears(WORD, 600)
    assert not stage.turns
    stage.stop()
    [turn] = stage.turns
    assert (turn.start, turn.end, turn.said) == (0, samples_of_ms(600), "hello there")


def test_a_guess_that_is_still_on_its_way_when_the_transcriber_ends_is_logged(
    kernel: SimulatedKernel,
) -> None:
    stage = Stage(kernel, DummyEngines("good"))
    stage.hears(SILENCE, 20)
    stage.hub.tell(Entry(reply(0, 480, "Good day.", said="Good day", estimated=True)))
    stage.stop()
    stage.logs(reply(0, 480, "Good day.", said="Good", estimated=True))
    assert [(turn.said, turn.estimated) for turn in stage.turns] == [
        ("Good day", True),
        ("Good", True),
    ]
