"""What a live peer costs: CPU per peer-second, ours against a plain aiortc pair in one run.

Both pairs send the same speech-like audio both ways over real connections on this machine, on
the same event loop, and read what comes. The plain pair does it as aiortc's examples do: a track
whose `recv` paces itself, and a reader of the received track. Ours plays and takes a frame every
20 ms: the caller from a thread of its own, as an actor does, the answerer on the loop, as an
endpoint does. Rounds alternate, so that a busy machine burdens both; the cheapest of each counts,
and a round in which a pair did not hold real time is measured again.

    python benchmarks/live_peer.py --rounds 8 --seconds 4
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from soundstage.audio import peak
from soundstage.units import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, FRAMES_PER_SECOND, SAMPLE_RATE
from soundstage.webrtc import PeerLink, answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from av.audio.frame import AudioFrame as Received

TARGET: Final = 0.34
MOST_AGAIN: Final = 2
"""How many times as many rounds may be begun as are wanted."""

NOT_JUDGED: Final = 3
"""Exit code where the machine was too busy for either pair to hold real time."""

SETTLE: Final = 0.5
TICK: Final = FRAME_MS / 1000


def speech(seconds: int = 6) -> list[bytes]:
    """Frames of a voice-like signal: harmonics of a wandering pitch, in syllables, with breath."""
    time_axis = np.arange(SAMPLE_RATE * seconds) / SAMPLE_RATE
    pitch = 120 + 20 * np.sin(2 * np.pi * 1.3 * time_axis)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 25))
    voice = voice * np.sqrt(np.clip(np.sin(2 * np.pi * 2.1 * time_axis), 0, 1))
    voice += np.random.Generator(np.random.PCG64(1)).normal(0, 0.02, len(time_axis))
    pcm = (voice / np.abs(voice).max() * 12_000).astype("<i2").tobytes()
    return [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES)]


SPEECH: Final = speech()


class TooBusyError(Exception):
    """A pair did not hold real time, so that its cost says nothing."""


class Count:
    """What was heard in a round, so that no pair can be cheap by doing nothing."""

    def __init__(self) -> None:
        self.frames = 0
        self.loudest = 0


async def paced() -> AsyncIterator[int]:
    """Frame numbers on an absolute pace of 20 ms."""
    start = time.perf_counter()
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(max(0.0, start + number * TICK - time.perf_counter()))


class SpeechTrack(MediaStreamTrack):
    """The plain pair's source."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._numbers = paced()

    async def recv(self) -> AudioFrame:
        """The next frame, when it is due."""
        number = await anext(self._numbers)
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(SPEECH[number % len(SPEECH)])
        frame.pts = number * FRAME_SAMPLES
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        return frame


async def read(track: MediaStreamTrack, count: Count) -> None:
    """The plain pair's reader: what it gets is 48 kHz stereo, used as it comes."""
    try:
        while True:
            frame: Received = await track.recv()  # type: ignore[assignment]  # audio has no packets
            count.frames += 1
            count.loudest = max(count.loudest, peak(bytes(frame.planes[0])))
    except MediaStreamError:
        return


async def measure(seconds: float, count: Count) -> float:
    """CPU milliseconds per peer-second while two peers run."""
    await asyncio.sleep(SETTLE)
    count.frames = 0
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if count.frames < 2 * wall * FRAMES_PER_SECOND * 0.95:
        raise TooBusyError(f"only {count.frames} frames came")
    assert count.loudest > 5000, "nothing was heard"  # noqa: PLR2004 - of a peak of 12,000
    return cpu / wall / 2 * 1000


