import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from soundstage.speech import Recognition
from soundstage.speech.shared import shared_recognizer
from soundstage.speech.shared.shared_recognizer import SharedRecognizer


class DummyRecognizer:
    """Counts what it is asked; waits for `gate`, and fails as often as it is told to."""

    name, version, fingerprint = "dummy", "1", "0" * 64

    def __init__(self, failures=0):
        self.asked = []
        self.failures = failures
        self.gate = threading.Event()
        self.gate.set()

    def recognize(self, pcm):
        self.asked.append(pcm)
        assert self.gate.wait(20)
        if self.failures:
            self.failures -= 1
            raise OSError("broken")
        return Recognition(f"{len(pcm)} bytes", 0.0, -0.1)


def test_the_same_samples_are_recognised_once():
    engine = DummyRecognizer()
    shared = SharedRecognizer(engine)
    assert [shared.recognize(pcm).text for pcm in (b"ab", b"abcd", b"ab")] == [
        "2 bytes",
        "4 bytes",
        "2 bytes",
    ]
    assert engine.asked == [b"ab", b"abcd"]


def test_threads_that_ask_at_once_wait_for_one_recognition():
    engine = DummyRecognizer()
    shared = SharedRecognizer(engine)
    engine.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(shared.recognize, b"ab") for _ in range(4)]
        engine.gate.set()
        assert {result.result(20).text for result in results} == {"2 bytes"}
    assert engine.asked == [b"ab"]


def test_a_failure_is_told_and_the_next_one_who_asks_tries_again():
    engine = DummyRecognizer(failures=1)
    shared = SharedRecognizer(engine)
    with pytest.raises(OSError, match="broken"):
        shared.recognize(b"ab")
    assert shared.recognize(b"ab").text == "2 bytes"


def test_only_the_last_results_are_kept(monkeypatch):
    monkeypatch.setattr(shared_recognizer, "MOST_KEPT", 2)
    engine = DummyRecognizer()
    shared = SharedRecognizer(engine)
    for pcm in (b"a", b"b", b"a", b"c", b"a", b"b"):
        shared.recognize(pcm)
    assert engine.asked == [b"a", b"b", b"c", b"b"]


def test_it_says_of_itself_what_its_engine_says():
    shared = SharedRecognizer(DummyRecognizer())
    assert (shared.name, shared.version, shared.fingerprint) == ("dummy", "1", "0" * 64)
