"""What a lost packet costs on a live call: its own 20 ms, and no delay that stays.

The packets are really encoded, encrypted and sent over loopback. Each end takes its next step only
when the packet before has arrived, so the outcome does not depend on how busy the machine is.
"""

from __future__ import annotations

import asyncio
import math
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from soundstage.audio.effects import EffectGiven, Loss
from soundstage.units import FRAME_SAMPLES, SAMPLE_RATE
from soundstage.webrtc import PeerLink, answer

if TYPE_CHECKING:
    from collections.abc import Collection

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(120)]

FRAMES = 200
ARRIVES_WITHIN = 20.0
"""Seconds: much longer than loopback takes on any machine."""

DAMAGED = 0.1
"""Share of a frame's energy from which a difference counts as damage."""


def voice(number: int) -> bytes:
    """Frame `number` of a tone that glides, so that no two frames are alike."""
    at = np.arange(number * FRAME_SAMPLES, (number + 1) * FRAME_SAMPLES) / SAMPLE_RATE
    samples = 8000 * np.sin(2 * math.pi * (300 * at + 60 * at**2))
    return np.rint(samples).astype("<i2").tobytes()


async def connected() -> tuple[PeerLink, PeerLink]:
    opened = [asyncio.Event(), asyncio.Event()]

    def callbacks(number: int) -> dict:
        return {"on_open": opened[number].set, "on_event": lambda _: None, "on_lost": print}

    caller = PeerLink(**callbacks(0), reach="loopback")
    sdp, answerer = await answer(await caller.offer(), **callbacks(1), reach="loopback")
    await caller.accept(sdp)
    async with asyncio.timeout(ARRIVES_WITHIN):
        for event in opened:
            await event.wait()
    return caller, answerer


def arrivals(link: PeerLink) -> asyncio.Semaphore:
    """Has a place for every packet that has come."""
    came = asyncio.Semaphore(0)
    receive = link._path._on_packet

    def count(*packet: object) -> None:
        receive(*packet)
        came.release()

    link._path._on_packet = count
    return came


async def heard_without(lost: Collection[int]) -> tuple[list[bytes], int, int]:
    """A call that loses these packets: what is heard, what was made up, what waits at the end.

    What was made up is less what was left out again: both together are the delay that stays.
    """
    caller, answerer = await connected()
    heard: list[bytes] = []
    try:
        came, dtls = arrivals(answerer), caller._path._dtls
        send = dtls._send_rtp

        async def lose(_: bytes) -> None:
            """The packet is sent, and never comes."""

        for number in range(FRAMES):
            dtls._send_rtp = lose if number in lost else send
            caller.play(voice(number))
            if number not in lost:
                async with asyncio.timeout(ARRIVES_WITHIN):
                    await came.acquire()
            heard.append(answerer.take())
        made_up = answerer.concealed - answerer.dropped
        return heard, made_up, len(answerer._incoming._jitter)
    finally:
        await caller.close()
        await answerer.close()


def damaged(heard: list[bytes], whole: list[bytes]) -> list[int]:
    """The frames that sound otherwise than in a call without losses."""
    found: list[int] = []
    for number, (one, other) in enumerate(zip(heard, whole, strict=True)):
        wanted = np.frombuffer(other, "<i2").astype(float)
        off = np.frombuffer(one, "<i2") - wanted
        if np.mean(off**2) > DAMAGED * max(np.mean(wanted**2), 1.0):
            found.append(number)
    return found


def losses_of(rate: str, seed: int) -> list[int]:
    """The packets that the effect of this rate loses, the first ones left alone."""
    settings = Loss.Settings.model_validate({"kind": "loss", "rate": rate, "conceal": False})
    effect = Loss(settings, EffectGiven(random.Random(seed), lambda *_: np.zeros(0)))
    sound = np.ones(FRAME_SAMPLES, np.float32)
    return [n for n in range(FRAMES) if not effect.apply(sound).any() and 20 <= n < FRAMES - 70]


def test_a_lost_packet_costs_one_frame_and_no_lasting_delay() -> None:
    async def both() -> None:
        whole, made_up, waiting = await heard_without([])
        assert made_up == 0
        heard, concealed, waiting_after = await heard_without([100])
        assert (concealed, waiting_after) == (1, waiting)
        bad = damaged(heard, whole)
        # A decoder needs one more frame, at most, to find back to where it would be. From then
        # on each frame is heard when it was heard without the loss: nothing is late.
        assert 1 <= len(bad) <= 2
        assert bad[-1] - bad[0] < 2

    asyncio.run(both())


@pytest.mark.parametrize(
    "lost", [[100, 101], [100, 101, 102], [100, 102], losses_of("3%", 1), losses_of("8%", 2)]
)
def test_each_lost_packet_costs_one_frame_however_many_are_lost(lost: list[int]) -> None:
    async def both() -> None:
        whole, _, waiting = await heard_without([])
        heard, concealed, waiting_after = await heard_without(lost)
        assert (concealed, waiting_after) == (len(lost), waiting)
        # A second after the last one, each frame is heard when it was heard without losses.
        assert not [n for n in damaged(heard, whole) if n > lost[-1] + 55]

    asyncio.run(both())
