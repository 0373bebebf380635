"""Many ticks at once give the same bytes as one after the other."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from soundstage import run_scenario
from soundstage.kernel import Actor, SimulatedKernel, handles
from soundstage.messages import Entry, Levels, Notice, TickBlock, TickPart
from soundstage.run import cache_for, play
from soundstage.scenario import load_scenario
from soundstage.units import FRAME_SAMPLES
from soundstage_agents.realtime import RealtimeAgent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAIR = """
[scenario]
seed = {seed}
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there, how are you today?", "Goodbye then."]
think = ["100ms", "900ms"]
[agents.ben]
[agents.ben.local]
lines = ["Very well, thank you. And how are you?", "See you soon."]
think = ["100ms", "3s"]
[[links]]
between = ["ann", "ben"]
[end]
turns = 4
max = "30s"
"""

ROOM = """
[scenario]
seed = {seed}
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there, how are you today?"]
[agents.ben.local]
lines = ["Very well, thank you."]
[agents.cleo.local]
lines = ["So am I."]
[rooms.hall]
members = ["ann", "ben", "cleo"]
[rooms.hall.floor]
policy = "round_robin"
[[cues]]
after = {{ at = "9s" }}
agent = "ben"
mute = true
[end]
max = "12s"
"""

BOTH_AT_ONCE = """
[scenario]
seed = {seed}
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
lines = ["I have been reading a long book about the history of the sea.", "Pardon?"]
[agents.ben]
opening_prompt = "Greet, too."
[agents.ben.local]
lines = ["Tomorrow we could walk along the coast.", "Oh, sorry."]
[agents.cleo.local]
lines = ["Hello?"]
[[links]]
between = ["ann", "ben"]
[[links]]
between = ["ben", "cleo"]
[end]
max = "12s"
"""

FULL_DUPLEX = """
[scenario]
seed = {seed}
[defaults.realtime]
protocol = "live"
[defaults.realtime.local.duplex]
backchannel = ["1s", "2s"]
barge_in = ["600ms", "900ms"]
[tools.weather]
mock = [{{ returns = {{ sky = "grey" }} }}]
parameters = {{ type = "object", properties = {{}} }}
latency = ["1s", "3s"]
[agents.ann]
opening_prompt = "Greet."
tools = ["weather"]
[agents.ann.local]
lines = ["I have been reading a long book about the history of the sea.", "Oh, pardon me."]
rules = [{{ heard = "weather", call = [{{ tool = "weather", args = {{}} }}] }}]
[agents.ben]
[agents.ben.local]
lines = ["How is the weather where you are?", "Then we shall stay at home today."]
[agents.cleo]
protocol = "realtime"
opening_prompt = "Greet."
[agents.cleo.local]
lines = ["Hello, is there anyone who would like to talk about the garden?"]
[[links]]
between = ["ann", "ben"]
[[links]]
between = ["ben", "cleo"]
[end]
max = "20s"
"""

WORDS_IN_TIME = """
[scenario]
seed = {seed}
[agents.ann]
opening_prompt = "Greet."
[agents.ann.local]
token_rate = 7.3
lines = ["I have been reading a long book about the history of the sea. It is good.", "So is mine."]
[agents.ben]
[agents.ben.local]
token_rate = 120.0
lines = ["Tomorrow we could walk along the coast, and look for shells.", "Then let us go there."]
think = ["100ms", "1s"]
[[links]]
between = ["ann", "ben"]
[end]
max = "13s"
"""

FOLLOWER = '''
from soundstage import handles
from soundstage.messages import Entry, StopSpeaking
from soundstage.messages.events import Saying
from soundstage_agents.realtime import RealtimeAgent


class Follower(RealtimeAgent):
    """Falls silent with the eighth word of its own reply."""

    def started(self):
        super().started()
        self.words = 0

    @handles(Entry)
    def follow(self, entry):
        if isinstance(entry.event, Saying) and entry.event.agent == self.name:
            self.words += 1
            if self.words == 8:
                self.emit("enough", at=self.now)
                self.address.tell(StopSpeaking("me"))
'''

OBSERVER = '''
from soundstage import Agent, Frame, handles


class Counter(Agent):
    """Notes when the frames it hears begin."""

    def started(self):
        super().started()
        self.times = []

    @handles(Frame)
    def note(self, frame):
        self.times.append(frame.pts)
        if len(self.times) == 200:
            self.emit("heard", times=self.times)
'''

Bytes = dict[str, bytes]


@pytest.fixture
def played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, int], tuple[Bytes, int]]:
    """Plays a scenario with stretches of at most so many ticks; what it wrote, and how many."""
    blocks: list[TickBlock] = []
    tell = SimulatedKernel._tell_tick

    def count(kernel: SimulatedKernel, message: object) -> None:
        if isinstance(message, TickBlock):
            blocks.append(message)
        tell(kernel, message)  # type: ignore[arg-type]

    monkeypatch.setattr(SimulatedKernel, "_tell_tick", count)
    defaults = SimulatedKernel.__init__.__kwdefaults__ or {}

    def once(toml: str, longest: int) -> tuple[Bytes, int]:
        monkeypatch.setitem(defaults, "longest_stretch", longest)
        blocks.clear()
        out = tmp_path / str(len(list(tmp_path.iterdir())))
        run = run_scenario(toml=toml, out=out, clock="virtual", cache=tmp_path / "cache")
        assert run.exit_code == 0
        files = [out / "events.jsonl", *sorted((out / "audio").glob("*.wav"))]
        return {file.name: file.read_bytes() for file in files}, sum(b.ticks for b in blocks)

    return once


@pytest.mark.parametrize(
    "scene",
    [PAIR, ROOM, BOTH_AT_ONCE, WORDS_IN_TIME, FULL_DUPLEX],
    ids=["pair", "room", "both", "words", "full-duplex"],
)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.prove)])
def test_stretches_of_any_length_write_the_bytes_of_single_ticks(
    played: Callable[[str, int], tuple[Bytes, int]], scene: str, seed: int
) -> None:
    toml = scene.format(seed=seed)
    single, none = played(toml, 0)
    assert none == 0
    for longest in (7, 100):
        many, ticks = played(toml, longest)
        assert many == single
        # Otherwise this would compare single ticks with single ticks.
        assert ticks > 100


def test_words_of_a_reply_are_told_within_a_stretch_each_at_its_time(
    played: Callable[[str, int], tuple[Bytes, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    pass_part = RealtimeAgent.pass_part

    def count(agent: RealtimeAgent, part: TickPart) -> None:
        told.append((agent.now, part.stretch.pts + (part.ticks - 1) * FRAME_SAMPLES))
        pass_part(agent, part)

    played(WORDS_IN_TIME.format(seed=1), 0)  # fills the cache
    monkeypatch.setattr(RealtimeAgent, "pass_part", count)
    written, ticks = played(WORDS_IN_TIME.format(seed=1), 100)
    saying = {
        json.loads(line)["pts"]
        for line in written["events.jsonl"].splitlines()
        if b'"saying"' in line
    }
    assert all(now == last for now, last in told)
    # Of those words that do not come with an event of another kind.
    assert len(saying & {now for now, _ in told}) > 10
    assert ticks > 400


def test_an_agent_that_follows_the_log_acts_on_words_in_their_own_tick(
    played: Callable[[str, int], tuple[Bytes, int]], tmp_path: Path
) -> None:
    code = tmp_path / "follower.py"
    code.write_text(FOLLOWER)
    toml = WORDS_IN_TIME.format(seed=1).replace(
        "[agents.ben]\n", f'[agents.ben]\nkind = "{code}:Follower"\n', 1
    )
    single, _ = played(toml, 0)
    many, ticks = played(toml, 100)
    assert many == single
    assert b'"enough"' in many["events.jsonl"]
    assert b'"interrupted"' in many["events.jsonl"]
    assert ticks > 100
    sys.modules.pop("follower", None)


class Display(Actor):
    """Keeps how loud the members are shown to be."""

    def __init__(self, levels: list[Levels]) -> None:
        super().__init__()
        self.levels = levels

    @handles(Levels)
    def show(self, levels: Levels) -> None:
        self.levels.append(levels)

    @handles(Entry)
    @handles(Notice)
    def ignore(self, _: object) -> None:
        """Only levels count here."""


def test_a_display_is_shown_the_levels_of_single_ticks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pair.toml"
    file.write_text(PAIR.format(seed=1))
    scenario = load_scenario(file, clock="virtual")
    shown: dict[int, list[Levels]] = {}
    for longest in (0, 100):
        kept = shown[longest] = []
        display = partial(Display, kept)
        defaults = SimulatedKernel.__init__.__kwdefaults__ or {}
        monkeypatch.setitem(defaults, "longest_stretch", longest)
        cache = cache_for("virtual", tmp_path / "cache")
        play(scenario, out=tmp_path / str(longest), display=display, cache=cache)
    assert shown[0] == shown[100]
    assert any(levels.peaks for levels in shown[0])


def test_a_handler_of_frames_sees_each_frame_in_order(
    played: Callable[[str, int], tuple[Bytes, int]], tmp_path: Path
) -> None:
    code = tmp_path / "counter.py"
    code.write_text(OBSERVER)
    kind = f'[agents.cleo]\nkind = "{code}:Counter"\n[[links]]\nbetween = ["ann", "cleo"]\n'
    played(PAIR.format(seed=1), 100)  # fills the cache
    written, _ = played(PAIR.format(seed=1).replace("[[links]]", kind + "[[links]]", 1), 100)
    times = range(0, 200 * FRAME_SAMPLES, FRAME_SAMPLES)
    [line] = [line for line in written["events.jsonl"].splitlines() if b'"times"' in line]
    assert f"[{','.join(map(str, times))}]".encode() in line.replace(b" ", b"")
    sys.modules.pop("counter", None)
