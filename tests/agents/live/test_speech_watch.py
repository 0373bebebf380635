"""What a Live agent says is seen in its sound."""

from __future__ import annotations

from soundstage.messages.events import AgentSpeechStopped, Event, Interrupted, Turn
from soundstage.units import FRAME_SAMPLES
from soundstage_agents.live.speech_watch import SpeechWatch

SECOND = 50


class Stage:
    """Time for one watch."""

    def __init__(self) -> None:
        self.watch = SpeechWatch("alice")
        self.now = 0
        self.events: list[Event] = []

    def pass_frames(self, count: int, *, audible: bool, over: str = "") -> None:
        for _ in range(count):
            self.watch.hear(self.now, over)
            self.events += self.watch.frame(self.now, audible=audible)
            self.now += FRAME_SAMPLES

    def say(self, delta: str) -> None:
        self.events += self.watch.words(self.now, delta)

    def turns(self) -> list[tuple[str, str]]:
        return [(each.said, each.cut_by) for each in self.events if isinstance(each, Turn)]


def test_a_pause_between_sentences_ends_nothing_and_a_longer_one_does() -> None:
    stage = Stage()
    stage.pass_frames(SECOND, audible=True)
    stage.say("One.")
    stage.pass_frames(SECOND // 2, audible=False)
    stage.pass_frames(SECOND, audible=True)
    stage.say(" Two.")
    assert stage.turns() == []
    stage.pass_frames(SECOND, audible=False)
    assert stage.turns() == [("One. Two.", "")]
    stopped = next(each for each in stage.events if isinstance(each, AgentSpeechStopped))
    assert stopped.pts == (5 * SECOND // 2) * FRAME_SAMPLES


def test_words_that_come_before_their_sound_belong_to_it() -> None:
    stage = Stage()
    stage.say("Hello.")
    stage.pass_frames(10, audible=False)
    stage.pass_frames(20, audible=True)
    stage.pass_frames(SECOND, audible=False)
    assert stage.turns() == [("Hello.", "")]


def test_words_whose_sound_never_came_were_not_heard() -> None:
    stage = Stage()
    stage.say("Never.")
    stage.pass_frames(2 * SECOND, audible=False)
    stage.pass_frames(20, audible=True)
    stage.say("Now.")
    stage.pass_frames(SECOND, audible=False)
    assert stage.turns() == [("Now.", "")]


def test_speech_that_stops_in_a_sentence_under_another_voice_was_cut_by_it() -> None:
    stage = Stage()
    stage.pass_frames(SECOND, audible=True)
    stage.say("I was about to")
    stage.pass_frames(SECOND, audible=True, over="bob")
    stage.pass_frames(SECOND, audible=False, over="bob")
    assert stage.turns() == [("I was about to", "bob")]
    assert any(isinstance(each, Interrupted) and each.by == "bob" for each in stage.events)


def test_a_backchannel_or_a_whole_sentence_is_no_interruption() -> None:
    for words, frames in (("I was about to", 20), ("I have said it.", SECOND)):
        stage = Stage()
        stage.pass_frames(SECOND, audible=True)
        stage.say(words)
        stage.pass_frames(frames, audible=True, over="bob")
        stage.pass_frames(SECOND, audible=False, over="bob")
        assert stage.turns() == [(words, "")]
