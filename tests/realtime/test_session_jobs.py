from __future__ import annotations

from soundstage.realtime import Abandon, Speak
from soundstage.realtime.session_jobs import JobQueue


def speak(job: str) -> Speak:
    return Speak(job, "resp_1", "Hello.", "alloy", 1.0)


def test_jobs_have_names_of_their_own_and_are_handed_out_once():
    board = JobQueue()
    first, second = board.name(), board.name()
    assert first != second
    board.post(speak(first))
    assert board.drain() == [speak(first)]
    assert board.drain() == []


def test_a_job_that_was_handed_out_is_called_back():
    board = JobQueue()
    board.post(speak("a"))
    board.drain()
    board.abandon("a")
    assert board.drain() == [Abandon("a")]


def test_nobody_hears_of_a_job_that_was_abandoned_before_it_was_handed_out():
    board = JobQueue()
    board.post(speak("a"))
    board.post(speak("b"))
    board.abandon("a")
    assert board.drain() == [speak("b")]
