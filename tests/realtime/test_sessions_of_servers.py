"""Whole sessions of twenty-four kinds of servers: no word, no call, no transcript is lost."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from dummy_server import Call
from dummy_sessions import FILES, Recorded

from soundstage.realtime import (
    Decoded,
    OddField,
    SessionExpired,
    ToolRequested,
    Unknown,
    read_server,
    server_events,
)

MUTATIONS = 84
"""Of each file: over two thousand in all."""

ODD_VALUES: list[Any] = [None, "", "x" * 300, "\ud800", 0, -1, 2**70, 1.5, True, [], [7], {}]

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def type_of(decoded: Decoded) -> str:
    event = decoded.event
    return event.type if isinstance(event, Unknown) else str(event.__struct_config__.tag)


def told_by(recorded: Recorded) -> list[Any]:
    spoken = Call.configured()
    return [note for event in recorded.events for note in spoken.hear(event)]


def test_there_are_twenty_four_that_say_what_they_are_made_after():
    assert len(FILES) == 24
    assert all(Recorded(path).note["source"].startswith(("Composed", "Made up")) for path in FILES)


@each_file
def test_the_note_of_a_file_agrees_with_a_simple_reading_of_it(path):
    recorded = Recorded(path)
    assert recorded.said == recorded.note["said"]
    assert [[name, arguments] for name, arguments in recorded.calls] == recorded.note["calls"]
    assert recorded.heard == recorded.note["heard"]


@each_file
def test_every_event_is_decoded_in_its_order_and_only_foreign_ones_are_unknown(path):
    recorded = Recorded(path)
    decoded = [read_server(line) for line in recorded.lines]
    assert [type_of(one) for one in decoded] == recorded.names
    unknown = {type_of(one) for one in decoded if isinstance(one.event, Unknown)}
    assert unknown == set(recorded.note["unknown"])


@each_file
def test_every_text_of_an_event_is_in_what_was_decoded(path):
    recorded = Recorded(path)
    for event, line in zip(recorded.events, recorded.lines, strict=True):
        decoded = read_server(line).event
        for field in ("delta", "transcript", "text", "item_id", "response_id", "call_id", "name"):
            if field in event and not isinstance(decoded, Unknown) and hasattr(decoded, field):
                assert getattr(decoded, field) == event[field]


@each_file
def test_a_client_hears_all_words_calls_and_transcripts_of_a_session(path):
    recorded = Recorded(path)
    told = told_by(recorded)
    done = [one.response for one in told if isinstance(one, server_events.ResponseDone)]
    assert [response.said for response in done] == recorded.said
    requests = [one for one in told if isinstance(one, ToolRequested)]
    assert [(one.name, json.loads(one.arguments)) for one in requests] == recorded.calls
    heard = [one for one in told if isinstance(one, server_events.InputTranscriptionCompleted)]
    assert [one.transcript for one in heard] == recorded.heard


@each_file
def test_the_deltas_that_a_client_is_told_make_up_the_words(path):
    words: dict[str, dict[str, str]] = {}
    recorded = Recorded(path)
    for one in told_by(recorded):
        if isinstance(one, server_events.OutputTranscriptDelta | server_events.OutputTextDelta):
            items = words.setdefault(one.response_id, {})
            items[one.item_id] = items.get(one.item_id, "") + one.delta
    said = [" ".join(items.values()) for items in words.values()]
    assert sorted(said) == sorted(text for text in recorded.said if text)


@each_file
def test_a_client_is_told_in_the_order_of_the_server(path):
    recorded = Recorded(path)
    names = iter(recorded.names)
    for one in told_by(recorded):
        if isinstance(one, server_events.ServerEventBase):
            name = str(one.__struct_config__.tag)
            # A transcript that no delta told is told as one.
            ends = {name, name.removesuffix("delta") + "done"}
            assert any(each in ends for each in names), f"{name} is told out of its order"


@each_file
def test_what_is_odd_is_told_once_and_nothing_else(path):
    recorded = Recorded(path)
    odd = [[one.event, one.field] for one in told_by(recorded) if isinstance(one, OddField)]
    assert sorted(odd) == sorted(recorded.note["odd"])


@each_file
def test_every_error_reaches_the_client(path):
    recorded = Recorded(path)
    told = told_by(recorded)
    harmless = {"response_cancel_not_active"}
    errors = [event for event in recorded.events if event["type"] == "error"]
    codes = [(event.get("error") or {}) for event in errors]
    codes = [one.get("code") if isinstance(one, dict) else one for one in codes]
    reached = [one for one in told if isinstance(one, server_events.Error | SessionExpired)]
    assert len(reached) == len([code for code in codes if code not in harmless])
    assert all(one.error.message for one in reached if isinstance(one, server_events.Error))


def mutated(events: list[dict[str, Any]], chance: random.Random) -> list[str]:
    """The lines of a session with some of them spoilt, lost, doubled or moved."""
    lines: list[str] = []
    for event in copy.deepcopy(events):
        match chance.randrange(16):
            case 0:
                continue
            case 1:
                lines.insert(chance.randrange(len(lines) + 1), json.dumps(event))
            case 2:
                lines += [json.dumps(event)] * 2
            case 3:
                text = json.dumps(event)
                lines.append(text[: chance.randrange(len(text))])
            case 4 | 5 | 6 | 7:
                spoil(event, chance)
                lines.append(json.dumps(event))
            case _:
                lines.append(json.dumps(event))
    return lines


def spoil(value: Any, chance: random.Random) -> None:
    """Lose or replace one value at any depth."""
    while True:
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not places:
            return
        place = chance.choice(places)
        inner = value[place]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.8:
            value = inner
            continue
        if isinstance(value, dict) and chance.random() < 0.4:
            del value[place]
        else:
            value[place] = copy.deepcopy(chance.choice(ODD_VALUES))
        return


@each_file
def test_nothing_that_a_server_spoils_breaks_a_client(path):
    events = Recorded(path).events
    for number in range(MUTATIONS):
        chance = random.Random(f"{path.stem} {number}")
        spoken = Call.configured()
        for line in mutated(events, chance):
            for one in spoken.session.receive(line.encode()):
                if isinstance(one, ToolRequested):
                    spoken.session.return_tool(one.call_id, "{}")
            spoken.session.hear_frame(audible=chance.random() < 0.5)
        spoken.session.cancel()
        # What it has answered is the protocol's, whatever it was told.
        assert all(isinstance(json.loads(text)["type"], str) for text in spoken.session.outgoing())
