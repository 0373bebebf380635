"""Ticks that a Live session foresees are the ticks that it would have had one by one."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from soundstage.live import ServerSession
from soundstage.realtime import Compose, FunctionCall, Ids, Reply, Speak, Transcribe
from soundstage.units import FRAME_BYTES, FRAME_SAMPLES, SILENCE, Samples

WORD = b"\x40\x00" * 48000
BACKEND = {
    "type": "responses",
    "responses": {"model": "m", "tools": [{"type": "function", "name": "weather"}]},
}
Heard = tuple[bytes, float]


def session() -> ServerSession:
    """A call."""
    made = ServerSession(
        ids=Ids(random.Random(1)),
        session={"model": "gpt-live-1.1", "delegation": BACKEND},
        door="webrtc",
        stream=lambda name: random.Random(f"1 {name}"),
    )
    made.open(0)
    return made


class Side:
    """A session and all that came out of it: frames, events and the names of jobs, in order."""

    def __init__(self) -> None:
        self.session = session()
        self.now: Samples = 0
        self.jobs: list[Any] = []
        self.out: list[Any] = []
        self.foreseen = 0

    def collect(self) -> None:
        self.out += self.session.outgoing()
        jobs = self.session.jobs()
        self.out += [(type(job), job.job) for job in jobs]
        self.jobs += jobs

    def tick(self, heard: Heard) -> None:
        self.now += FRAME_SAMPLES
        self.out.append(self.session.advance(self.now))
        self.collect()
        self.session.hear(*heard, self.now)
        self.collect()

    def ticks(self, heard: list[Heard], longest: int) -> None:
        """Hear these frames, as many at once as are foreseen."""
        while heard:
            now, ahead = self.now + FRAME_SAMPLES, self.session.ahead
            assert ahead is not None
            frames = self.session.foresee(now, min(longest, len(heard)))
            judged = [(probability, 0) for _, probability in heard]
            count = min(len(frames), ahead.foresee_hearing(judged[: len(frames)]))
            if count:
                ahead.skip(now, count)
                ahead.hear(b"".join(pcm for pcm, _ in heard[:count]), judged[:count])
                self.now += count * FRAME_SAMPLES
                self.out += frames[:count]
                self.foreseen += count
                assert not self.session.has_output
            else:
                self.tick(heard[0])
            heard = heard[count or 1 :]

    def do(self, place: int, *, calls: bool, fails: bool) -> None:
        """One job is done, or fails."""
        job = self.jobs.pop(place % len(self.jobs))
        if fails:
            self.session.failed(job.job, "no", self.now)
        elif isinstance(job, Transcribe):
            self.session.transcribed(job.job, "How are you?")
        elif isinstance(job, Compose):
            called = (FunctionCall("weather", "{}"),) if calls else ()
            self.session.composed(job.job, Reply("" if calls else "Well. And you?", called), 0)
        elif isinstance(job, Speak):
            self.session.spoken(job.job, WORD, [], job.text[: len(job.text) // 2], self.now)
            self.session.spoken(job.job, WORD, [], job.text[len(job.text) // 2 :], self.now)
            self.session.spoken_all(job.job, self.now)
        self.collect()

    def receive(self, event: dict[str, Any]) -> None:
        self.session.receive(json.dumps(event), self.now)
        self.collect()


def append(kind: str) -> dict[str, Any]:
    return {"type": f"session.{kind}.append", "content": "Be kind.", "delegation_id": None}


@pytest.mark.parametrize("seed", range(6))
def test_a_session_that_is_foreseen_does_what_one_that_is_not_does(seed: int) -> None:
    chance = random.Random(seed)
    plain, ahead = Side(), Side()
    for _ in range(150):
        voiced = chance.random() < 0.5
        pcm, probability = (b"\x00\x20" * (FRAME_BYTES // 2), 0.9) if voiced else (SILENCE, 0.0)
        heard = [(pcm, probability)] * chance.randint(1, 90)
        longest = chance.choice([3, 17, 100])
        for frame in heard:
            plain.tick(frame)
        ahead.ticks(heard, longest)
        assert len(plain.jobs) == len(ahead.jobs)
        place, calls, fails = chance.randrange(9), chance.random() < 0.2, chance.random() < 0.1
        event = chance.choice([append("commentary"), append("thinking"), append("instructions")])
        switch = {"type": f"session.input_audio.{chance.choice(['mute', 'unmute', 'unmute'])}"}
        for side in (plain, ahead):
            if side.jobs:
                side.do(place, calls=calls, fails=fails)
            if place == 0:
                side.receive(event)
            elif place == 1:
                side.receive(switch)
    assert ahead.out == plain.out
    kinds = {json.loads(each)["type"] for each in ahead.out if each[:1] == b"{"}
    assert {"session.output_transcript.delta", "session.input_transcript.delta"} <= kinds
    assert ahead.foreseen > 2000
