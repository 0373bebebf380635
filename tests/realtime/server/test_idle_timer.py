from __future__ import annotations

from soundstage.realtime.server.session import IdleTimer


def quiet(watch: IdleTimer, now: int) -> tuple[int, int]:
    return watch.check(now, now, speaking=False)


def test_the_clock_runs_from_the_end_of_what_the_assistant_said():
    watch = IdleTimer()
    watch.replying()
    assert quiet(watch, 100)[0] == 0
    assert quiet(watch, 350) == (250, 100)


def test_the_clock_does_not_run_before_the_assistant_has_said_anything():
    watch = IdleTimer()
    quiet(watch, 100)
    assert quiet(watch, 900)[0] == 0


def test_speech_sets_the_clock_back():
    watch = IdleTimer()
    watch.replying()
    quiet(watch, 100)
    watch.check(200, 200, speaking=True)
    quiet(watch, 300)
    assert quiet(watch, 400) == (100, 300)


def test_it_rings_once_until_the_assistant_speaks_again():
    watch = IdleTimer()
    watch.replying()
    quiet(watch, 100)
    watch.rung()
    quiet(watch, 200)
    assert quiet(watch, 300)[0] == 0
