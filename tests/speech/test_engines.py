import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace

import pytest

from soundstage.errors import EngineMissing
from soundstage.speech import Engines, engines

HEAVY = ("onnxruntime", "ctranslate2", "hibari", "soxr", "numpy")


@pytest.mark.parametrize(
    "statement", ["import soundstage.speech", "from soundstage.speech import *"]
)
def test_importing_the_room_loads_no_engine(statement):
    program = f"import sys\n{statement}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == []


def test_the_engines_keep_no_reports_for_their_makers(tmp_path):
    program = """
        from soundstage.speech import Engines
        engines = Engines()
        engines.vad, engines.recognizer, engines.synthesizer
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        check=True,
        timeout=50,
    )
    assert [path.name for path in tmp_path.rglob("*") if "onnx" in path.name.lower()] == []


def test_each_engine_is_loaded_once_for_the_process(engines):
    others = Engines()
    assert others.vad is engines.vad
    assert others.synthesizer is engines.synthesizer
    # What it recognised is shared within one run.
    assert others.recognizer is not engines.recognizer
    assert others.recognizer._recognizer is engines.recognizer._recognizer


def test_the_shipped_engines_say_what_they_are(engines):
    assert engines.synthesizer.name == "hibari"
    assert engines.recognizer.name == "whisper-tiny.en"
    assert engines.vad.name == "silero"
    for engine in (engines.synthesizer, engines.recognizer, engines.vad):
        assert len(engine.fingerprint) == 64
        assert engine.version


@pytest.mark.parametrize(
    ("group", "known"), [("synthesizer", "hibari"), ("recognizer", "whisper"), ("vad", "silero")]
)
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(group, known):
    engines = Engines(**{group: "nonesuch"})
    with pytest.raises(EngineMissing, match=rf"no engine 'nonesuch' in .*known are .*{known}"):
        getattr(engines, group)


def installed(monkeypatch, value):
    entry = EntryPoint("another", value, engines.VADS)
    monkeypatch.setattr(engines, "installed", lambda group: EntryPoints([entry]))
    monkeypatch.setattr(engines, "_SHARED", engines._Shared())
    return Engines(vad="another")


def test_an_engine_whose_library_is_missing_says_which(monkeypatch):
    engines = installed(monkeypatch, "no_such_library:Engine")
    with pytest.raises(EngineMissing, match=r"'another' .*No module named 'no_such_library'"):
        _ = engines.vad


loads = []


def slow_engine():
    loads.append(threading.get_ident())
    threading.Event().wait(0.05)
    return SimpleNamespace(name="slow", version="1", fingerprint="0" * 64)


def test_threads_that_ask_at_once_get_the_same_engine(monkeypatch):
    monkeypatch.setitem(sys.modules, "plugged_in", sys.modules[__name__])
    engines = installed(monkeypatch, "plugged_in:slow_engine")
    loads.clear()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: engines.vad, range(8)))
    assert len(set(map(id, found))) == 1
    assert len(loads) == 1
