from __future__ import annotations

import asyncio
import re
import threading

import numpy as np
import psutil
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from dummy_far_end import FarEnd, MuteTrack, Pace, ToneTrack
from dummy_tone import tone

from soundstage.errors import ConnectError, ConnectionLost, ConnectTimeout, ProtocolError
from soundstage.units import SAMPLE_RATE, samples_of_seconds
from soundstage.webrtc import Deadlines, PeerLink, answer

SHORT = Deadlines(
    connect=samples_of_seconds(0.75),
    channel=samples_of_seconds(0.5),
    track=samples_of_seconds(0.5),
    silence=samples_of_seconds(0.5),
    grace=samples_of_seconds(0.5),
)

pytestmark = pytest.mark.realtime


class Side:
    """One end of a call, and what it was told."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.lost = asyncio.get_running_loop().create_future()
        self.events: list = []
        self.losses: list = []
        self.link: PeerLink | None = None

    def callbacks(self) -> dict:
        return {
            "on_open": self.opened.set,
            "on_event": self.events.append,
            "on_lost": self._lose,
        }

    def _lose(self, error: Exception) -> None:
        self.losses.append(error)
        if not self.lost.done():
            self.lost.set_result(error)


async def pair(deadlines=None) -> tuple[Side, Side]:
    """Two links that are connected."""
    caller, answerer = Side(), Side()
    caller.link = PeerLink(**caller.callbacks(), reach="loopback", deadlines=deadlines)
    offer = await caller.link.offer()
    sdp, answerer.link = await answer(
        offer, **answerer.callbacks(), reach="loopback", deadlines=deadlines
    )
    await caller.link.accept(sdp)
    await caller.opened.wait()
    await answerer.opened.wait()
    return caller, answerer


async def call(far: FarEnd, deadlines=SHORT) -> Side:
    """A link that calls a plain far end."""
    side = Side()
    side.link = PeerLink(**side.callbacks(), deadlines=deadlines)
    await side.link.accept(await far.answer(await side.link.offer()))
    return side


async def close(*sides: Side) -> None:
    for side in sides:
        await side.link.close()


def pitch(frames: list[bytes]) -> float:
    signal = np.frombuffer(b"".join(frames), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 1 << 17))
    return float(np.argmax(spectrum) * SAMPLE_RATE / (1 << 17))


def test_tones_survive_both_ways_in_order_level_and_pitch(run):
    heard: dict[str, list[bytes]] = {"caller": [], "answerer": []}
    steps = (300.0, 500.0, 800.0, 1300.0)

    async def talk():
        caller, answerer = await pair()
        async for number in Pace(2.0):
            hertz = steps[min(number // 25, 3)]
            caller.link.play(tone(number, hertz))
            answerer.link.play(tone(number, 2 * hertz))
            heard["caller"].append(caller.link.take())
            heard["answerer"].append(answerer.link.take())
        assert caller.link.concealed + answerer.link.concealed <= 4  # a busy machine
        await close(caller, answerer)

    run(talk())
    for name, factor in (("answerer", 1), ("caller", 2)):
        frames = heard[name]
        for number, hertz in enumerate(steps):
            stretch = frames[25 * number + 8 : 25 * number + 23]
            assert pitch(stretch) == pytest.approx(factor * hertz, rel=0.005)
            level = np.sqrt(np.mean(np.frombuffer(b"".join(stretch), "<i2").astype(float) ** 2))
            assert level == pytest.approx(8000 / np.sqrt(2), rel=0.15)


def test_three_seconds_of_talk_do_not_drift(run):
    async def talk():
        caller, answerer = await pair()
        waiting = []
        async for number in Pace(3.0):
            caller.link.play(tone(number))
            answerer.link.play(tone(number))
            caller.link.take()
            answerer.link.take()
            waiting.append(len(answerer.link._incoming._jitter))
        assert abs(sum(waiting[-40:]) - sum(waiting[20:60])) <= 40
        for side in (caller, answerer):
            assert side.link.late == 0
            assert side.link.concealed + side.link.dropped <= 4  # a busy machine
        await close(caller, answerer)

    run(talk())


def test_frames_played_and_taken_in_another_thread_arrive(run):
    heard: list[bytes] = []

    def act(link: PeerLink) -> None:
        async def keep_pace():
            async for number in Pace(0.8):
                link.play(tone(number, 700.0))
                heard.append(link.take())

        asyncio.run(keep_pace())

    async def talk():
        caller, answerer = await pair()
        actor = asyncio.create_task(asyncio.to_thread(act, caller.link))
        async for number in Pace(0.8):
            answerer.link.play(tone(number, 900.0))
            heard_by_answerer.append(answerer.link.take())
        await actor
        await close(caller, answerer)

    heard_by_answerer: list[bytes] = []
    run(talk())
    assert pitch(heard[15:35]) == pytest.approx(900, rel=0.01)
    assert pitch(heard_by_answerer[15:35]) == pytest.approx(700, rel=0.01)


def test_a_plain_aiortc_far_end_hears_us_and_we_hear_it(run):
    far = FarEnd(ToneTrack(600.0))
    heard: list[bytes] = []

    async def talk():
        side = await call(far)
        await side.opened.wait()
        async for number in Pace(1.2):
            side.link.play(tone(number, 350.0))
            heard.append(side.link.take())
        await close(side)
        await far.close()

    run(talk())
    assert pitch(heard[20:]) == pytest.approx(600, rel=0.01)
    stereo = np.concatenate([frame.to_ndarray()[0] for frame in far.heard[20:]])
    spectrum = np.abs(np.fft.rfft(stereo[::2].astype(float), 1 << 17))
    assert np.argmax(spectrum) * 48_000 / (1 << 17) == pytest.approx(350, rel=0.01)


def test_a_plain_aiortc_caller_is_answered_over_loopback(run):
    async def talk():
        caller = RTCPeerConnection()
        caller.addTrack(ToneTrack())
        channel = caller.createDataChannel("any-label")
        messages: asyncio.Queue[str] = asyncio.Queue()
        channel.on("message", messages.put_nowait)
        await caller.setLocalDescription()
        side = Side()
        sdp, side.link = await answer(
            caller.localDescription.sdp, **side.callbacks(), reach="loopback"
        )
        assert "\r\n" in sdp
        assert sdp.endswith("\r\n")
        side.link.send(b'{"n":1}')
        await caller.setRemoteDescription(type(caller.localDescription)(sdp, "answer"))
        assert await messages.get() == '{"n":1}'
        await caller.close()
        await close(side)

    run(talk())


def without_candidates(offer: str) -> str:
    """As a browser's `createOffer` gives it: nothing has been gathered."""
    return re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", offer)


