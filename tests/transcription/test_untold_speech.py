"""Where the speech of an agent begins and ends that tells no replies."""

from __future__ import annotations

import pytest

from soundstage.transcription import Stretch, UntoldSpeech
from soundstage.transcription.untold_speech import LONG, LONGEST, LoudnessActivity
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE, samples_of_ms

WORD = b"\x00\x10" * FRAME_SAMPLES
FAINT = b"\x20\x00" * FRAME_SAMPLES


class DummyActivity:
    """Finds speech in every frame that is loud."""

    lag = 0
    at_start = True

    def hear(self, pcm: bytes) -> float:
        return float(pcm == WORD)


class Agent:
    """An agent's sound, told frame by frame."""

    def __init__(self) -> None:
        self.opened = 0
        self.speech = UntoldSpeech(self._open)
        self.pts = 0
        self.found: list[Stretch] = []

    def _open(self) -> DummyActivity:
        self.opened += 1
        return DummyActivity()

    def sends(self, pcm: bytes, milliseconds: int) -> None:
        for _ in range(milliseconds // 20):
            self._keep(self.speech.hear(self.pts, pcm))
            self.pts += FRAME_SAMPLES

    def begins_reply(self) -> None:
        self._keep(self.speech.reply_began(self.pts))

    def ends_reply(self) -> None:
        self.speech.reply_ended(self.pts)

    def _keep(self, stretch: Stretch | None) -> None:
        self.found += [stretch] if stretch else []

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The stretches in milliseconds."""
        return [(each.start // 24, each.end // 24) for each in self.found]


@pytest.fixture
def agent() -> Agent:
    return Agent()


def test_a_stretch_is_told_to_the_sample_once_it_is_followed_by_a_pause(agent: Agent) -> None:
    agent.sends(SILENCE, 1000)
    agent.sends(WORD, 600)
    assert not agent.found
    agent.sends(SILENCE, 600)
    assert agent.spans == [(1000, 1600)]
    assert agent.found[0].pcm.count(WORD) == 30


def test_pauses_between_words_are_part_of_a_stretch_and_longer_ones_end_it(agent: Agent) -> None:
    for pause in (200, 300, 800):
        agent.sends(WORD, 400)
        agent.sends(SILENCE, pause)
    agent.sends(WORD, 400)
    agent.sends(SILENCE, 600)
    assert agent.spans == [(0, 1700), (2500, 2900)]


def test_what_is_faint_before_and_after_is_no_part_of_a_stretch(agent: Agent) -> None:
    agent.sends(FAINT, 1000)
    agent.sends(WORD, 600)
    agent.sends(FAINT, 1000)
    assert agent.spans == [(1000, 1600)]


def test_an_agent_that_sends_silence_alone_needs_no_voice_activity(agent: Agent) -> None:
    agent.sends(SILENCE, 5000)
    assert agent.speech.rests
    assert not agent.opened


def test_a_reply_that_its_agent_tells_is_no_stretch(agent: Agent) -> None:
    agent.begins_reply()
    agent.sends(WORD, 600)
    agent.ends_reply()
    agent.sends(SILENCE, 1000)
    assert not agent.found
    assert not agent.opened


def test_sound_that_comes_a_little_before_its_reply_is_told_belongs_to_it(agent: Agent) -> None:
    agent.sends(WORD, 100)
    agent.begins_reply()
    agent.sends(WORD, 600)
    agent.ends_reply()
    agent.sends(SILENCE, 1000)
    assert not agent.found


def test_speech_before_and_after_a_reply_is_found(agent: Agent) -> None:
    agent.sends(WORD, 1000)
    agent.sends(SILENCE, 100)
    agent.begins_reply()
    agent.sends(WORD, 600)
    agent.ends_reply()
    agent.sends(WORD, 400)
    agent.sends(SILENCE, 600)
    assert agent.spans == [(0, 1000), (1700, 2100)]


def test_what_is_left_of_a_cut_reply_in_the_mixer_is_no_stretch(agent: Agent) -> None:
    agent.begins_reply()
    agent.sends(WORD, 600)
    agent.speech.reply_ended(agent.pts + 2 * FRAME_SAMPLES)
    agent.sends(WORD, 40)
    agent.sends(SILENCE, 1000)
    assert not agent.found


def test_the_sound_of_the_last_reply_is_kept(agent: Agent) -> None:
    agent.sends(SILENCE, 100)
    agent.begins_reply()
    agent.sends(WORD, 400)
    agent.sends(FAINT, 200)
    agent.ends_reply()
    start = samples_of_ms(100)
    assert agent.speech.reply_sound(start, agent.pts) == WORD * 20 + FAINT * 10
    assert agent.speech.reply_sound(start, start + samples_of_ms(40)) == WORD * 2


def test_a_reply_whose_beginning_is_not_kept_has_no_sound(agent: Agent) -> None:
    agent.begins_reply()
    agent.sends(WORD, 130_000)
    agent.ends_reply()
    assert agent.speech.reply_sound(0, agent.pts) == b""


def test_what_is_being_said_at_the_end_is_found(agent: Agent) -> None:
    agent.sends(WORD, 400)
    stretch = agent.speech.flush()
    assert stretch == Stretch(0, samples_of_ms(400), WORD * 20)
    assert agent.speech.flush() is None


def test_a_long_stretch_ends_at_a_short_pause_and_a_longer_one_at_once(agent: Agent) -> None:
    agent.sends(WORD, LONG // 24 + 1000)
    agent.sends(SILENCE, 260)
    agent.sends(WORD, LONGEST // 24 + 1000)
    agent.sends(SILENCE, 600)
    long, longest = LONG // 24 + 1000, LONGEST // 24
    assert agent.spans[0] == (0, long)
    assert agent.spans[1][0] == long + 260
    assert agent.spans[1][1] - agent.spans[1][0] <= longest
    assert agent.spans[2] == (agent.spans[1][1], 2 * 1000 + LONG // 24 + 260 + longest)


def test_without_an_engine_every_audible_frame_counts_as_speech() -> None:
    activity = LoudnessActivity()
    assert activity.hear(WORD) == 1
    assert activity.hear(FAINT) == 0
    assert activity.hear(bytes(FRAME_BYTES)) == 0
