"""Voice activity from the cache is what the engine would have said, to the bit."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundstage.cache import Cache
from soundstage.speech import cached_vad
from soundstage.speech.cached_vad import CachedVoiceActivity
from soundstage.speech.identities import IdentifiedEngine, Identity
from soundstage.units import FRAME_SAMPLES, SILENCE

QUIET_FRAMES = 5


def frame(value):
    return SILENCE if value == 0 else np.full(FRAME_SAMPLES, value, "<i2").tobytes()


class Ear:
    """Its judgement depends on everything since its start, and it has a start to go back to."""

    def __init__(self, engine):
        self.engine = engine
        self._start_again()

    def _start_again(self):
        self.sum = 0
        self.quiet = 0
        self.at_start = True
        self.lag = 0

    def hear(self, pcm):
        self.engine.work += 1
        value = abs(int(np.frombuffer(pcm, "<i2")[0]))
        if value <= 4 and self.at_start:
            return 0.0
        self.at_start = False
        self.quiet = self.quiet + 1 if value <= 4 else 0
        self.sum = (self.sum * 31 + value) % 1009
        self.lag = self.sum % 700
        probability = self.sum / 1009
        if self.quiet >= QUIET_FRAMES:
            self._start_again()
            return 0.0
        return probability


class EarMaker:
    name, version, fingerprint = "ear", "1", "f"

    def __init__(self):
        self.work = 0

    def open(self):
        return Ear(self)


def cached(engine, cache):
    return CachedVoiceActivity(IdentifiedEngine("ear", Identity("1", "f"), lambda: engine), cache)


def heard(stream, values):
    found = []
    for value in values:
        probability = stream.hear(frame(value))
        found.append((probability, stream.lag, stream.at_start))
    return found


streams = st.lists(
    st.lists(st.sampled_from([0, 0, 0, 3, 100, 101, 30_000]), max_size=40), min_size=1, max_size=6
)


@settings(deadline=None, max_examples=60)
@given(streams=streams, page=st.integers(1, 12))
def test_cold_and_warm_are_what_the_engine_says(streams, page):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cached_vad, "PAGE", page)
        plain = [heard(Ear(EarMaker()), values) for values in streams]
        cache = Cache(None)
        for run in range(3):
            engine = EarMaker()
            vad = cached(engine, cache)
            assert [heard(vad.open(), values) for values in streams] == plain
            vad.keep()
            assert run == 0 or engine.work == 0


@settings(deadline=None, max_examples=60)
@given(
    values=st.lists(st.sampled_from([0, 0, 0, 3, 100, 101]), max_size=80),
    blocks=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20),
    page=st.integers(1, 12),
)
def test_blocks_of_frames_that_were_foreseen_are_judged_as_single_frames(values, blocks, page):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cached_vad, "PAGE", page)
        plain = heard(Ear(EarMaker()), values)
        cache = Cache(None)
        for run in range(3):
            engine = EarMaker()
            vad = cached(engine, cache)
            stream, frames, found = vad.open(), [frame(each) for each in values], []
            cuts = iter(blocks * len(values))
            while frames:
                # Fewer or more are foreseen than are heard, and then one by itself.
                foreseen, ticks = next(cuts)
                known = list(stream.foresee(frames[:foreseen]))
                part = stream.hear_block(frames[:ticks])
                assert part[: len(known)] == known[: len(part)]
                found += part
                frames = frames[ticks:]
                assert not part or stream.at_start == plain[len(found) - 1][2]
                if frames:
                    found.append((stream.hear(frames[0]), stream.lag))
                    frames = frames[1:]
            assert found == [(probability, lag) for probability, lag, _ in plain]
            vad.keep()
            assert run == 0 or engine.work == 0


def test_streams_that_are_heard_by_turns_do_not_mix():
    cache = Cache(None)
    values = ([100, 101, 0, 0, 0, 0, 0, 102] * 3, [100, 101, 103, 0, 0, 0, 0, 0] * 3)
    plain = [heard(Ear(EarMaker()), each) for each in values]
    for _ in range(2):
        vad = cached(EarMaker(), cache)
        open_streams = [vad.open(), vad.open()]
        found = ([], [])
        for pair in zip(*values, strict=True):
            for stream, value, into in zip(open_streams, pair, found, strict=True):
                into.extend(heard(stream, [value]))
        assert list(found) == plain
        vad.keep()


def test_a_stream_that_leaves_the_known_is_caught_up_with():
    cache = Cache(None)
    vad = cached(EarMaker(), cache)
    heard(vad.open(), [100] * 20)
    vad.keep()
    engine = EarMaker()
    assert heard(cached(engine, cache).open(), [100] * 15 + [200] * 5) == heard(
        Ear(EarMaker()), [100] * 15 + [200] * 5
    )
    assert engine.work == 20


def test_a_stream_that_never_rests_is_not_held_for_ever(monkeypatch):
    monkeypatch.setattr(cached_vad, "MOST_HELD", 50)
    cache = Cache(None)
    vad = cached(EarMaker(), cache)
    plain = heard(vad.open(), [100, 200] * 100)
    vad.keep()
    engine = EarMaker()
    stream = cached(engine, cache).open()
    assert heard(stream, [100, 200] * 100) == plain
    assert len(stream._held) <= 50
    assert engine.work == 200


def test_a_damaged_page_is_made_anew(tmp_path):
    vad = cached(EarMaker(), Cache(tmp_path))
    plain = heard(vad.open(), [100] * 30)
    vad.keep()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-7])
    engine = EarMaker()
    assert heard(cached(engine, Cache(tmp_path)).open(), [100] * 30) == plain
    assert engine.work == 30


def test_the_real_engine_says_the_same_cold_and_warm(synthesizer, vad, tmp_path):
    pcm = b"".join(part.pcm for part in synthesizer.synthesize("Hi there. How are you?", "ash"))
    spoken = [pcm[at : at + 960].ljust(960, b"\0") for at in range(0, len(pcm), 960)]
    sound = [*[SILENCE] * 3, *spoken, *[SILENCE] * 60, *spoken[20:40], *[SILENCE] * 60]
    real = vad.open()
    plain = [(real.hear(pcm), real.lag, real.at_start) for pcm in sound]
    identity = Identity(vad.version, vad.fingerprint)
    for run in range(2):
        loads = []
        identified = IdentifiedEngine(
            "silero", identity, lambda loads=loads: (loads.append(1), vad)[1]
        )
        engine = CachedVoiceActivity(identified, Cache(tmp_path))
        stream = engine.open()
        assert [(stream.hear(pcm), stream.lag, stream.at_start) for pcm in sound] == plain
        engine.keep()
        assert len(loads) == (1 if run == 0 else 0)


def test_pages_are_bounded():
    vad = cached(EarMaker(), Cache(None, in_memory=1 << 20))
    for number in range(5, 1005):
        heard(vad.open(), [number] * 3)
    assert len(vad._pages._open) <= 256


WARM = """
import sys
from pathlib import Path
from soundstage.cache import Cache
from soundstage.speech import Engines
engines = Engines(cache=Cache(Path(sys.argv[1])))
said = b"".join(part.pcm for part in engines.synthesizer.synthesize("Hello there.", "echo"))
stream = engines.vad.open()
heard = [stream.hear(said[at:at + 960].ljust(960, b"\\0")) for at in range(0, len(said), 960)]
print(engines.recognizer.recognize(said).text, max(heard) > 0.5, sum(heard))
engines.keep()
print(*[name for name in ("onnxruntime", "ctranslate2", "hibari") if name in sys.modules])
"""


def test_a_warm_process_loads_no_engine(tmp_path):
    def run():
        done = subprocess.run(
            [sys.executable, "-c", WARM, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=50,
        )
        return done.stdout.splitlines()

    cold, warm = run(), run()
    assert cold[0] == warm[0]
    assert cold[0].startswith("Hello there. True")
    assert cold[1] == "onnxruntime ctranslate2 hibari"
    assert warm[1] == ""
