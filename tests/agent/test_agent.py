"""Agents of one's own, without starting them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from soundstage import Agent, Duration, Heard, handles
from soundstage.agent import SpeakerTracker
from soundstage.agent.speech_queue import SpeechQueue
from soundstage.errors import KernelError
from soundstage.messages import Entry, Mute, Say
from soundstage.messages.events import AgentSpeechStarted, Noted, Turn
from soundstage.speech import SpeechPart, WordTiming
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE


class Guard(Agent):
    """Mutes an agent that swears."""

    class Settings(Agent.Settings):
        words: frozenset[str]
        mute_for: Duration = Duration("10s")

    @handles(Heard)
    def judge(self, heard: Heard) -> None:
        if self.settings.words & set(heard.words):
            self.mute(heard.speaker)
            self.say(f"{heard.speaker}, please.")
            self.emit("swore", word=heard.words[0])


def heard(text: str) -> Heard:
    return Heard("bob", text, tuple(text.lower().split()), 0, 480)


def test_a_bare_agent_collects_what_it_would_send() -> None:
    guard = Guard.bare(words={"damn"})
    guard.judge(heard("hello"))
    assert guard.sent == []


def test_only_a_bare_agent_has_sent() -> None:
    guard = Guard.bare(words={"damn"})
    kernel_address: Any = object()
    ports = replace(guard.context.ports, journal=kernel_address)
    started = Guard(replace(guard.context, ports=ports))
    with pytest.raises(KernelError, match="bare"):
        _ = started.sent


def part(frames: int, *words: str) -> SpeechPart:
    length = frames * FRAME_SAMPLES // len(words)
    timings = tuple(
        WordTiming(word, number * length, (number + 1) * length)
        for number, word in enumerate(words)
    )
    return SpeechPart(bytes([1, 2]) * FRAME_SAMPLES * frames, timings, " ".join(words))


def test_an_utterance_is_one_turn_when_it_has_been_played() -> None:
    queue = SpeechQueue("bob")
    queue.begin("r1", "good day")
    queue.add("r1", part(2, "good", "day"))
    queue.add("r1", None)
    frames = [queue.frame(n * FRAME_SAMPLES) for n in range(3)]
    assert [len(frame) for frame in frames] == [FRAME_BYTES] * 3
    assert frames[2] is SILENCE
    started, _, turn = queue.events()
    assert started == AgentSpeechStarted(pts=0, agent="bob", response="r1")
    assert isinstance(turn, Turn)
    assert (turn.said, turn.start, turn.end) == ("good day", 0, 2 * FRAME_SAMPLES)


def test_a_cut_utterance_has_said_only_the_words_that_were_played() -> None:
    queue = SpeechQueue("bob")
    queue.begin("r1", "good day to you")
    queue.add("r1", part(8, "good", "day", "to", "you"))
    for tick in range(5):
        queue.frame(tick * FRAME_SAMPLES)
    assert queue.cut(5 * FRAME_SAMPLES, "alice")
    turn = list(queue.events())[-1]
    assert isinstance(turn, Turn)
    assert (turn.said, turn.generated, turn.cut_by) == ("good day", "good day to you", "alice")


def test_sound_that_comes_after_the_cut_is_not_played() -> None:
    queue = SpeechQueue("bob")
    queue.begin("r1", "good day")
    queue.cut(0, "alice")
    queue.add("r1", part(2, "good", "day"))
    assert queue.frame(0) is SILENCE


def test_a_stretch_with_a_voice_in_it_is_that_voice_s_however_loud_the_rest_was() -> None:
    tracker = SpeakerTracker()
    for pts, voices in enumerate([(), (), ("b",), (), ("b",), (), ()]):
        tracker.note(pts, ("a", "b"), voices)
    assert tracker.who(0, 7) == "b"
    assert tracker.who(5, 7) == "a"
    assert tracker.latest == "a"


def test_a_rule_of_an_agent_becomes_messages() -> None:
    guard = Guard.bare(words={"damn"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Guard, "now", 480)
        guard.judge(heard("Damn it"))
    mute, say, entry = guard.sent
    assert mute == Mute("bob")
    assert say == Say("bob, please.")
    assert isinstance(entry, Entry)
    assert isinstance(entry.event, Noted)
    assert entry.event.data == {"word": "damn"}


def test_an_entry_keeps_what_its_data_was_when_it_was_logged() -> None:
    guard = Guard.bare(words={"damn"})
    words = ["damn"]
    guard.emit("swore", words=words)
    words.append("blast")
    [noted] = [entry.event for entry in guard.sent if isinstance(entry, Entry)]
    assert isinstance(noted, Noted)
    assert noted.data == {"words": ["damn"]}


def test_data_that_no_log_can_hold_is_refused_where_it_is_logged() -> None:
    guard = Guard.bare(words={"damn"})
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(ValueError, match="100 levels"):
        guard.emit("deep", value=deep)
    with pytest.raises(TypeError):
        guard.emit("strange", value=object())
    assert guard.sent == []
