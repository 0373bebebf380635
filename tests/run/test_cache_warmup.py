"""Speech made ahead of a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from soundstage.cache import Cache
from soundstage.run.cache_warmup import CacheWarmup
from soundstage.speech import Engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

TEXTS = [("Good morning.", "ash"), ("How do you do?", "shimmer")]


def warming_up() -> list[str]:
    names = ("synthesis-", "io-", "deadlines")
    return [each.name for each in threading.enumerate() if each.name.startswith(names)]


def said(engines: Engines, text: str, voice: str) -> list[bytes]:
    return [part.pcm for part in engines.synthesizer.synthesize(text, voice)]


def test_what_was_made_ahead_is_what_the_engine_says_and_no_thread_is_left(tmp_path: Path) -> None:
    engines = Engines(cache=Cache(tmp_path))
    with CacheWarmup(engines, TEXTS[:1]):
        assert set(warming_up()) == {"synthesis-1", "io-1", "deadlines"}
        for _ in range(500):
            if engines.is_cached(*TEXTS[0]):
                break
            threading.Event().wait(0.01)
    assert engines.is_cached(*TEXTS[0])
    assert warming_up() == []
    assert said(engines, *TEXTS[0]) == said(Engines(), *TEXTS[0])


def test_nothing_is_made_ahead_twice(tmp_path: Path) -> None:
    engines = Engines(cache=Cache(tmp_path))
    said(engines, *TEXTS[0])
    with CacheWarmup(engines, TEXTS):
        assert warming_up() == []


def test_nothing_is_made_ahead_without_a_cache() -> None:
    with CacheWarmup(Engines(), TEXTS):
        assert warming_up() == []


def test_a_warmup_ends_with_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = Engines(cache=Cache(tmp_path))
    begun, made = threading.Event(), list[str]()

    def synthesize(text: str, voice: str, speed: float = 1.0) -> Iterator[object]:
        del voice, speed
        made.append(text)
        begun.set()
        while True:
            yield object()

    monkeypatch.setattr(engines.synthesizer, "synthesize", synthesize)
    with CacheWarmup(engines, TEXTS):
        assert begun.wait(5)
    assert warming_up() == []
    assert made == [TEXTS[0][0]]
