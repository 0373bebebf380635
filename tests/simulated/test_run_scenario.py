"""A scenario run from Python."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from soundstage import Run, RunFailed, run_scenario
from soundstage.errors import ScenarioError, UsageError

HEAVY = ("aiortc", "av", "onnxruntime", "ctranslate2", "sounddevice", "fastapi")
NOT_NEEDED = (
    *HEAVY,
    *("httpx", "numpy.random", "rich"),
    *("soundstage.live", "soundstage.client", "soundstage.web"),
)
"""What a run whose speech is all cached, between agents of the Realtime protocol, must not load."""

SHORT = """
[scenario]
seed = 3
[agents.ann]
voice = "shimmer"
opening_prompt = "Greet."
[agents.ann.local]
lines = ["Hello there.", "Goodbye."]
[agents.ben]
voice = "ash"
[agents.ben.local]
lines = ["Nice to hear you."]
[[links]]
between = ["ann", "ben"]
[end]
turns = 2
max = "20s"
"""


def test_a_run_comes_back_as_an_object(tmp_path):
    run = run_scenario(toml=SHORT, out=tmp_path / "run")
    assert (run.outcome, run.reason, run.exit_code) == ("ended", "turns", 0)
    assert (run.scenario, run.seed, run.clock) == ("inline", 3, "virtual")
    assert [turn.agent for turn in run.turns] == ["ann", "ben"]
    assert run.said_by("ann") == "Hello there."
    assert run.heard_by("ben") == "Hello there."
    assert run.providers == {"ann": "local", "ben": "local"}
    assert run.audio("ann").dtype == "int16"
    assert run.folder == (tmp_path / "run").resolve()
    assert run.speed > 0
    assert Run.load(tmp_path / "run").fingerprint == run.fingerprint


def test_a_file_is_run_too_and_values_are_changed(tmp_path):
    file = tmp_path / "short.toml"
    file.write_text(SHORT)
    run = run_scenario(file, seed=9, set={"end.turns": 1}, out=tmp_path / "run")
    assert (run.scenario, run.seed, len(run.turns)) == ("short", 9, 1)


@pytest.mark.parametrize(
    "value", ['5"%\n', "7", "true", "naïve 🎉", ["a", "7"], {"x": [1, 2.5, {"y": "z"}]}, True, -3]
)
def test_a_changed_value_arrives_as_it_was_given(value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = run_scenario(
        toml=SHORT,
        set={"agents.ann.session": {"metadata": {"v": value}}, "end.turns": 1},
        out=tmp_path / "run",
        check=False,  # the endpoint has no such field, which is not what this is about
    )
    resolved = json.loads((run.folder / "result.json").read_text())["resolved"]
    assert resolved["agents"]["ann"]["session"]["metadata"]["v"] == value


def test_a_value_that_toml_has_no_word_for_is_refused():
    with pytest.raises(ValueError, match="no values of the type NoneType"):
        run_scenario(toml=SHORT, set={"end.turns": None})


def test_a_run_that_does_not_end_as_declared_is_an_error_that_holds_it(tmp_path):
    with pytest.raises(RunFailed, match=r"failed: max .*; see .*run") as raised:
        run_scenario(toml=SHORT, set={"end.max": "1s"}, out=tmp_path / "run")
    assert raised.value.run.reason == "max"


def test_unless_somebody_wants_to_look_anyway(tmp_path):
    run = run_scenario(toml=SHORT, set={"end.max": "1s"}, out=tmp_path / "run", check=False)
    assert (run.outcome, run.exit_code) == ("failed", 1)


@pytest.mark.parametrize("arguments", [{}, {"scenario": "alice_bob", "toml": SHORT}])
def test_one_scenario_is_given_and_not_two(arguments):
    with pytest.raises(UsageError, match="one of the two"):
        run_scenario(**arguments)


def test_a_fault_in_the_text_is_told_with_its_line():
    with pytest.raises(ScenarioError, match=r"inline\.toml:3: end\.truns"):
        run_scenario(toml="[end]\nturns = 1\ntruns = 2\n")


def test_a_live_run_has_no_use_for_a_cache(tmp_path):
    with pytest.raises(UsageError, match="on the wall clock"):
        run_scenario(toml=SHORT, clock="wall", cache=tmp_path)


INTERRUPTED = """
import os, signal, sys, threading
from soundstage import Run, run_scenario
try:
    run_scenario(sys.argv[1], out=sys.argv[2])