OTHERS = "a=candidate:1 1 udp 2122260223 6a1e3b2c-0d54-4f6b-9a3c-1f2e3d4c5b6a.local 50000 typ host"
TCP = "a=candidate:2 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active"
NOWHERE = "a=candidate:3 1 udp 2122260223 192.0.2.7 50001 typ host"


@pytest.mark.parametrize(
    "mend",
    [
        without_candidates,
        lambda offer: without_candidates(offer) + "a=end-of-candidates\r\n",
        lambda offer: without_candidates(offer).replace("a=ice-pwd", f"{OTHERS}\r\na=ice-pwd"),
        lambda offer: without_candidates(offer).replace("a=ice-pwd", f"{TCP}\r\na=ice-pwd"),
        lambda offer: without_candidates(offer).replace("a=ice-pwd", f"{NOWHERE}\r\na=ice-pwd"),
        lambda offer: without_candidates(offer).replace(
            "a=ice-pwd", f"{NOWHERE}\r\na=end-of-candidates\r\na=ice-pwd"
        ),
        lambda offer: offer.replace("a=ice-pwd", "a=ice-options:trickle\r\na=ice-pwd"),
    ],
    ids=["none", "the end of none", "unresolvable", "TCP", "unreachable", "only that", "trickled"],
)
def test_an_offer_is_answered_whatever_candidates_it_has(run, mend):
    async def talk():
        caller, answerer = Side(), Side()
        caller.link = PeerLink(**caller.callbacks(), reach="loopback")
        offer = mend(await caller.link.offer())
        sdp, answerer.link = await answer(offer, **answerer.callbacks(), reach="loopback")
        await caller.link.accept(sdp)
        async with asyncio.timeout(10):
            await caller.opened.wait()
            await answerer.opened.wait()
        await close(caller, answerer)
        assert not caller.losses + answerer.losses

    run(talk())


def test_an_offer_that_aiortc_has_just_made_is_answered(run):
    async def talk():
        caller = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        caller.addTrack(ToneTrack())
        opened = asyncio.Event()
        caller.createDataChannel("oai-events").on("open", opened.set)
        offer = await caller.createOffer()
        assert "a=candidate" not in offer.sdp
        side = Side()
        sdp, side.link = await answer(offer.sdp, **side.callbacks(), reach="loopback")
        await caller.setLocalDescription(offer)
        await caller.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        async with asyncio.timeout(10):
            await side.opened.wait()
            await opened.wait()
        await close(side)
        await caller.close()

    run(talk())


