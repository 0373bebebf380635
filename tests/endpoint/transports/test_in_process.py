"""The transport with no network, on the simulated kernel."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import Any

import pytest
from dummy_engines import DummyEngines

from soundstage.endpoint import CallPlan, InProcessTransport, LocalSettings
from soundstage.errors import CallRefused, EngineMissing
from soundstage.kernel import JobKind, SimulatedKernel
from soundstage.kernel.executor import WITHIN
from soundstage.messages import TransportEvent, TransportLost, TransportOpened
from soundstage.realtime.server.session import LONGEST
from soundstage.seeds import Seeds
from soundstage.units import FRAME_SAMPLES, SILENCE, samples_of_ms, samples_of_seconds

LOUD = b"\x00\x40" * FRAME_SAMPLES


class Line:
    """An owner of a wire, who keeps the pace that an agent keeps."""

    def __init__(
        self,
        engines: Any = None,
        session: dict[str, Any] | None = None,
        begins: int = 0,
        **local: Any,
    ):
        self.kernel = SimulatedKernel()
        self.engines = engines or DummyEngines("Hello there.")
        self.posted: list[Any] = []
        plan = CallPlan(
            local=LocalSettings.model_validate(local), stream=partial(Seeds(1).stream, "a")
        )
        body = session or {"type": "realtime"}
        self.kernel.run_for(begins)
        self.wire = InProcessTransport(self.kernel, plan, self.engines, body, "rtc_1")
        self.wire.open(self.posted.append)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(each.text) for each in self.posted if isinstance(each, TransportEvent)]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]

    def tick(self, frame: bytes | None = SILENCE, count: int = 1) -> list[bytes]:
        played = []
        for _ in range(count):
            self.kernel.run_for(FRAME_SAMPLES)
            played.append(self.wire.take())
            if frame is not None:
                self.wire.play(frame)
        return played


def test_a_call_is_open_at_once_and_the_session_speaks_first() -> None:
    line = Line()
    assert line.posted[0] == TransportOpened("rtc_1")
    assert line.types() == ["session.created"]


def test_a_session_that_begins_late_in_a_run_lasts_as_long_as_any_other() -> None:
    line = Line(begins=LONGEST + samples_of_seconds(60), lines=["Hi."])
    line.wire.send(b'{"type": "response.create"}')
    line.tick(count=20)
    assert "response.done" in line.types()
    assert "error" not in line.types()
    line.kernel.run_for(LONGEST)
    line.tick(count=2)
    [error] = [each["error"] for each in line.events() if each["type"] == "error"]
    assert error["code"] == "session_expired"


def test_a_session_lives_as_long_as_its_table_says_and_says_so_at_its_end() -> None:
    line = Line(begins=samples_of_seconds(5), expires_after="2s")
    line.tick(count=99)
    assert "error" not in line.types()
    line.tick(count=2)
    [error] = [each["error"] for each in line.events() if each["type"] == "error"]
    assert error["message"] == "Your session hit the maximum duration of 2 seconds."


def test_a_fault_of_a_session_counts_from_its_own_beginning() -> None:
    expire = {"kind": "expire", "after": "1s"}
    line = Line(begins=samples_of_seconds(5), faults=[expire])
    line.tick(count=49)
    assert "error" not in line.types()
    line.tick(count=2)
    assert "error" in line.types()


def test_a_prompt_is_answered_in_the_frames_that_are_taken() -> None:
    line = Line(lines=["Hi."])
    line.wire.send(b'{"type": "response.create"}')
    played = line.tick(count=20)
    assert any(frame is not SILENCE for frame in played)
    assert "response.done" in line.types()


def test_what_is_played_is_heard_and_recognised_when_the_turn_is_over() -> None:
    line = Line(lines=["Hi."])
    line.tick(LOUD, 20)
    line.tick(SILENCE, 40)
    assert line.types().count("input_audio_buffer.committed") == 1
    assert "response.created" in line.types()


def test_a_pause_within_a_turn_is_not_recognised_for_nothing() -> None:
    line = Line(
        engines=DummyEngines("All of it.", "And again."),
        session={
            "type": "realtime",
            "audio": {
                "input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}
            },
        },
    )
    line.tick(LOUD, 20)
    line.tick(SILENCE, 15)
    line.tick(LOUD, 20)
    line.tick(SILENCE, 40)
    assert line.engines.recognizer.texts == ["And again."]


@pytest.mark.parametrize(
    ("what", "frames", "told"),
    [
        ("channel", 1, "closed the event channel"),
        ("connection", 1, "closed the call without hanging up"),
        ("path", 2 * 50, "nothing has come from the far end for 2 s"),
    ],
)
def test_a_call_is_lost_in_the_words_and_the_time_of_one_over_a_network(
    what: str, frames: int, told: str
) -> None:
    line = Line(faults=[{"kind": "drop", "what": what, "after": "200ms"}])
    line.tick(LOUD, 9)
    lost = [each for each in line.posted if isinstance(each, TransportLost)]
    assert not lost
    line.tick(LOUD, frames + 2)
    [lost] = [each for each in line.posted if isinstance(each, TransportLost)]
    assert told in str(lost.error)


def test_a_tick_in_which_nothing_is_played_is_a_tick_of_silence() -> None:
    line = Line()
    line.tick(LOUD, 20)
    line.tick(None, 60)
    assert "input_audio_buffer.speech_stopped" in line.types()


def test_a_session_that_is_wrongly_configured_is_refused_as_over_a_network() -> None:
    line = Line(session={"type": "realtime", "audio": {"output": {"speed": 100}}})
    [lost] = line.posted
    assert isinstance(lost, TransportLost)
    assert isinstance(lost.error, CallRefused)
    assert lost.error.status == 400


def test_an_engine_that_cannot_be_had_ends_the_call_and_is_no_failed_response() -> None:
    engines = DummyEngines()
    engines.synthesizer.error = EngineMissing("no voices here")
    line = Line(engines=engines, lines=["Hi."])
    line.wire.send(b'{"type": "response.create"}')
    line.tick(count=3)
    [lost] = [each for each in line.posted if isinstance(each, TransportLost)]
    assert "no voices here" in str(lost.error)


@pytest.mark.realtime
def test_a_synthesiser_that_hangs_is_given_up_and_fails_the_response_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    never = threading.Event()
    engines = DummyEngines()
    monkeypatch.setitem(WITHIN, JobKind.SYNTHESISE, samples_of_ms(300))
    monkeypatch.setattr(engines.synthesizer, "synthesize", lambda *_: iter(never.wait, None))
    line = Line(engines, lines=["Hi."])
    with line.kernel:
        line.wire.send(b'{"type": "response.create"}')
        line.tick(count=20)
    [done] = [each for each in line.events() if each["type"] == "response.done"]
    assert done["response"]["status"] == "failed"
    assert "took longer than 0.3 s" in caplog.text
    assert not [each for each in line.posted if isinstance(each, TransportLost)]


def test_thinking_takes_virtual_time() -> None:
    line = Line(lines=["Hi."], think="400ms")
    line.wire.send(b'{"type": "response.create"}')
    silent = line.tick(count=19)
    spoken = line.tick(count=10)
    assert all(frame is SILENCE for frame in silent)
    assert any(frame is not SILENCE for frame in spoken)
    assert line.kernel.now >= samples_of_ms(400)


def test_nothing_comes_after_the_call_was_closed() -> None:
    line = Line(lines=["Hi."])
    line.wire.send(b'{"type": "response.create"}')
    line.wire.close()
    before = len(line.posted)
    assert line.tick(LOUD, 10) == [SILENCE] * 10
    assert len(line.posted) == before
