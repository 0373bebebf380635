"""What answers for a persona: a chat server and its double, held to one contract; a stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from dummy_chat_server import DummyChatServer, delta, words
from dummy_language_model import DummyLanguageModel

from soundstage.cache import Cache
from soundstage.endpoint import ChatSettings, WrittenReplies
from soundstage.errors import LanguageModelFailed
from soundstage.kernel import JobKind
from soundstage.realtime import FunctionCall, Reply
from soundstage_agents.callers import persona_replies
from soundstage_agents.callers.persona_replies import (
    NOTHING_YET,
    SILENCE_SINCE,
    ModelReplies,
    Remark,
    StandInReplies,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOOL: dict[str, Any] = {"type": "function", "name": "end_call", "parameters": {"type": "object"}}
ENDS = '{"satisfied": true, "reason": "it is paid"}'
CALLS = {"tool_calls": [{"index": 0, "function": {"name": "end_call", "arguments": ENDS}}]}
SERVED: tuple[Any, ...] = (
    words("It is\norder 12."),
    [delta("Goodbye."), delta(**CALLS), delta(finish="tool_calls")],
    [delta("It is"), delta(finish="length")],
    (429, {"error": {"message": "slow down"}}),
)
DOUBLED: tuple[Any, ...] = (
    ["It is\n", "order 12."],
    ["Goodbye.", Reply(None, (FunctionCall("end_call", ENDS),))],
    ["It is", Reply(None, (), "max_output_tokens")],
    [LanguageModelFailed("slow down", status=429)],
)
ASKED = (Remark("other", "Hello?"),)


@pytest.fixture(params=["a chat server", "its double"])
def model(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], ModelReplies]]:
    def replies(url: str = "http://127.0.0.1:1/v1") -> ModelReplies:
        return ModelReplies(ChatSettings(url=url, model="m"), None, "You are Kim.", (TOOL,))

    if request.param == "its double":
        double = DummyLanguageModel(*DOUBLED)
        monkeypatch.setattr(persona_replies, "language_model_for", lambda *_: double)
        yield replies
        return
    with DummyChatServer(*SERVED).serving() as server:
        yield lambda: replies(server.url)


def test_a_model_gives_words_a_decision_a_broken_reply_and_an_error(
    model: Callable[[], ModelReplies],
) -> None:
    replies = model()
    assert (replies.kind, replies.model) == (JobKind.CHAT, "m")
    assert replies.reply(ASKED).text == "It is order 12."
    ends = replies.reply(ASKED)
    assert (ends.text, ends.calls) == ("Goodbye.", (FunctionCall("end_call", ENDS),))
    assert replies.reply(ASKED).unfinished == "max_output_tokens"
    with pytest.raises(LanguageModelFailed, match="slow down") as failed:
        replies.reply(ASKED)
    assert failed.value.status == 429


def asked(*remarks: Remark) -> list[tuple[str, str]]:
    """The messages that a model gets of a call so far, but for the prompt."""
    with DummyChatServer(words("Yes.")).serving() as server:
        chat = ChatSettings(url=server.url, model="m")
        ModelReplies(chat, None, "You are Kim.", (TOOL,)).reply(remarks)
    request = server.requests[0]
    assert request["messages"][0] == {"role": "system", "content": "You are Kim."}
    assert [each["function"]["name"] for each in request["tools"]] == ["end_call"]
    return [(each["role"], each["content"]) for each in request["messages"][1:]]


def test_a_model_is_told_that_it_begins_the_call() -> None:
    assert asked() == [("user", NOTHING_YET)]


def test_both_sides_take_turns_and_the_last_one_is_not_its_own() -> None:
    own, other, note = Remark("own", "Hi."), Remark("other", "Yes?"), Remark("note", "(Go on.)")
    assert asked(own, other, other, note) == [
        ("user", NOTHING_YET),
        ("assistant", "Hi."),
        ("user", "Yes? Yes? (Go on.)"),
    ]
    assert asked(other, own, own) == [
        ("user", "Yes?"),
        ("assistant", "Hi. Hi."),
        ("user", SILENCE_SINCE),
    ]


def test_a_reply_that_was_given_before_is_taken_from_the_cache(tmp_path: Path) -> None:
    with DummyChatServer(words("Yes."), words("No.")).serving() as server:
        chat = ChatSettings(url=server.url, model="m")
        texts = []
        for _ in range(2):
            kim = ModelReplies(chat, Cache(tmp_path), "You are Kim.", ())
            texts.append(kim.reply(ASKED).text)
        assert (texts, len(server.requests)) == (["Yes.", "Yes."], 1)
        eve = ModelReplies(chat, Cache(tmp_path), "You are Eve.", ())
        assert eve.reply(ASKED).text == "No."


def stand_in(**written: Any) -> StandInReplies:
    return StandInReplies(WrittenReplies.model_validate(written), (TOOL,), lambda *_: None)


def test_a_stand_in_answers_by_rules_then_lines_then_otherwise_and_is_no_model() -> None:
    ends = {"tool": "end_call", "args": {"satisfied": True, "reason": "done"}}
    replies = stand_in(
        rules=[{"heard": "number", "say": "12."}, {"heard": "paid", "call": [ends]}],
        lines=["Hello."],
        otherwise="What?",
    )
    assert (replies.kind, replies.model) == (JobKind.COMPOSE, "")
    call = [Remark("own", "Hello.")]
    assert replies.reply([]).text == "Hello."
    for heard, text in (("Your number?", "12."), ("I see.", "What?"), ("It is paid.", None)):
        call.append(Remark("other", heard))
        reply = replies.reply(call)
        assert reply.text == text
    assert [each.name for each in reply.calls] == ["end_call"]


def test_a_stand_in_answers_no_note() -> None:
    replies = stand_in(rules=[{"heard": "understood", "say": "Yes."}], otherwise="What?")
    assert replies.reply([Remark("note", "(You have not understood it.)")]).text == "What?"
