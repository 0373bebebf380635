"""A session that takes another one's place: what it is told, and what it still owes."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from dummy_samples import SESSION
from dummy_server import (
    TRANSCRIPTION,
    Call,
    call,
    cancelled,
    created,
    done,
    error,
    event,
    item_added,
    playback,
    retrieved,
    speech,
    truncated,
    words,
)
from hypothesis import given
from hypothesis import strategies as st

from soundstage.realtime import ToolRequested

Json = dict[str, Any]

CREATE, ITEM = "response.create", "conversation.item.create"
SAID = "One two three four five six."
MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
SILENT = {
    "type": "realtime",
    "audio": {"input": {"turn_detection": {"type": "server_vad", "create_response": False}}},
}


def committed(item: str = "item_u") -> Json:
    return event("input_audio_buffer.committed", item_id=item, previous_item_id=None)


def transcript(text: str, item: str = "item_u") -> Json:
    fields = {"content_index": 0, "usage": {"type": "duration", "seconds": 1}}
    return event(f"{TRANSCRIPTION}.completed", item_id=item, transcript=text, **fields)


def turn(text: str | None, item: str = "item_u") -> list[Json]:
    heard = [speech("started", item=item), speech("stopped", 1900, item=item), committed(item)]
    return heard if text is None else [*heard, transcript(text, item)]


def message(text: str, item: str = "item_1") -> Json:
    content = [{"type": "output_audio", "transcript": text}]
    fields = {"type": "message", "role": "assistant", "status": "completed"}
    return {"id": item, "object": "realtime.item", **fields, "content": content}


def made(response: str = "resp_1", item: str = "item_1", text: str = SAID) -> list[Json]:
    begun = [created(response), item_added(response, item), words(text, response, item)]
    return [*begun, done(response, message(text, item))]


def played(response: str = "resp_1") -> list[Json]:
    return [playback("started", response), playback("stopped", response)]


class Lost:
    """What a new session is told after the old one heard some events, and was lost."""

    def __init__(self, *events: Json, session: Json | None = None, **options: Any) -> None:
        self.call = Call.configured(session)
        self.call.hear(*events)
        self.call.says()
        self.options = options
        self.voice_ms = 0

    def play(self, frames: int) -> Lost:
        """Let so many frames of the server be heard."""
        for _ in range(frames):
            self.call.session.hear_frame(audible=True)
        return self

    def reconnect(self) -> list[Json]:
        self.again = self.call.session.resume(**self.options)
        assert self.call.says() == []
        self.call.hear(event("session.created", session=SESSION))
        configured = self.call.says()
        assert [each["type"] for each in configured] == ["session.update"]
        self.settings = configured[0]["session"]
        self.call.hear(event("session.updated", session=SESSION))
        self.call.session.catch_up(self.voice_ms)
        return self.call.says()

    def told(self) -> list[tuple[str, str]]:
        """The items and requests, in short."""
        return [short(each) for each in self.reconnect()]


def short(said: Json) -> tuple[str, str]:
    if said["type"] != ITEM:
        return (said["type"], "")
    item = said["item"]
    if item["type"] == "message":
        return (item["role"], " ".join(part["text"] for part in item["content"]))
    return (item["type"], item["call_id"])


def test_a_reply_that_was_heard_and_the_turn_before_it_are_told_as_text_with_their_ids() -> None:
    lost = Lost(*turn("Hello there."), *made(), *played())
    first, second = lost.reconnect()
    assert first["item"]["id"] == "item_u"
    assert first["item"]["content"] == [{"type": "input_text", "text": "Hello there."}]
    assert second["item"]["id"] == "item_1"
    assert second["item"]["content"] == [{"type": "output_text", "text": SAID}]
    assert lost.again.turn_again_ms is None


@pytest.mark.parametrize("also", [[], [created()], [created(), item_added(), words("One")], made()])
def test_a_turn_whose_answer_was_not_heard_is_answered_once_by_the_new_session(
    also: list[Json],
) -> None:
    lost = Lost(*turn("Hello there."), *also)
    assert lost.told() == [("user", "Hello there."), (CREATE, "")]
    assert lost.again.turn_again_ms is None


def test_of_a_reply_that_was_being_played_only_what_was_heard_is_told_and_nothing_asked_for() -> (
    None
):
    lost = Lost(*turn("Hello there."), *made(), playback("started")).play(75)
    assert lost.told() == [("user", "Hello there."), ("assistant", "One two three four")]


def test_words_that_come_at_once_and_sound_without_words_count_as_heard() -> None:
    place = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    whole = event("response.output_audio_transcript.done", **place, transcript=SAID)
    lost = Lost(*turn("Hello."), created(), item_added(), whole, playback("started")).play(75)
    assert lost.told() == [("user", "Hello."), ("assistant", "One two three four")]
    silent = Lost(*turn("Hello."), created(), item_added(), playback("started")).play(75)
    assert silent.told() == [("user", "Hello.")]


def test_of_a_reply_of_which_no_word_was_heard_nothing_is_told_and_it_is_asked_for_again() -> None:
    lost = Lost(*turn("Hello there."), *made(), playback("started")).play(5)
    assert lost.told() == [("user", "Hello there."), (CREATE, "")]


def test_a_reply_that_was_cut_is_told_as_the_server_said_it_was_heard() -> None:
    cut = [playback("started"), cancelled(), playback("cleared"), truncated()]
    lost = Lost(*turn("Hello."), created(), item_added(), words(SAID), *cut, retrieved())
    assert lost.told() == [("user", "Hello."), ("assistant", "Hello")]


def test_a_turn_that_is_not_over_is_heard_again_and_nothing_is_asked_for() -> None:
    lost = Lost(*turn("Hello."), *made(), *played()).play(100)
    lost.call.hear(speech("started", 1500, "item_v"))
    assert lost.told() == [("user", "Hello."), ("assistant", SAID)]
    assert lost.again.hear_from_ms == 1200


def test_a_turn_whose_words_are_not_known_is_heard_again_where_it_was_not_answered() -> None:
    lost = Lost().play(100)
    lost.call.hear(*turn(None), created())
    assert lost.told() == []
    assert lost.again.hear_from_ms == 400
    lost.call.hear(*turn("Hello.", "item_w"))
    assert lost.call.kinds() == []


def test_what_was_asked_for_waits_until_the_turn_before_it_has_been_heard_again() -> None:
    lost = Lost(session=SILENT).play(100)
    lost.call.hear(*turn(None))
    lost.call.session.respond()
    lost.call.says()
    assert lost.told() == []
    lost.call.hear(*turn("Hello.", "item_w"))
    assert lost.call.kinds() == [CREATE]


def test_an_owner_that_asks_for_each_answer_is_not_anticipated() -> None:
    lost = Lost(session=SILENT, asks_itself=True).play(100)
    lost.call.hear(*turn(None))
    lost.call.session.respond()
    lost.call.says()
    assert lost.told() == []
    lost.call.hear(*turn("Hello.", "item_w"))
    assert lost.call.kinds() == []


def test_what_was_asked_for_waits_until_what_was_said_in_the_gap_has_been_heard() -> None:
    lost = Lost(*turn("Hello."), *made())
    lost.voice_ms = 400
    assert lost.told() == [("user", "Hello.")]
    lost.call.hear(*turn("Hello?", "item_v"))
    assert lost.call.kinds() == []


def test_a_turn_that_is_heard_again_and_not_noticed_holds_nothing_up_for_ever() -> None:
    lost = Lost(session=SILENT).play(100)
    lost.call.hear(*turn(None))
    lost.call.session.respond()
    lost.call.says()
    assert lost.told() == []
    lost.play(75 + 100)
    assert lost.call.kinds() == []
    lost.play(15)
    assert lost.call.kinds() == [CREATE]


def test_a_turn_that_was_committed_by_hand_is_committed_again_once_it_was_heard_again() -> None:
    lost = Lost(session=MANUAL).play(100)
    lost.call.session.commit()
    lost.call.hear(committed())
    lost.call.session.respond()
    lost.call.says()
    assert lost.told() == []
    assert lost.again.hear_from_ms == 0
    lost.play(101)
    assert lost.call.kinds() == ["input_audio_buffer.commit", CREATE]


def test_a_function_that_was_asked_for_is_told_and_its_result_goes_to_the_new_session() -> None:
    lost = Lost(*turn("Weather?"), created(), done("resp_1", call()))
    assert lost.told() == [("user", "Weather?"), ("function_call", "call_1")]
    lost.call.session.return_tool("call_1", "{}")
    assert [short(each) for each in lost.call.says()] == [
        ("function_call_output", "call_1"),
        (CREATE, ""),
    ]


def test_a_result_whose_answer_was_not_heard_is_told_and_answered_once() -> None:
    lost = Lost(*turn("Weather?"), created(), done("resp_1", call()))
    lost.call.session.return_tool("call_1", "{}")
    lost.call.hear(created("resp_2"), item_added("resp_2", "item_2"))
    lost.call.says()
    assert lost.told() == [
        ("user", "Weather?"),
        ("function_call", "call_1"),
        ("function_call_output", "call_1"),
        (CREATE, ""),
    ]


def test_a_result_that_comes_while_there_is_no_session_is_told_after_what_was_before() -> None:
    lost = Lost(*turn("Weather?"), created(), done("resp_1", call()))
    lost.call.session.resume()
    lost.call.session.return_tool("call_1", "{}")
    lost.call.session.start_again()
    lost.call.hear(event("session.created", session=SESSION))
    lost.call.hear(event("session.updated", session=SESSION))
    lost.call.session.catch_up(0)
    told = [short(each) for each in lost.call.says()][1:]
    assert [kind for kind, _ in told] == [
        "user",
        "function_call",
        "function_call_output",
        CREATE,
    ]


def test_no_function_is_asked_for_by_a_session_and_again_by_the_next() -> None:
    lost = Lost(*turn("Weather?"), created(), done("resp_1", call()))
    lost.reconnect()
    again = lost.call.hear(created("resp_9"), done("resp_9", call()))
    assert not [each for each in again if isinstance(each, ToolRequested)]


def test_a_call_of_a_reply_that_was_cut_is_not_told() -> None:
    cut = done("resp_1", call(), status="cancelled", status_details={"reason": "turn_detected"})
    lost = Lost(*turn("Weather?"), created(), cut)
    assert lost.told() == [("user", "Weather?"), (CREATE, "")]


@pytest.mark.parametrize(
    "end",
    [
        done("resp_1"),
        done("resp_1", status="failed"),
        cancelled("resp_1", "client_cancelled"),
    ],
)
def test_a_response_that_said_nothing_or_failed_or_was_not_wanted_is_not_asked_for_again(
    end: Json,
) -> None:
    assert Lost(*turn("Hello."), created(), end).told() == [("user", "Hello.")]


def test_what_the_program_has_stopped_is_not_asked_for_again() -> None:
    lost = Lost(*turn("Hello."), *made(), playback("started"))
    lost.call.session.cancel()
    lost.call.says()
    assert lost.told() == [("user", "Hello.")]


def test_a_request_keeps_its_parameters_and_one_that_waits_its_item() -> None:
    lost = Lost()
    lost.call.session.respond(instructions="Be brief.")
    lost.call.hear(created())
    lost.call.session.prompt("Say goodbye.")
    lost.call.says()
    again = lost.reconnect()
    assert [short(each) for each in again] == [(CREATE, "")]
    assert again[0]["response"] == {"instructions": "Be brief."}
    lost.call.hear(*made("resp_2", "item_2"))
    assert [short(each) for each in lost.call.says()] == [("system", "Say goodbye."), (CREATE, "")]


def test_a_response_out_of_band_that_was_not_done_is_asked_for_again() -> None:
    lost = Lost()
    lost.call.session.respond(conversation="none", metadata={"topic": "a"})
    lost.call.hear(created("resp_o", conversation_id=None), item_added("resp_o", "item_o"))
    lost.call.says()
    again = lost.reconnect()
    assert [each["response"]["metadata"] for each in again] == [{"topic": "a"}]


def test_texts_of_the_program_are_told_in_their_place_and_not_those_that_were_refused() -> None:
    lost = Lost(*turn("Hello."))
    lost.call.session.add_text("Be kind.", role="system")
    lost.call.session.add_text("Never.", role="system")
    refused = lost.call.says()[1]["event_id"]
    lost.call.hear(error("invalid_value", refused), *made(), *played())
    assert lost.told() == [("user", "Hello."), ("system", "Be kind."), ("assistant", SAID)]


def test_an_item_that_was_deleted_is_not_told() -> None:
    lost = Lost(*turn("Hello."), *made(), *played())
    lost.call.session.add_text("Secret.")
    [own] = lost.call.says()
    added = {**own["item"], "id": "item_x", "object": "realtime.item", "status": "completed"}
    lost.call.hear(event("conversation.item.added", previous_item_id="item_1", item=added))
    lost.call.hear(
        event("conversation.item.deleted", item_id="item_x"),
        event("conversation.item.deleted", item_id="item_u"),
    )
    assert lost.told() == [("assistant", SAID)]


def test_the_new_session_begins_with_the_changes_that_were_confirmed() -> None:
    detection = {"type": "semantic_vad", "create_response": True}
    lost = Lost(session={"type": "realtime", "audio": {"output": {"voice": "ash"}}})
    session = lost.call.session
    session.update({"audio": {"input": {"turn_detection": detection}}})
    refused = session.update({"instructions": "Sing."})
    session.update({"tools": []})
    updated = event("session.updated", session=SESSION)
    lost.call.hear(updated, error("invalid_value", refused), updated)
    session.update({"tool_choice": "none"})
    lost.call.says()
    lost.reconnect()
    assert lost.settings == {
        "type": "realtime",
        "audio": {"output": {"voice": "ash"}, "input": {"turn_detection": detection}},
        "tools": [],
    }


def test_a_session_that_was_told_to_answer_no_more_still_does_not() -> None:
    detection = {"type": "server_vad"}
    body = {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    lost = Lost(*turn("Hello."), session=body)
    lost.call.session.stop_answering()
    lost.call.says()
    assert lost.told() == [("user", "Hello.")]
    assert lost.settings["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "create_response": False,
    }


def test_the_conversation_is_kept_over_a_second_loss_and_told_once() -> None:
    lost = Lost(*turn("Hello."), *made(), *played())
    lost.reconnect()
    lost.call.hear(*turn("And now?", "item_v"), *made("resp_2", "item_2", "Good."), *played())
    lost.call.hear(*played("resp_2"))
    assert lost.told() == [
        ("user", "Hello."),
        ("assistant", SAID),
        ("user", "And now?"),
        ("assistant", "Good."),
    ]


def test_a_reply_in_writing_counts_when_it_is_whole() -> None:
    text = {"type": "message", "role": "assistant", "content": [{"type": "output_text"}]}
    text = {**text, "id": "item_1", "status": "completed"}
    text["content"] = [{"type": "output_text", "text": "In writing."}]
    whole = Lost(*turn("Hello."), created(), done("resp_1", text))
    assert whole.told() == [("user", "Hello."), ("assistant", "In writing.")]


class Exchange(NamedTuple):
    """A turn of the user, and what is done about it."""

    number: int
    tool: bool
    returned: bool

    def steps(self) -> list[Json | str]:
        """What the server says; `return` where the program gives the result of the tool."""
        name = f"{self.number}"
        first, second = f"resp_{name}", f"resp_{name}_b"
        heard: list[Json | str] = [*turn(f"Turn {name}.", f"item_u{name}")]
        if not self.tool:
            return [*heard, *self.reply(first)]
        asked = [created(first), done(first, call(f"call_{name}"))]
        if not self.returned:
            return [*heard, *asked]
        return [*heard, *asked, "return", *self.reply(second)]

    def reply(self, response: str) -> list[Json | str]:
        item = f"item_{response}"
        begun = [*made(response, item)[:-1], playback("started", response)]
        done_ = done(response, message(SAID, item))
        return [*begun, "hear", done_, "hear", playback("stopped", response)]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Json | str], int]:
    """A conversation of which the last exchange alone may be without its end, and its length."""
    count = draw(st.integers(1, 4))
    exchanges = [Exchange(n, draw(st.booleans()), returned=True) for n in range(count)]
    last = Exchange(count, draw(st.booleans()), returned=draw(st.booleans()))
    before = [step for each in exchanges for step in each.steps()]
    return before + last.steps(), len(before)


@given(histories(), st.data())
def test_wherever_a_session_is_lost_each_turn_has_one_answer_and_each_call_one_result(
    history: tuple[list[Json | str], int], data: st.DataObject
) -> None:
    steps, before = history
    cut = data.draw(st.integers(before, len(steps)))
    lost = Lost()
    open_calls: list[str] = []
    requested: list[str] = []
    frames = 0
    for step in steps[:cut]:
        if step == "return":
            lost.call.session.return_tool(open_calls.pop(), "{}")
        elif step == "hear":
            frames += data.draw(st.integers(0, 30))
            lost.play(frames)
        else:
            assert isinstance(step, dict)
            found = lost.call.hear(step)
            calls = [each.call_id for each in found if isinstance(each, ToolRequested)]
            requested += calls
            open_calls += calls
            if step["type"] == "output_audio_buffer.started":
                frames = 0
    lost.call.says()
    told = lost.told()
    texts = [text for role, text in told if role == "user"]
    assert texts == sorted(set(texts))
    calls = [call_id for kind, call_id in told if kind == "function_call"]
    assert calls == requested
    results = [call_id for kind, call_id in told if kind == "function_call_output"]
    assert results == [each for each in requested if each not in open_calls]
    asked = [kind for kind, _ in told].count(CREATE)
    last = told[-2 if asked else -1][0] if len(told) > asked else ""
    owed = [asked == 1, lost.again.turn_again_ms is not None, bool(open_calls), last == "assistant"]
    nothing_new = cut == before or (last == "assistant" and asked == 0)
    assert nothing_new or sum(owed) == 1, (told, lost.again)


def test_what_two_messages_of_one_reply_say_is_heard_one_after_the_other() -> None:
    lost = Lost(
        *turn("Hello."),
        created(),
        item_added("resp_1", "item_1"),
        words("One moment.", "resp_1", "item_1"),
        item_added("resp_1", "item_2"),
        words("It is fine today.", "resp_1", "item_2"),
        playback("started"),
    ).play(75)
    assert lost.told() == [
        ("user", "Hello."),
        ("assistant", "One moment."),
        ("assistant", "It is"),
    ]
