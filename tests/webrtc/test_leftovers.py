"""What aiortc leaves behind of a connection that is closed while it connects."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from dummy_far_end import FarEnd

from soundstage.webrtc._internals import ParkedTrack, leftover_tasks

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
