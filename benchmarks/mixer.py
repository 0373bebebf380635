"""What it costs to mix a room, against LiveKit's Python `AudioMixer` in the same run.

    pip install -c constraints.txt -e ".[dev]" && python benchmarks/mixer.py

Every member speaks in every tick, which is the most there can be. Ours makes a mix for each member,
without its own voice and with levels and limiter; LiveKit's makes one mix of all, clipped. CPU time
of the measuring thread for 20 ms of sound, the best of several rounds. `actor` is the whole mixer
as it runs in a scenario: messages in and out, meters, and what it tells the recorder.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import Entry, Frame, Join, Mixed, SpeechStarted, SpeechStopped
from soundstage.mixing import Edge, MixBus, Mixer, RoutingGraph
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE

try:
    from livekit.rtc import AudioFrame, AudioMixer
except ImportError:
    print('not measured: LiveKit is missing; pip install -c constraints.txt -e ".[dev]"')
    sys.exit(0)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

TWO = 2
MEMBERS = (TWO, 8, 32, 100)
CHEAPER_AT_LEAST = (8, 10, 10, 20)
CHEAPER_LIMITED_AT_LEAST = (2, 3, 6, 10)
"""While the limiter works on every mix; LiveKit's mixer clips, so that it has no such work."""

ROUNDS = 9


class Costs(NamedTuple):
    """CPU microseconds of a tick."""

    idle: float
    limited: float
    livekit: float
    actor: float


def main() -> None:
    """Measure, print, and say whether it is as cheap as it has to be."""
    print("members   LiveKit µs   idle µs   ratio (least)   limited µs   ratio (least)   actor µs")
    good = True
    for members, least, least_limited in zip(
        MEMBERS, CHEAPER_AT_LEAST, CHEAPER_LIMITED_AT_LEAST, strict=True
    ):
        costs = measure(members)
        ratio, limited = costs.livekit / costs.idle, costs.livekit / costs.limited
        good &= ratio >= least and limited >= least_limited
        print(
            f"{members:7d} {costs.livekit:12.1f} {costs.idle:9.1f} {ratio:7.1f} ({least:5d}) "
            f"{costs.limited:12.1f} {limited:7.1f} ({least_limited:5d}) {costs.actor:10.1f}"
        )
    print("as cheap as it has to be" if good else "TOO EXPENSIVE")
    sys.exit(not good)


def measure(members: int) -> Costs:
    """The costs of a room in which everybody speaks."""
    # As in timeit: what others have left as garbage is no cost of a tick.
    gc.collect()
    gc.disable()
    quiet, loud = voices(members, 20_000 // members), voices(members, 32_000)
    # Of two, each hears only one: that is too loud with a gain.
    bus, shouting = MixBus(room(members)), MixBus(room(members, 2.0 if members == TWO else 1.0))
    found = Costs(
        idle=cost(lambda: bus.mix(quiet)),
        limited=cost(lambda: shouting.mix(loud)),
        livekit=asyncio.run(livekit(quiet)),
        actor=actor(quiet),
    )
    assert not any(bus.limited)
    assert all(shouting.limited)
    return found


def room(members: int, gain: float = 1.0) -> RoutingGraph:
    """Everybody hears everybody else."""
    names = [f"m{number}" for number in range(members)]
    return RoutingGraph(names, [Edge(a, b, gain, "room") for a in names for b in names if a != b])


def voices(members: int, level: int) -> list[bytes]:
    """A frame of noise of each member."""
    draw = np.random.Generator(np.random.PCG64(members))
    return [
        draw.integers(-level, level + 1, FRAME_SAMPLES).astype("<i2").tobytes()
        for _ in range(members)
    ]


def cost(tick: Callable[[], object], ticks: int = 300) -> float:
    """CPU microseconds of one tick."""
    for _ in range(20):
        tick()
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(ticks):
            tick()
        rounds.append((time.thread_time() - began) / ticks)
    return min(rounds) * 1e6


async def livekit(frames: Sequence[bytes], ticks: int = 100) -> float:
    """The same of LiveKit's mixer, which is fed as fast as it takes."""

    async def stream(pcm: bytes) -> AsyncIterator[AudioFrame]:
        frame = AudioFrame(pcm, SAMPLE_RATE, 1, FRAME_SAMPLES)
        while True:
            yield frame

    mixer = AudioMixer(SAMPLE_RATE, 1, blocksize=FRAME_SAMPLES, capacity=1)
    for pcm in frames:
        mixer.add_stream(stream(pcm))
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(ticks):
            await anext(mixer)
        rounds.append((time.thread_time() - began) / ticks)
    await mixer.aclose()
    return min(rounds) * 1e6


class Ear(Actor):
    """Takes everything and keeps nothing."""

    @handles(Frame)
    @handles(Mixed)
    @handles(Entry)
    @handles(SpeechStarted)
    @handles(SpeechStopped)
    def hear(self, message: object) -> None:
        """Nothing."""


def actor(frames: Sequence[bytes]) -> float:
    """The whole mixer, as an actor among actors."""
    with SimulatedKernel() as kernel:
        ear = kernel.spawn("ear", Ear)
        graph = room(len(frames))
        ears = {name: kernel.spawn(name, Ear) for name in graph.members}
        mixer = kernel.spawn(
            "mixer", lambda: Mixer(graph=graph, listeners=ears, recorder=ear, journal=ear)
        )
        for name in graph.members:
            mixer.tell(Join(name))
        kernel.settle()
        tick = iter(range(10**9))

        def mix() -> None:
            pts = next(tick) * FRAME_SAMPLES
            for name, pcm in zip(graph.members, frames, strict=True):
                mixer.tell(Frame(name, pts, pcm))
            kernel.run_for(FRAME_SAMPLES)

        return cost(mix, ticks=100)


if __name__ == "__main__":
    main()
