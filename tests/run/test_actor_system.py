"""A run ends soon, and says why, whichever of its own actors fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from soundstage import run_scenario
from soundstage.messages import Entry, Mixed, events
from soundstage.mixing import Mixer, Recorder
from soundstage.run.director import Director
from soundstage.run.event_hub import EventHub
from soundstage.run.observers import ObserverFeed
from soundstage.transcription import Transcriber

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.kernel import Actor

SCENE = """
[agents.ann]
kind = "scripted"
lines = ["Hello there, this is a long and quiet line."]
[agents.ben]
kind = "scripted"
[[links]]
between = ["ann", "ben"]
[end]
max = "60m"
"""

OWN = {
    "run.transcriber": (Transcriber, "hear"),
    "run.events": (EventHub, "pass_on"),
    "run.director": (Director, "observe"),
    "run.mixer": (Mixer, "take"),
    "run.observers": (ObserverFeed, "pass_on"),
}


def fails_at_speech(kind: type[Actor], method: str, patch: pytest.MonkeyPatch) -> None:
    """Let an actor of this class fail once an agent speaks."""
    handle = getattr(kind, method)

    def fail(actor: Any, message: Any) -> None:
        speaks = isinstance(message, Entry) and isinstance(message.event, events.VoiceStarted)
        if speaks or (kind in {Mixer, Transcriber} and message.pts > 12_000):
            raise LookupError("a bug")
        handle(actor, message)

    patch.setattr(kind, method, fail)


@pytest.mark.parametrize("clock", ["virtual", pytest.param("wall", marks=pytest.mark.realtime)])
@pytest.mark.parametrize("name", OWN)
def test_a_run_whose_own_actor_fails_is_broken_off_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, clock: str
) -> None:
    fails_at_speech(*OWN[name], monkeypatch)
    run = run_scenario(toml=SCENE, out=tmp_path / "run", clock=clock, cache=False, check=False)
    assert (run.outcome, run.reason, run.exit_code) == ("invalid", f"fault:{name}", 3)
    [fault] = [event for event in run.events(events.Fault) if event.agent == name]
    assert (fault.error, fault.action) == ("LookupError: a bug", "end")
    *_, last = run.events()
    assert isinstance(last, events.RunEnded)
    assert last.reason == run.reason


def test_a_recorder_that_fails_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(recorder: Recorder, mixed: Mixed) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr(Recorder, "keep_sound", fail)
    run = run_scenario(toml=SCENE, out=tmp_path / "run", cache=False, check=False)
    assert (run.outcome, run.reason) == ("invalid", "fault:run.recorder")