def test_an_answer_without_candidates_is_taken_when_the_far_end_calls_back(run):
    async def talk():
        caller, answerer = Side(), Side()
        caller.link = PeerLink(**caller.callbacks(), reach="loopback")
        sdp, answerer.link = await answer(
            await caller.link.offer(), **answerer.callbacks(), reach="loopback"
        )
        await caller.link.accept(without_candidates(sdp))
        async with asyncio.timeout(10):
            await caller.opened.wait()
        await close(caller, answerer)

    run(talk())


def test_a_channel_agreed_on_beforehand_needs_no_handshake(run):
    async def talk():
        caller = RTCPeerConnection()
        caller.addTrack(ToneTrack())
        channel = caller.createDataChannel("x", negotiated=True, id=7)
        await caller.setLocalDescription()
        side = Side()
        sdp, side.link = await answer(caller.localDescription.sdp, **side.callbacks(), channel_id=7)
        await caller.setRemoteDescription(type(caller.localDescription)(sdp, "answer"))
        channel.on("open", lambda: channel.send("hello"))
        async for _ in Pace(2.0):
            if side.events:
                break
        assert side.events == ["hello"]
        await caller.close()
        await close(side)

    run(talk())


def test_events_arrive_in_order_up_to_the_size_the_far_end_takes(run):
    async def talk():
        caller, answerer = await pair()
        large = b'"' + b"x" * 262_142 + b'"'
        for number in range(200):
            caller.link.send(b"%d" % number)
        caller.link.send(large)
        with pytest.raises(ProtocolError, match="262144"):
            caller.link.send(large + b" ")
        async for _ in Pace(10.0):
            if len(answerer.events) == 201:
                break
        assert answerer.events == [*(str(number) for number in range(200)), large.decode()]
        await close(caller, answerer)

    run(talk())


async def loss_of(side: Side) -> Exception:
    async with asyncio.timeout(10):
        error = await side.lost
    await close(side)
    assert side.losses == [error]
    return error


def test_ice_that_never_completes_misses_its_deadline(run):
    async def talk():
        far = FarEnd()
        side = Side()
        side.link = PeerLink(**side.callbacks(), deadlines=SHORT)
        sdp = await far.answer(await side.link.offer())
        await far.close()
        await side.link.accept(sdp)
        return await loss_of(side)

    error = run(talk())
    assert isinstance(error, ConnectTimeout)
    assert "ICE did not complete within 0.75 s" in str(error)


def test_a_channel_that_never_opens_misses_its_deadline(run):
    async def talk():
        far = FarEnd()
        far.deaf = True
        error = await loss_of(await call(far))
        await far.close()
        return error

    error = run(talk())
    assert isinstance(error, ConnectTimeout)
    assert "the event channel did not open within 0.5 s" in str(error)


def test_a_track_that_never_comes_misses_its_deadline(run):
    async def talk():
        far = FarEnd(MuteTrack())
        side = await call(far)
        error = await loss_of(side)
        assert side.opened.is_set()
        await far.close()
        return error

    error = run(talk())
    assert isinstance(error, ConnectTimeout)
    assert "no audio track came within 0.5 s" in str(error)


def test_a_far_end_that_vanishes_is_noticed_by_its_silence(run):
    async def talk():
        far = FarEnd()
        side = await call(far)
        await side.opened.wait()
        async for number in Pace(0.5):
            side.link.play(tone(number))
        far.die()
        error = await loss_of(side)
        await far.close()
        return error

    error = run(talk())
    assert isinstance(error, ConnectionLost)
    assert "nothing has come from the far end for 0.5 s" in str(error)


def test_a_far_end_that_vanishes_is_noticed_after_two_seconds(run):
    async def talk():
        far = FarEnd()
        side = await call(far, Deadlines())
        await side.opened.wait()
        far.die()
        error = await loss_of(side)
        await far.close()
        return error

    # Not by its silence, which would take five: it does not answer.
    assert str(run(talk())) == "nothing has come from the far end for 2 s"


def test_a_far_end_that_answers_is_not_given_up_for_a_pause(run):
    async def talk():
        far = FarEnd()
        seconds = samples_of_seconds
        side = await call(far, Deadlines(unanswered=seconds(0.75), silence=seconds(2)))
        await side.opened.wait()
        # Of what it has to say, nothing leaves it; ICE goes on answering.
        far.connection.sctp.transport.transport._connection.sendto = _send_nothing
        error = await loss_of(side)
        await far.close()
        return error

    assert str(run(talk())) == "nothing has come from the far end for 2 s"


async def _send_nothing(*_: object) -> None:
    """In place of aioice's way for all but STUN."""


