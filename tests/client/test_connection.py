"""What a new session is told of the last one."""

from __future__ import annotations

from soundstage.client.connection import REMEMBERED, Dialogue
from soundstage.realtime import Item, Part, Response, Truncated, server_events


def said(item: str, text: str) -> server_events.InputTranscriptionCompleted:
    return server_events.InputTranscriptionCompleted(
        item_id=item, content_index=0, transcript=text, usage={}
    )


def answered(response: str, text: str) -> server_events.ResponseDone:
    message = Item(type="message", content=[Part(type="output_audio", transcript=text)])
    done = Response(id=response, status="completed", output=[message])
    return server_events.ResponseDone(response=done)


def test_turns_are_kept_in_order_and_cut_replies_as_far_as_they_were_heard() -> None:
    dialogue = Dialogue()
    for notification in (
        said("i1", " Hello. "),
        said("i2", " "),
        server_events.OutputAudioBufferStarted(response_id="r1"),
        answered("r1", "Hi, how are you today?"),
        Truncated("i3", "r1", 500, "Hi, how"),
        Truncated("i3", "r1", 500, None),
        answered("r2", ""),
        answered("r3", "Nobody heard this."),
        Truncated("i4", "r3", 0, ""),
        said("i5", "Fine."),
    ):
        dialogue.follow(notification)
    assert list(dialogue.turns()) == [
        ("user", "Hello."),
        ("assistant", "Hi, how"),
        ("user", "Fine."),
    ]


def test_only_so_much_is_remembered() -> None:
    dialogue = Dialogue()
    for number in range(REMEMBERED + 5):
        dialogue.follow(said(f"i{number}", str(number)))
    assert next(dialogue.turns()) == ("user", "5")