except KeyboardInterrupt as stopped:
    print(str(stopped).partition(";")[0])
print(Run.load(sys.argv[2]), os.path.isfile(sys.argv[2] + "/result.json"))
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, threading.active_count())
"""

ANNOYED = """
import os, signal
from soundstage import Agent, Heard, handles

class Annoyed(Agent):
    calm = True

    @handles(Heard)
    def judge(self, heard):
        # Once: simulated time is so quick that a second signal would come before the run has ended.
        if self.calm:
            os.kill(os.getpid(), signal.SIGINT)
        self.calm = False
"""


@pytest.mark.parametrize("declared", [False, True])
def test_an_interrupted_run_is_hung_up_and_whole(tmp_path, declared):
    (tmp_path / "annoyed.py").write_text(ANNOYED)
    file = tmp_path / "annoyed.toml"
    when = 'when = [{ event = "hang_up" }]' if declared else 'max = "60m"'
    file.write_text(
        SHORT.replace("turns = 2", "turns = 2000").replace('max = "20s"', when)
        + '[agents.cat]\nkind = "./annoyed.py:Annoyed"\n[[links]]\nfrom = "ann"\nto = "cat"\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(file), str(tmp_path / "run")],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    how = "ended (hang_up)" if declared else "interrupted (interrupt)"
    said = [] if declared else ["interrupted: interrupt"]
    assert done.stdout.splitlines() == [
        *said,
        f"<Run annoyed seed 3: {how}> True",
        "True 1",
    ], done.stderr


def test_a_run_in_a_thread_or_beside_a_loop_is_a_run(tmp_path):
    with ThreadPoolExecutor(1) as pool:
        options = {"toml": SHORT, "out": tmp_path / "thread"}
        run = pool.submit(lambda: run_scenario(**options)).result(timeout=50)
    assert run.outcome == "ended"

    async def play():
        return run_scenario(toml=SHORT, out=tmp_path / "loop")

    assert asyncio.run(play()).fingerprint == run.fingerprint


def test_a_warm_run_loads_nothing_heavy_and_still_tells_its_engines(tmp_path):
    program = (
        "import sys; from soundstage import run_scenario\n"
        f"run = run_scenario(toml={SHORT!r}, cache={str(tmp_path / 'cache')!r}, "
        "out=sys.argv[1])\n"
        f"print(run.fingerprint, *[name for name in {HEAVY!r} if name in sys.modules])\n"
        f"print(*[name for name in {NOT_NEEDED!r} if name in sys.modules])\n"
        "print(dict(run.versions))\n"
    )

    def play(name):
        command = [sys.executable, "-c", program, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=55)
        return done.stdout.splitlines()

    (cold, _, cold_versions), (warm, not_needed, warm_versions) = play("cold"), play("warm")
    fingerprint, *loaded = cold.split()
    assert {"onnxruntime", "ctranslate2"} <= {*loaded}
    assert warm == fingerprint
    assert not_needed == ""
    assert cold_versions == warm_versions
    for engine in ("hibari", "whisper-tiny.en", "silero"):
        assert f"'{engine}'" in warm_versions


def test_the_result_says_whether_another_run_gives_the_same_bytes(tmp_path):
    asks = SHORT.replace(
        "[[links]]", '[agents.ben.local.chat]\nurl = "http://127.0.0.1:9"\nmodel = "m"\n[[links]]'
    )
    for number, toml in enumerate((SHORT, asks)):
        run_scenario(toml=toml, out=tmp_path / str(number), check=False)
    said = [json.loads((tmp_path / n / "result.json").read_text())["deterministic"] for n in "01"]
    assert said == [True, False]
