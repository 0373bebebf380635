"""Every event of a log has a sentence, with the words of the reply that it belongs to."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from dummy_run import at, call, turn, voice

from soundstage.comparison.event_sentences import LONGEST, EventSentences
from soundstage.messages.events import (
    AgentSpeechStarted,
    Event,
    ResponseDone,
    ResponseStarted,
    Saying,
)
from soundstage.results import KnownEvent, UnknownEvent

REPLY = "Your order has been sent."


def reply(*, made: bool = True) -> list[Event]:
    one = {"agent": "bob", "response": "resp_1"}
    log: list[Event] = [
        ResponseStarted(pts=at(1), **one),
        Saying(pts=at(1), text="Your order", **one),
        Saying(pts=at(1), text=" has been sent.", **one),
        AgentSpeechStarted(pts=at(1), **one),
        *voice("bob", "said", 1, None),
        *voice("alice", "heard", 1, None),
    ]
    return [*log, ResponseDone(pts=at(2), status="completed", text=REPLY, **one)] if made else log


def example_of(kind: type[Event]) -> Event:
    """An event with a value in each field that must have one."""
    values = {"pts": 7, "agent": "bob"}
    for field in msgspec.structs.fields(kind):
        if field.required and field.name not in values:
            samples = ("x", 3, {}, (), True, None)
            for sample in samples:
                try:
                    msgspec.convert(sample, field.type)
                except msgspec.ValidationError:
                    continue
                values[field.name] = sample
                break
    return kind(**values)


@pytest.mark.parametrize("kind", get_args(KnownEvent), ids=lambda kind: kind.__name__)
def test_every_type_of_event_has_a_sentence_of_its_own(kind: type[Event]) -> None:
    event = example_of(kind)
    sentence = EventSentences([event]).sentence(event)
    assert sentence
    if event.type != "wire":
        # What no line is written for is called by its type, as an event of a later version.
        assert sentence != f"{event.type} of bob"


def test_an_event_of_a_later_version_is_called_by_its_type() -> None:
    event = UnknownEvent(pts=1, agent="bob", type="sang", fields={"type": "sang", "pts": 1})
    assert EventSentences([event]).sentence(event) == "sang of bob"


@pytest.mark.parametrize("made", [True, False])
def test_a_piece_of_a_reply_has_the_words_of_the_whole_reply(made: bool) -> None:  # noqa: FBT001
    log = reply(made=made)
    sentences = EventSentences(log)
    assert {sentences.words(event) for event in log} == {REPLY}


def test_words_of_any_length_and_kind_are_one_line() -> None:
    event = turn(1, "bob", 1, 2, "so\x1b[2J\n" * 1000)
    sentence = EventSentences([event]).sentence(event)
    assert len(sentence) <= LONGEST
    assert sentence.isprintable()


def test_a_call_is_told_in_the_words_that_were_said() -> None:
    log = call()
    told = [EventSentences(log).sentence(event) for event in log if event.type == "turn"]
    assert told[:2] == [
        "alice said: “Hi Bob! How was your week?”",
        "bob said, cut by alice: “Long. I spent”",
    ]
