"""Far ends that stop half-way through a call, as a run meets them."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from dummy_command import ALICE_BOB, nothing_left, play_here
from dummy_far_end import FarEnd, MuteTrack
from dummy_faulty_service import Confirming, FaultyService, Greeting, Unreachable, deaf

from soundstage.messages import events
from soundstage.results import Run
from soundstage.units import samples_of_seconds
from soundstage.webrtc import Deadlines
from soundstage_agents import _session_agent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.realtime

SHORT = Deadlines(
    signalling=samples_of_seconds(0.5),
    connect=samples_of_seconds(1),
    channel=samples_of_seconds(0.5),
    track=samples_of_seconds(0.5),
)


def elsewhere(service: FaultyService, folder: Path) -> list[str | Path]:
    """Arguments of a run of Alice and Bob, both of them at a service."""
    file = folder / "elsewhere.toml"
    provider = f'[providers.elsewhere]\nbase_url = "{service.base_url}"\n'
    file.write_text(f"{ALICE_BOB.read_text()}\n{provider}")
    return [file, "--provider", "elsewhere", "--out", folder / "run"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (None, "did not answer POST"),
        (Unreachable, "ICE did not complete within 1 s"),
        (deaf, "the event channel did not open within 0.5 s"),
        (Greeting, "sent no session.updated within 1 s"),
        (lambda: Confirming(MuteTrack()), "no audio track came within 0.5 s"),
    ],
    ids=["no answer", "no ICE", "no channel", "no session.updated", "no track"],
)
def test_a_far_end_that_stops_half_way_makes_the_run_invalid_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], FarEnd] | None,
    words: str,
) -> None:
    monkeypatch.setattr("soundstage.webrtc.outbound_call.Deadlines", lambda: SHORT)
    monkeypatch.setattr(_session_agent, "CONFIRM_WITHIN", samples_of_seconds(1))
    with nothing_left(), FaultyService(make) as service:
        done = play_here(*elsewhere(service, tmp_path), "--ui", "plain")
    assert done.code == 3, done
    assert words in done.out
    assert "Traceback" not in done.out + done.err
    run = Run.load(tmp_path / "run")
    assert (run.outcome, run.reason) == ("invalid", "provider:timeout")
    assert run.faults[0].error.startswith("ConnectTimeout: ")
    assert isinstance([*run.events()][-1], events.RunEnded)


def test_a_provider_is_told_that_its_calls_are_over(tmp_path: Path) -> None:
    with nothing_left(), FaultyService(Confirming) as service:
        arguments = elsewhere(service, tmp_path)
        ends = ("--set", "end.max=1s", "--ui", "none")
        done = play_here(*arguments, *ends)
        assert service.hung_up == len(service.far_ends) == 2
    assert done.code == 1, done
    assert Run.load(tmp_path / "run").reason == "max"


@pytest.mark.parametrize(("kind", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    ("make", "moment"),
    [
        (None, "offer"),
        (Confirming, "offer"),
        (Unreachable, "answer"),
        (deaf, "answer"),
        (Greeting, "channel"),
        (Confirming, "channel"),
    ],
)
def test_a_signal_while_calls_are_placed_leaves_nothing(
    tmp_path: Path,
    make: Callable[[], FarEnd] | None,
    moment: str,
    kind: signal.Signals,
    code: int,
) -> None:
    raised: list[str] = []

    def watch(seen: str) -> None:
        if seen == moment and not raised:
            raised.append(seen)
            signal.raise_signal(kind)

    with nothing_left(), FaultyService(make, watch) as service:
        done = play_here(*elsewhere(service, tmp_path), "--ui", "none")
    assert raised
    assert done.code == code, done
    assert Run.load(tmp_path / "run").outcome == "interrupted"
