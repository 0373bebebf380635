"""What aiortc leaves behind of a connection that is closed while it connects."""

from __future__ import annotations

import asyncio

import psutil
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from dummy_far_end import FarEnd

from soundstage.kernel.portal import make_loop
from soundstage.webrtc._internals import ParkedTrack, leftover_tasks
from soundstage.webrtc.peer_link import PeerLink

pytestmark = pytest.mark.realtime


def test_what_a_connection_closed_while_it_connects_leaves_behind_is_found(run):
    async def check():
        near, far = RTCPeerConnection(RTCConfiguration(iceServers=[])), FarEnd()
        near.addTransceiver(ParkedTrack())
        near.createDataChannel("x")
        connecting = asyncio.Event()
        near.on("connectionstatechange", connecting.set)
        async with asyncio.timeout(10):
            await near.setLocalDescription()
            answer = await far.answer(near.localDescription.sdp)
            await near.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            await connecting.wait()
            await near.close()
            leftovers = leftover_tasks(near)
            assert leftovers != []
            assert not set(leftovers) & set(leftover_tasks(far.connection))
            for task in leftovers:
                task.cancel()
            await asyncio.wait(leftovers)
            assert leftover_tasks(near) == []
            await far.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(check())


@pytest.mark.parametrize("loop", [make_loop, asyncio.new_event_loop])
def test_an_offer_that_is_given_up_at_any_step_leaves_no_socket(loop):
    async def give_up(steps: int) -> bool:
        link = PeerLink(on_open=_nothing, on_event=_nothing, on_lost=_nothing, reach="loopback")
        offering = asyncio.create_task(link.offer())
        for _ in range(steps):
            await _step()
        was_early = not offering.done()
        offering.cancel()
        await asyncio.wait([offering])
        await link.close()
        return was_early

    async def check():
        before = psutil.Process().net_connections()
        steps = 0
        while await give_up(steps):
            steps += 1
        assert steps > 3
        await _step()
        await _step()
        assert [each for each in psutil.Process().net_connections() if each not in before] == []

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(check())


def _nothing(*_: object) -> None:
    """A call of which nothing is awaited."""


async def _step() -> None:
    await asyncio.sleep(0)  # noqa: TID251 - one step of the loop, and no time