async def plain(seconds: float) -> float:
    """One round of the plain pair."""
    count = Count()
    readers: list[asyncio.Task[None]] = []
    opened = asyncio.Event()
    caller, answerer = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    for peer in (caller, answerer):
        peer.addTrack(SpeechTrack())
        peer.on("track", lambda track: readers.append(asyncio.create_task(read(track, count))))
    caller.createDataChannel("oai-events").on("open", opened.set)
    await caller.setLocalDescription()
    await answerer.setRemoteDescription(caller.localDescription)
    await answerer.setLocalDescription()
    await caller.setRemoteDescription(answerer.localDescription)
    await opened.wait()
    try:
        return await measure(seconds, count)
    finally:
        await caller.close()
        await answerer.close()
        await asyncio.gather(*readers)


def tick(link: PeerLink, number: int, count: Count) -> None:
    """What an actor or an endpoint does with its link every 20 ms."""
    link.play(SPEECH[number % len(SPEECH)])
    count.loudest = max(count.loudest, peak(link.take()))
    count.frames += 1


def run_actor(link: PeerLink, count: Count, stop: threading.Event) -> None:
    """Tick a link from a thread of its own."""
    start = time.perf_counter()
    number = 0
    while not stop.wait(max(0.0, start + number * TICK - time.perf_counter())):
        tick(link, number, count)
        number += 1


async def run_endpoint(link: PeerLink, count: Count) -> None:
    """Tick a link on the loop."""
    async for number in paced():
        tick(link, number, count)


def ignore(_: object = None) -> None:
    """What else happens shows in the count of frames."""


async def ours(seconds: float) -> float:
    """One round of our pair."""
    count = Count()
    opened = asyncio.Event()
    stop = threading.Event()
    caller = PeerLink(on_open=opened.set, on_event=ignore, on_lost=ignore)
    sdp, answerer = await answer(
        await caller.offer(), on_open=ignore, on_event=ignore, on_lost=ignore, reach="network"
    )
    await caller.accept(sdp)
    await opened.wait()
    actor = threading.Thread(target=run_actor, args=(caller, count, stop))
    actor.start()
    endpoint = asyncio.create_task(run_endpoint(answerer, count))
    try:
        cost = await measure(seconds, count)
    finally:
        stop.set()
        endpoint.cancel()
        await asyncio.wait([endpoint])
        await asyncio.gather(caller.close(), asyncio.to_thread(actor.join))
        await answerer.close()
    made_up = caller.concealed + answerer.concealed
    if made_up >= seconds * FRAMES_PER_SECOND * 0.1:
        raise TooBusyError(f"{made_up} frames were made up")
    return cost


def loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """The event loop of that name."""
    if name == "uvloop":
        import uvloop  # noqa: PLC0415 - only where it exists and is wanted

        return uvloop.new_event_loop
    return asyncio.new_event_loop


def main() -> int:
    """Measure, print, and fail above the target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each pair in each round")
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    chosen = parser.parse_args()
    factory = loop_factory(chosen.loop)
    costs: dict[str, list[float]] = {"plain": [], "ours": []}
    pairs: dict[str, Callable[[float], Coroutine[Any, Any, float]]] = {"plain": plain, "ours": ours}
    for _ in range(MOST_AGAIN * chosen.rounds):
        found: dict[str, float] = {}
        try:
            for name, pair in pairs.items():
                with asyncio.Runner(loop_factory=factory) as runner:
                    found[name] = runner.run(pair(chosen.seconds))
        except TooBusyError as error:
            print(f"not counted: {error}")
            continue
        for name, cost in found.items():
            costs[name].append(cost)
        spent = ", ".join(f"{name} {cost:.1f} ms" for name, cost in found.items())
        print(f"round {len(costs['ours'])}: {spent} of CPU per peer-second")
        if len(costs["ours"]) == chosen.rounds:
            break
    if not costs["ours"]:
        print("not judged: this machine is too busy for a pair to hold real time")
        return NOT_JUDGED
    least = {name: min(each) for name, each in costs.items()}
    ratio = least["ours"] / least["plain"]
    print(
        f"live peer on {chosen.loop}: {least['ours']:.1f} ms of CPU per peer-second, "
        f"a plain aiortc pair {least['plain']:.1f} ms, ratio {ratio:.2f} (at most {TARGET})"
    )
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
