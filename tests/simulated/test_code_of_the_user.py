"""Whatever code of the user raises or gives back, it is that code's fault, told with its line.

The mixer, the recorder and the floor go on: sound that came before the fault is recorded, and the
outcome says whose fault it was. What is tried is a table: add a row for each new kind of code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soundstage.units import FRAME_SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from soundstage.pytest_plugin import RunScenario
    from soundstage.results import Run

GUEST = '''
import math
import sys

import numpy as np

from soundstage import Agent, AsyncAgent, Begin, Effect, FloorPolicy, Frame, handles


class Worse(BaseException):
    """Beside Exception."""


class Wordless(Exception):
    def __str__(self):
        raise RuntimeError("not even a text")


class Incomparable:
    __hash__ = None

    def __eq__(self, other):
        raise RuntimeError("no comparison")


def do(what):
    if what == "exit":
        sys.exit("enough")
    if what == "recursion":
        return do(what)
    raised = {
        "error": LookupError("nothing here"), "interrupt": KeyboardInterrupt(),
        "generator": GeneratorExit(), "base": Worse("of its own"), "wordless": Wordless(),
    }
    if what in raised:
        raise raised[what]
    return {
        "none": None, "nan": math.nan, "inf": math.inf, "minus": -5, "number": 7, "text": "loud",
        "object": object(), "incomparable": Incomparable(), "array": np.arange(3),
        "short": np.zeros(479, np.float32), "nans": np.full(480, np.nan),
        "complex": np.zeros(480, complex), "too large": np.full(480, 1e300),
        "large": np.full(480, 3e38, np.float32),
    }[what]


class Calm(Agent):
    class Settings(Agent.Settings):
        what: str = "none"


class Talks(Calm):
    @handles(Begin)
    def begin(self, _):
        for _ in range(20):
            self.send(np.tile(np.array([6000, -6000], "<i2"), 240).tobytes())


class Begins(Calm):
    @handles(Begin)
    def begin(self, _):
        do(self.settings.what)


class Inits(Calm):
    def __init__(self, context):
        super().__init__(context)
        do(self.settings.what)


class Stops(Calm):
    def stopping(self):
        do(self.settings.what)


class Closes(Calm):
    def closed(self):
        do(self.settings.what)


class Calls(Calm):
    @handles(Begin)
    def begin(self, _):
        call, _, what = self.settings.what.partition(":")
        given = do(what)
        match call:
            case "mute": self.mute(given)
            case "mute_for": self.mute("other", given)
            case "send": self.send(given)
            case "give_floor": self.give_floor(given)
            case "emit": self.emit(given)
            case "emit_data": self.emit("told", value=given)
            case "say": self.say(given)
            case "stop_speaking": self.stop_speaking(given)
            case "log_event": self.log_event(given)


class HandsIn(Calm):
    """Goes past the base, to the mixer itself."""

    @handles(Begin)
    def begin(self, _):
        field, _, what = self.settings.what.partition(":")
        fields = {"source": self.name, "pts": 480, "pcm": bytes(960), "epoch": 0}
        self.context.ports.mixer.tell(Frame(**{**fields, field: do(what)}))


class Programs(AsyncAgent):
    class Settings(AsyncAgent.Settings):
        what: str

    async def run(self, line):
        async for _ in line:
            do(self.settings.what)


class ProgramsBeside(Programs):
    async def run(self, line):
        await self.create_task(super().run(line))


class Applies(Effect):
    class Settings(Effect.Settings):
        what: str

    def apply(self, sound):
        return do(self.settings.what)


class Overwrites(Applies):
    def apply(self, sound):
        sound[:] = np.nan
        return do(self.settings.what)


class Passes(Applies):
    def apply(self, sound):
        return sound


class Tails(Passes):
    @property
    def tail(self):
        return do(self.settings.what)


class Lags(Passes):
    @property
    def lag(self):
        return do(self.settings.what)


class Sources(Passes):
    @property
    def is_source(self):
        return do(self.settings.what)


class Chooses(FloorPolicy):
    def choose(self, turn):
        return do(WHAT)


class Plans(FloorPolicy):
    def __init__(self, setup):
        super().__init__(setup)
        do(WHAT)
'''

SCENARIO = """
[scenario]
under_test = ["bob"]
[agents.bob]
kind = "./guest.py:{agent}"
{what}
[agents.eve]
kind = "./guest.py:Calm"
[agents.kim]
kind = "./guest.py:Calm"
[rooms.lobby]
members = ["bob", "eve", "kim"]
{room}
[record]
tracks = ["said", "heard"]
{more}
[end]
max = "{lasts}"
"""

EFFECT = """
[effects.odd]
kind = "./guest.py:{effect}"
what = "{what}"
[agents.tom]
kind = "./guest.py:Talks"
[[links]]
between = ["tom", "bob"]
effects = ["odd"]
"""

RAISED = ("error", "exit", "interrupt", "generator", "base", "wordless", "recursion")

AGENT = ("failed", "fault:bob", 1, "agent")
EFFECT_FAULT = ("invalid", "fault:effects.odd", 3, "simulator")
CHOICE = ("invalid", "fault:rooms.lobby.floor.policy", 3, "simulator")
PLAN = ("invalid", "fault:run.floor.lobby", 3, "simulator")
NOTHING = ("ended", "max", 0, "")


def play(
    run_scenario: RunScenario, folder: Path, code: str, what: str, *, clock: str = "virtual"
) -> Run:
    """A run in which this code of the user does this."""
    (folder / "guest.py").write_text(f"WHAT = {what!r}\n{GUEST}")
    given = {"agent": "Calm", "what": "", "room": "", "more": ""}
    given["lasts"] = "600ms" if clock == "virtual" else "2s"
    if code in {"Chooses", "Plans"}:
        given["room"] = f'floor.policy = "./guest.py:{code}"'
    elif code in {"Applies", "Overwrites", "Tails", "Lags", "Sources"}:
        given["more"] = EFFECT.format(effect=code, what=what)
    else:
        given |= {"agent": code, "what": f'what = "{what}"'}
    file = folder / "some.toml"
    file.write_text(SCENARIO.format(**given))
    return run_scenario(file, check=False, clock=clock)


def outcome(run: Run) -> tuple[str, str, int, str]:
    owner = "" if run.cause is None else str(run.cause.owner)
    return run.outcome, run.reason, run.exit_code, owner


@pytest.mark.parametrize("what", RAISED)
@pytest.mark.parametrize(
    ("code", "whose"),
    [
        ("Begins", AGENT),
        ("Inits", AGENT),
        ("Stops", AGENT),
        ("Closes", AGENT),
        ("Applies", EFFECT_FAULT),
        ("Overwrites", EFFECT_FAULT),
        ("Tails", EFFECT_FAULT),
        ("Lags", EFFECT_FAULT),
        ("Sources", EFFECT_FAULT),
        ("Chooses", CHOICE),
        ("Plans", PLAN),
    ],
)
def test_what_code_of_the_user_raises_is_its_own_fault_with_its_line(
    run_scenario: RunScenario, tmp_path: Path, code: str, whose: tuple[object, ...], what: str
) -> None:
    run = play(run_scenario, tmp_path, code, what)
    assert outcome(run) == whose
    assert run.cause is not None
    assert run.cause.place.startswith("guest.py:")
    assert "guest.py" in run.faults[0].traceback


@pytest.mark.parametrize(
    ("code", "what"),
    [
        *(("Applies", what) for what in ("none", "nan", "text", "object", "short", "nans")),
        *(("Applies", what) for what in ("number", "array", "complex", "too large")),
        *(("Tails", what) for what in ("none", "nan", "inf", "minus", "text", "array", "object")),
        *(("Lags", what) for what in ("none", "nan", "inf", "minus", "text", "array", "object")),
        ("Sources", "array"),
        *(("Chooses", what) for what in ("nan", "number", "object", "incomparable", "array")),
    ],
)
def test_what_an_effect_or_a_policy_gives_back_in_place_of_a_value_is_its_fault(
    run_scenario: RunScenario, tmp_path: Path, code: str, what: str
) -> None:
    run = play(run_scenario, tmp_path, code, what)
    assert outcome(run) == (CHOICE if code == "Chooses" else EFFECT_FAULT)


@pytest.mark.parametrize(("code", "what"), [("Chooses", "none"), ("Chooses", "text")])
def test_a_policy_may_leave_the_choice_to_the_fallback(
    run_scenario: RunScenario, tmp_path: Path, code: str, what: str
) -> None:
    assert outcome(play(run_scenario, tmp_path, code, what)) == NOTHING


def test_an_effect_may_make_sound_far_too_loud(run_scenario: RunScenario, tmp_path: Path) -> None:
    assert outcome(play(run_scenario, tmp_path, "Applies", "large")) == NOTHING


@pytest.mark.parametrize("what", ["none", "nan", "number", "object", "incomparable", "array"])
@pytest.mark.parametrize(
    "call",
    ["mute", "send", "give_floor", "emit", "say", "stop_speaking", "log_event"],
)
def test_what_an_agent_may_not_hand_over_is_refused_in_its_own_turn(
    run_scenario: RunScenario, tmp_path: Path, call: str, what: str
) -> None:
    run = play(run_scenario, tmp_path, "Calls", f"{call}:{what}")
    assert outcome(run) == AGENT
    assert run.cause is not None
    assert run.cause.place.startswith("guest.py:")
    assert run.cause.message.startswith("TypeError")


@pytest.mark.parametrize("what", ["nan", "text", "object", "incomparable", "array"])
def test_a_time_that_is_no_time_is_refused_in_the_agents_own_turn(
    run_scenario: RunScenario, tmp_path: Path, what: str
) -> None:
    assert outcome(play(run_scenario, tmp_path, "Calls", f"mute_for:{what}")) == AGENT


@pytest.mark.parametrize("what", ["none", "nan", "text", "object", "incomparable", "array"])
@pytest.mark.parametrize("field", ["pts", "epoch", "pcm", "source"])
def test_a_frame_that_is_none_never_reaches_the_other_members(
    run_scenario: RunScenario, tmp_path: Path, field: str, what: str
) -> None:
    run = play(run_scenario, tmp_path, "HandsIn", f"{field}:{what}")
    assert outcome(run) == NOTHING
    assert run.metrics["eve"].frames.heard > 600 * 24 // FRAME_SAMPLES - 5


@pytest.mark.realtime
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("code", "what", "whose"),
    [
        ("Begins", "exit", AGENT),
        ("Begins", "interrupt", AGENT),
        ("Closes", "generator", AGENT),
        ("Programs", "error", AGENT),
        ("Programs", "exit", AGENT),
        ("Programs", "interrupt", AGENT),
        ("Programs", "generator", AGENT),
        ("ProgramsBeside", "exit", AGENT),
        ("Applies", "exit", EFFECT_FAULT),
        ("Applies", "none", EFFECT_FAULT),
        ("Lags", "interrupt", EFFECT_FAULT),
        ("Chooses", "exit", CHOICE),
        ("Plans", "base", PLAN),
        ("Calls", "mute:array", AGENT),
    ],
)
def test_the_same_fault_gives_the_same_outcome_on_the_wall_clock(
    run_scenario: RunScenario, tmp_path: Path, code: str, what: str, whose: tuple[object, ...]
) -> None:
    assert outcome(play(run_scenario, tmp_path, code, what, clock="wall")) == whose
