"""How an agent reacts to a moment, by what was audible."""

from __future__ import annotations

import pytest
from dummy_log import Log, at, verdict_of

from soundstage.messages.events import CueGiven, Interrupted

CUE = {"after": {"cue": "wait"}, "agent": "support"}


def interrupted(end: float, *, cut: bool = True, text: str = "We deliver at six.") -> Log:
    """The agent speaks from 0 s on; the caller's cue is audible from 2.2 s to 3 s."""
    log = Log().add(CueGiven(pts=at(2), agent="caller", cue=0, act="say", id="wait"))
    log.says("caller", 2.2, 3, "No, wait.")
    if cut:
        log.add(Interrupted(pts=at(end), agent="support", by="caller", response="resp_2"))
    whole = text if not cut else f"{text} And every van has forty stops."
    return log.says("support", 0, end, text, cut_by="caller" if cut else "", generated=whole)


@pytest.mark.parametrize(("end", "status"), [(2.4, "passed"), (2.5, "passed"), (2.6, "failed")])
def test_stopping_counts_from_the_first_sample_of_what_interrupts(end, status):
    found = verdict_of(interrupted(end).ends(5), {**CUE, "reacts": "stops", "within": "300ms"})
    assert found.status == status
    assert found.measured == pytest.approx(end - 2.2)
    assert (found.pts, found.turn) == (at(2.2), 2)


def test_an_agent_that_is_silent_then_can_neither_stop_nor_continue():
    run = interrupted(1).ends(5)
    stops = verdict_of(run, {**CUE, "reacts": "stops", "within": "300ms"})
    continues = verdict_of(run, {**CUE, "reacts": "continues", "for": "1s"})
    assert {stops.status, continues.status} == {"skipped"}


def test_continuing_is_to_be_audible_for_so_long():
    table = {**CUE, "reacts": "continues", "for": "2s"}
    assert verdict_of(interrupted(5, cut=False).ends(9), table).status == "passed"
    cut = verdict_of(interrupted(3).ends(9), table)
    assert (cut.status, cut.kind) == ("failed", "stopped")


def test_an_agent_that_came_to_its_end_was_not_stopped():
    table = {**CUE, "reacts": "continues", "for": "2s"}
    assert verdict_of(interrupted(3, cut=False).ends(9), table).status == "passed"


def test_a_breath_does_not_end_what_continues():
    log = interrupted(2.6, cut=False, text="We deliver").says("support", 3.2, 5, "at six.")
    assert verdict_of(log.ends(9), {**CUE, "reacts": "continues", "for": "2s"}).status == "passed"


ASKED = {"after": {"agent": "caller", "said": "price"}, "agent": "support", "reacts": "responds"}


def asked(*answers: tuple[float, float], agents=("caller", "support")) -> Log:
    log = Log(*agents).says("caller", 0, 2, "What is the price?")
    for start, end in answers:
        log.says("support", start, end, "Ten dollars.")
    return log


@pytest.mark.parametrize(
    ("answers", "kind", "gap"),
    [
        ([(2.5, 3)], "", 0.5),
        ([(1.8, 3)], "", 0.0),
        ([(4, 5)], "late", 2.0),
        ([], "no_response", None),
        ([(1, 1.5), (2.5, 3)], "", 0.5),
    ],
)
def test_a_response_counts_from_the_end_of_what_it_answers(answers, kind, gap):
    found = verdict_of(asked(*answers).ends(9), {**ASKED, "within": "1s"})
    assert (found.kind, found.measured) == (kind, gap)


def test_only_means_that_no_other_agent_was_audible_first():
    three = ("caller", "support", "guard")
    alone = asked((3, 4), agents=three).ends(9)
    assert verdict_of(alone, {**ASKED, "only": True}).status == "passed"
    late = asked((3, 4), agents=three).says("guard", 5, 6, "Yes.").ends(9)
    assert verdict_of(late, {**ASKED, "only": True}).status == "passed"
    early = asked((3, 4), agents=three).says("guard", 2.2, 2.5, "Yes.").ends(9)
    found = verdict_of(early, {**ASKED, "only": True})
    assert (found.kind, found.agent, found.pts) == ("other_first", "guard", at(2.2))
    assert verdict_of(early, ASKED).status == "passed"


def test_each_time_that_the_moment_comes_counts():
    log = asked((2.5, 3)).says("caller", 4, 5, "The price?").ends(9)
    assert verdict_of(log, ASKED).kind == "no_response"
    first = {**ASKED, "after": {"said": "price", "agent": "caller", "nth": 1}}
    assert verdict_of(log, first).status == "passed"


def test_silence_is_a_moment():
    log = Log().says("caller", 0, 1, "Hi.").says("support", 2, 3, "Hello?")
    log.says("support", 9, 10, "Are you still there?").says("support", 20, 21, "Goodbye.")
    again = {"agent": "support", "reacts": "responds", "within": "2s"}
    first = {**again, "after": {"agent": "caller", "silence": "5s", "nth": 1}}
    assert verdict_of(log.ends(30), first).kind == "late"
    every = {**again, "within": "4s", "after": {"silence": "5s"}}
    found = verdict_of(log.ends(30), every)
    assert (found.kind, found.pts) == ("late", at(20))
