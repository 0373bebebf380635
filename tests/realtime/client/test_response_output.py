"""What is in a response whose server tells of it in other events than `response.done`."""

from __future__ import annotations

from typing import Any

from dummy_samples import ASSISTANT
from dummy_server import Call, call, created, done, event, item_added, words

from soundstage.realtime import ToolRequested, server_events

PLACE = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}


def transcript(text: str, **place: Any) -> dict[str, Any]:
    kind = "response.output_audio_transcript.done"
    return event(kind, **{**PLACE, **place}, transcript=text)


def arguments(call_id: str = "call_1", name: str = "weather", text: str = "{}") -> dict[str, Any]:
    place = {"response_id": "resp_1", "item_id": "item_c", "output_index": 1, "call_id": call_id}
    kind = "response.function_call_arguments.done"
    return event(kind, **place, name=name, arguments=text)


def item(kind: str, made: dict[str, Any]) -> dict[str, Any]:
    return event(f"response.output_item.{kind}", response_id="resp_1", output_index=1, item=made)


def heard(*events: dict[str, Any]) -> tuple[str, str, list[tuple[str, str, str]]]:
    """The words of the deltas, those of the response that is done, and the calls."""
    told = Call.configured().hear(*events)
    deltas = "".join(
        one.delta
        for one in told
        if isinstance(one, server_events.OutputTranscriptDelta | server_events.OutputTextDelta)
    )
    [ended] = [one.response for one in told if isinstance(one, server_events.ResponseDone)]
    calls = [(c.call_id, c.name, c.arguments) for c in told if isinstance(c, ToolRequested)]
    return deltas, ended.said, calls


def test_words_that_only_their_own_end_tells_are_heard_as_one_delta() -> None:
    assert heard(created(), transcript("Hello."), done()) == ("Hello.", "Hello.", [])


def test_text_that_only_its_own_end_tells_is_heard_too() -> None:
    text = event("response.output_text.done", **PLACE, text="Hello.")
    assert heard(created(), text, done()) == ("Hello.", "Hello.", [])


def test_words_that_deltas_have_told_are_not_told_again() -> None:
    told = [created(), words("Hel"), words("lo."), transcript("Hello."), done()]
    assert heard(*told) == ("Hello.", "Hello.", [])


def test_words_that_only_deltas_have_told_are_in_the_response() -> None:
    assert heard(created(), words("Hel"), words("lo."), done())[1] == "Hello."


def test_words_of_several_items_are_in_the_order_in_which_they_began() -> None:
    told = [created(), words("One."), words("Two.", item="item_2"), words(" More."), done()]
    assert heard(*told)[1] == "One. More. Two."


def test_what_a_response_lists_is_what_counts() -> None:
    told = [created(), words("Hello"), transcript("Hello, there."), done("resp_1", ASSISTANT)]
    assert heard(*told)[1] == "Hello there."


def test_of_a_cut_reply_whose_message_is_empty_nothing_was_heard() -> None:
    cut = {**ASSISTANT, "status": "incomplete", "content": []}
    details = {"type": "cancelled", "reason": "turn_detected"}
    ended = done("resp_1", cut, status="cancelled", status_details=details)
    assert heard(created(), words("Hello"), ended)[1] == ""


def test_a_call_that_only_its_own_event_tells_is_made() -> None:
    assert heard(created(), arguments(), done())[2] == [("call_1", "weather", "{}")]


def test_a_call_that_only_its_item_tells_is_made() -> None:
    assert heard(created(), item("done", call()), done())[2] == [("call_1", "weather", "{}")]


def test_a_call_has_its_name_from_its_item_where_its_own_event_gives_none() -> None:
    begun = {**call(arguments=""), "status": "in_progress"}
    told = [created(), item("added", begun), arguments(name="", text='{"city": "Oslo"}'), done()]
    assert heard(*told)[2] == [("call_1", "weather", '{"city": "Oslo"}')]


def test_a_call_that_several_events_tell_is_made_once() -> None:
    told = [created(), arguments(), item("done", call()), done("resp_1", call())]
    assert heard(*told)[2] == [("call_1", "weather", "{}")]


def test_a_call_that_the_response_leaves_out_is_made_beside_the_others() -> None:
    told = [created(), arguments("call_2", "time"), done("resp_1", call())]
    assert [name for _, name, _ in heard(*told)[2]] == ["weather", "time"]


def test_a_call_that_was_begun_and_never_finished_is_not_made() -> None:
    begun = {**call(arguments=""), "status": "in_progress"}
    assert heard(created(), item("added", begun), done())[2] == []


def test_nothing_is_kept_of_a_response_for_the_next_one() -> None:
    spoken = Call.configured()
    spoken.hear(created(), arguments(), words("Hello."), done())
    told = spoken.hear(created("resp_2"), item_added("resp_2"), done("resp_2"))
    assert not [one for one in told if isinstance(one, ToolRequested)]
    [ended] = [one.response for one in told if isinstance(one, server_events.ResponseDone)]
    assert ended.said == ""
