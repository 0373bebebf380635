"""A persona on the simulated kernel, with a scripted double of its language model."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from dummy_engines import DummyEngines
from dummy_language_model import DummyLanguageModel
from dummy_stage import DummyStage
from msgspec import UNSET

from soundstage.kernel import SimulatedKernel
from soundstage.messages import Say, WindDown
from soundstage.messages.events import Noted, Turn, Warned
from soundstage.realtime import FunctionCall, Reply
from soundstage.units import samples_of_ms, samples_of_seconds
from soundstage_agents.callers import persona_replies
from soundstage_agents.callers.persona import PersonaAgent
from soundstage_agents.callers.persona_replies import (
    INTERRUPTS,
    NOT_UNDERSTOOD,
    NOTHING_YET,
    SILENCE_SINCE,
)
from soundstage_agents.scripted import ScriptedAgent

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAT = {"url": "http://127.0.0.1:1/v1", "model": "m"}
FACTS = {"order": {"text": "The order is 4711.", "said": "4711"}, "name": "Kim Olsen"}


def ends(*, satisfied: bool = True, words: str = "Goodbye.") -> list[Any]:
    told = f'{{"satisfied": {str(satisfied).lower()}, "reason": "because"}}'
    return [*filter(None, [words]), Reply(None, (FunctionCall("end_call", told),))]


class Call:
    """A call between a persona and a host with lines."""

    def __init__(self, kernel: SimulatedKernel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = DummyStage(kernel, "host", "kim")
        self.monkeypatch = monkeypatch
        self.model = DummyLanguageModel()

    def begin(
        self,
        *answers: list[Any],
        host: tuple[str, ...] = (),
        heard: tuple[str, ...] = (),
        **settings: Any,
    ) -> None:
        self.model.answers = list(answers)
        self.monkeypatch.setattr(persona_replies, "language_model_for", lambda *_: self.model)
        self.stage.cast("host", ScriptedAgent, settings={"lines": host, "wait": "700ms"})
        self.stage.cast(
            "kim",
            PersonaAgent,
            settings={"goal": "A cup.", "chat": CHAT, "facts": FACTS, **settings},
            engines=DummyEngines(*heard),
            stream=random.Random,
        )
        self.stage.begin()

    def run(self, seconds: float) -> None:
        self.stage.run(samples_of_seconds(seconds))

    @property
    def said(self) -> list[str]:
        return [turn.said for turn in self.stage.of(Turn) if turn.agent == "kim"]

    @property
    def emitted(self) -> list[tuple[str, dict[str, Any]]]:
        return [(each.name, each.data) for each in self.stage.of(Noted)]

    @property
    def warned(self) -> list[str]:
        return [each.code for each in self.stage.of(Warned)]

    def asked(self, time: int) -> list[tuple[str, str]]:
        """What the model was told the time that is given, the first being 0."""
        conversation = self.model.asked[time].conversation
        return [(str(item.role), item.said) for item in conversation]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    with SimulatedKernel() as kernel:
        yield Call(kernel, monkeypatch)


def test_each_reply_is_about_the_whole_call_so_far(call: Call) -> None:
    call.begin(["Hello."], ["It is 4711."], host=("Your order?",), heard=("your order",))
    call.run(6)
    assert call.said == ["Hello.", "It is 4711."]
    assert call.asked(0) == [("user", NOTHING_YET)]
    assert call.asked(1) == [
        ("user", NOTHING_YET),
        ("assistant", "Hello."),
        ("user", "your order"),
    ]
    assert "Your goal: A cup." in call.model.asked[0].instructions


def test_the_turns_name_the_model_that_made_their_words(call: Call) -> None:
    call.begin(["Hello."], host=("Yes?",), heard=("yes",))
    call.run(2.5)
    marks = {turn.agent: turn.made_by for turn in call.stage.of(Turn)}
    assert marks == {"kim": "m", "host": UNSET}


def test_a_fact_is_told_once_when_it_has_been_played(call: Call) -> None:
    call.begin(["4711."], ["4711, Kim Olsen."], host=("What?",), heard=("what",))
    call.run(1)
    assert call.emitted == [("revealed", {"fact": "order", "text": "The order is 4711."})]
    call.run(4)
    assert call.emitted[1:] == [("revealed", {"fact": "name", "text": "Kim Olsen"})]


@pytest.mark.parametrize(("satisfied", "name"), [(True, "satisfied"), (False, "gave_up")])
def test_it_decides_says_its_last_words_and_leaves(
    call: Call, name: str, *, satisfied: bool
) -> None:
    call.begin(ends(satisfied=satisfied), host=("No.",), heard=("no",))
    call.run(5)
    assert (call.said, call.emitted) == (["Goodbye."], [(name, {"reason": "because"})])
    [decided] = call.stage.of(Noted)
    assert decided.pts >= call.stage.of(Turn)[0].end
    assert len(call.model.asked) == 1


def test_a_decision_without_words_ends_the_call_at_once(call: Call) -> None:
    call.begin(ends(words=""))
    call.run(1)
    assert (call.said, call.emitted) == ([], [("satisfied", {"reason": "because"})])


def test_a_decision_that_cannot_be_read_is_warned_of_and_the_call_goes_on(call: Call) -> None:
    broken = ["Hm.", Reply(None, (FunctionCall("end_call", '{"satisfied": 7}'),))]
    other = ["Well.", Reply(None, (FunctionCall("refund", "{}"),))]
    call.begin(broken, other, ["Yes."], host=("A?", "B?"), heard=("a", "b"))
    call.run(8)
    assert call.said == ["Hm.", "Well.", "Yes."]
    assert (call.warned, call.emitted) == (["unreadable_decision"] * 2, [])


def test_a_reply_that_breaks_off_and_one_with_no_words_are_warned_of(call: Call) -> None:
    cut = ["I am", Reply(None, (), "max_output_tokens")]
    call.begin(cut, [Reply()], host=("A?",), heard=("a",))
    call.run(4)
    assert (call.said, call.warned) == (["I am"], ["unfinished_reply", "empty_reply"])


def test_after_the_most_replies_without_a_decision_it_gives_up(call: Call) -> None:
    call.begin(["One."], ["Two."], host=("A?", "B?"), heard=("a", "b"), most_turns=2)
    call.run(8)
    assert call.said == ["One.", "Two."]
    assert call.emitted == [("gave_up", {"reason": "no decision after 2 replies"})]


def test_a_side_that_says_nothing_is_told_to_the_model(call: Call) -> None:
    call.begin(["Hello."], ["Are you there?"])
    call.run(10)
    assert call.said == ["Hello.", "Are you there?"]
    assert call.asked(1)[-1] == ("user", SILENCE_SINCE)


def test_words_that_were_not_understood_are_told_to_the_model(call: Call) -> None:
    call.begin(["Hello."], ["Pardon?"], host=("Mumble.",), heard=("",))
    call.run(6)
    assert call.said == ["Hello.", "Pardon?"]
    assert call.asked(1)[-1] == ("user", NOT_UNDERSTOOD)


def test_out_of_patience_it_asks_once_and_then_gives_up(call: Call) -> None:
    call.begin(["Hello."], traits={"patience": "2s"})
    call.run(8)
    assert call.said == ["Hello.", "Hello? Are you still there?"]
    assert call.emitted == [("gave_up", {"reason": "no answer came for too long"})]


def test_an_interruption_is_told_to_the_model(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soundstage_agents.callers.traits._BREAKS_IN", (0.05, 0.06))
    call.begin(["Hello."], ["Wait."], host=("A?",), heard=("a",), traits={"interrupts": "100%"})
    call.run(6)
    assert call.said == ["Hello.", "Wait."]
    assert call.asked(1)[-1] == ("user", INTERRUPTS)


def gap_with(latency: str | None) -> float:
    with SimulatedKernel() as kernel, pytest.MonkeyPatch.context() as patch:
        call = Call(kernel, patch)
        chat = {**CHAT, **({} if latency is None else {"latency": latency})}
        call.begin([3.0, "Hello."], chat=chat)
        call.run(4)
        [turn] = call.stage.of(Turn)
    return float(turn.start)


def test_a_model_takes_no_time_unless_some_is_declared() -> None:
    assert gap_with("1500ms") - gap_with(None) == samples_of_ms(1500)


def test_a_reply_to_words_that_were_followed_by_others_is_asked_for_again(call: Call) -> None:
    call.begin(
        ["Hello."], ["Old."], ["New."],
        host=("A?",), heard=("a", "b"), chat={**CHAT, "latency": "3s"},
    )  # fmt: skip
    call.run(5.5)
    call.stage.agents["host"].tell(Say("B?"))
    call.run(10)
    assert "New." in call.said
    assert "Old." not in call.said


def test_a_run_that_winds_down_asks_no_model(call: Call) -> None:
    call.begin(["Hello."])
    call.stage.agents["kim"].tell(WindDown())
    call.run(3)
    assert (call.said, call.model.asked) == ([], [])


def test_a_stand_in_is_no_model_and_its_turns_are_not_marked(call: Call) -> None:
    ends_call = {"tool": "end_call", "args": {"satisfied": False, "reason": "no cup"}}
    rules = [{"heard": "no cup", "say": "Oh. Bye.", "call": [ends_call]}]
    call.begin(
        host=("No cup.",), heard=("no cup",), chat=None,
        stand_in={"rules": rules, "lines": ["A cup, please."]},
    )  # fmt: skip
    call.run(8)
    assert call.said == ["A cup, please.", "Oh. Bye."]
    assert call.emitted == [("gave_up", {"reason": "no cup"})]
    assert call.model.asked == []
    assert {turn.made_by for turn in call.stage.of(Turn)} == {UNSET}
