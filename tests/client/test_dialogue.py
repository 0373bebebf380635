"""What a new session is told of the last one."""

from __future__ import annotations

from soundstage.client._dialogue import MOST, Dialogue
from soundstage.realtime import PlaybackStarted, ReplyDone, Transcribed, Truncated


def test_turns_are_kept_in_order_and_cut_replies_as_far_as_they_were_heard() -> None:
    dialogue = Dialogue()
    for signal in (
        Transcribed("i1", " Hello. "),
        Transcribed("i2", " "),
        PlaybackStarted("r1"),
        ReplyDone("r1", "completed", "", "Hi, how are you today?", ""),
        Truncated("i3", "r1", 500, "Hi, how"),
        Truncated("i3", "r1", 500, None),
        ReplyDone("r2", "completed", "", "", ""),
        ReplyDone("r3", "completed", "", "Nobody heard this.", ""),
        Truncated("i4", "r3", 0, ""),
        Transcribed("i5", "Fine."),
    ):
        dialogue.follow(signal)
    assert list(dialogue.turns()) == [
        ("user", "Hello."),
        ("assistant", "Hi, how"),
        ("user", "Fine."),
    ]


def test_only_so_much_is_remembered() -> None:
    dialogue = Dialogue()
    for number in range(MOST + 5):
        dialogue.follow(Transcribed(f"i{number}", str(number)))
    assert next(dialogue.turns()) == ("user", "5")