def test_a_far_end_that_closes_is_noticed_at_once(run):
    async def talk():
        far = FarEnd()
        side = await call(far, Deadlines())
        await side.opened.wait()
        await far.close()
        return await loss_of(side)

    error = run(talk())
    assert isinstance(error, ConnectionLost)
    assert "closed the call" in str(error)


def test_a_caller_whose_channel_is_closed_loses_the_call_within_two_seconds(run):
    async def close_channel():
        caller, answerer = await pair()
        answerer.link.close_channel()
        async with asyncio.timeout(2):
            error = await caller.lost
        assert isinstance(error, ConnectionLost)
        assert "closed the event channel" in str(error)
        await close(caller, answerer)

    run(close_channel())


def test_a_caller_may_close_its_channel_and_talk_on(run):
    async def close_channel():
        caller, answerer = await pair()
        caller.link._is_caller = False  # another client may close it on purpose
        caller.link.close_channel()
        async for number in Pace(1.0):
            caller.link.play(tone(number))
            answerer.link.take()
        assert answerer.link._channel.is_closed
        assert answerer.losses == []
        await close(caller, answerer)

    run(close_channel())


def test_a_callback_that_raises_loses_the_call_and_says_why(run, caplog):
    def burst(_):
        raise ValueError("burst")

    async def talk():
        far = FarEnd()
        side = Side()
        side.link = PeerLink(**side.callbacks() | {"on_event": burst})
        await side.link.accept(await far.answer(await side.link.offer()))
        error = await loss_of(side)
        await far.close()
        return error

    assert isinstance(run(talk()), ValueError)
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    ("mend", "text"),
    [
        (lambda sdp: "garbage", "no session description"),
        (lambda sdp: sdp.partition("m=audio")[0], "no audio section"),
        (lambda sdp: sdp.partition("m=application")[0], "no event channel"),
        (lambda sdp: sdp.replace("sendrecv", "recvonly"), "no audio track will come"),
        (lambda sdp: sdp.replace("opus/48000/2", "other/48000"), "must offer Opus"),
        (lambda sdp: sdp.replace("a=fingerprint", "a=nothing"), "has no fingerprint"),
    ],
)
def test_an_answer_that_cannot_be_used_says_what_is_wrong(run, mend, text):
    async def talk():
        far = FarEnd(mends=mend)
        side = Side()
        side.link = PeerLink(**side.callbacks(), deadlines=SHORT)
        try:
            with pytest.raises(ConnectError, match=text):
                await side.link.accept(await far.answer(await side.link.offer()))
        finally:
            await close(side)
            await far.close()
        assert side.losses == []

    run(talk())


def test_an_offer_that_cannot_be_answered_leaves_nothing(run):
    async def talk():
        side = Side()
        whole = "v=0\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\na=fingerprint:z\r\nm=audio 9 x 0\r\n"
        for offer in ("garbage", "v=0\r\n", whole, whole.replace("a=fing", "m=audio x\r\na=fing")):
            with pytest.raises(ConnectError):
                await answer(offer, **side.callbacks())
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(talk())


def test_a_machine_without_an_address_says_so(run, monkeypatch):
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: [])

    async def talk():
        side = Side()
        side.link = PeerLink(**side.callbacks())
        with pytest.raises(ConnectError, match="no network address"):
            await side.link.offer()
        await close(side)
        return await pair()

    async def talk_within():
        await close(*await talk())

    run(talk_within())


@pytest.mark.parametrize("step", ["made", "offered", "answered", "connecting", "open"])
def test_closing_at_any_step_leaves_no_task_and_no_word_of_loss(run, step):
    async def talk():
        far, side = FarEnd(), Side()
        side.link = PeerLink(**side.callbacks())
        if step != "made":
            offer = await side.link.offer()
        if step in {"answered", "connecting", "open"}:
            await side.link.accept(await far.answer(offer))
        if step == "connecting":
            async for _ in Pace(0.03):
                pass
        if step == "open":
            await side.opened.wait()
        await asyncio.gather(side.link.close(), side.link.close())
        await side.link.close()
        await far.close()
        assert side.losses == []
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(talk())


def test_twenty_calls_leave_no_task_thread_or_socket(run):
    process = psutil.Process()

    async def cycle():
        caller, answerer = await pair()
        caller.link.play(tone(0))
        await close(caller, answerer)
        return asyncio.all_tasks() - {asyncio.current_task()}

    async def talk():
        await cycle()
        before = process.num_fds(), threading.active_count()
        for _ in range(20):
            assert await cycle() == set()
        async for _ in Pace(0.1):
            pass
        assert (process.num_fds(), threading.active_count()) == before

    run(talk())
