"""Asks a language model what it makes of a run, and keeps what it answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from soundstage.endpoint import language_model_for
from soundstage.errors import error_text, is_interrupt
from soundstage.expectations.llm_judge.judge_question import INSTRUCTIONS, PROMPT_VERSION
from soundstage.expectations.llm_judge.opinion import Opinion, read_answer
from soundstage.kernel import call_within
from soundstage.realtime import Compose, Item, Part
from soundstage.units import seconds_of

if TYPE_CHECKING:
    from soundstage.cache import Cache
    from soundstage.expectations.llm_judge.judge_question import JudgeQuestion
    from soundstage.expectations.llm_judge.judge_settings import JudgeSettings

_LONGER: Final = 5.0
"""Seconds beyond the judge's own deadline after which nothing is waited for: what finds the
address of a server has no deadline of its own."""


class Judge(Protocol):
    """Says whether a statement holds of a conversation."""

    def ask(self, question: JudgeQuestion) -> Opinion:
        """Its opinion. It raises nothing: an error is in the opinion."""
        ...


class LanguageJudge:
    """Asks a language model; the same question gets the answer that it got before.

    Args:
        settings: which model.
        cache: where answers are kept by the whole question; None to ask every time.
    """

    def __init__(self, settings: JudgeSettings, cache: Cache | None) -> None:
        self._settings = settings
        self._cache = cache

    def ask(self, question: JudgeQuestion) -> Opinion:
        """The model's opinion, asked in a thread of its own; see `Judge`."""
        within = seconds_of(self._settings.timeout) + _LONGER
        try:
            return call_within(lambda: self._asked(question), within, "judge")
        except TimeoutError:
            return self._unanswered(question, f"the judge did not answer within {within:g} s")

    def _asked(self, question: JudgeQuestion) -> Opinion:
        pieces: list[str] = []
        try:
            model = language_model_for(self._settings, self._cache)
            reply = model.answer(_request(question), lambda words, _: pieces.append(words))
        except BaseException as error:
            if is_interrupt(error):
                raise
            return self._unanswered(question, f"the judge gave no answer: {error_text(error)}")
        answer = "".join(pieces)
        if reply.unfinished:
            told = f"the judge's answer broke off ({reply.unfinished})"
            return self._unanswered(question, told, answer)
        holds, reason, turn = read_answer(answer)
        return Opinion(
            model=self._settings.shown_model,
            served_by=reply.served_by,
            prompt=PROMPT_VERSION,
            question=question.text,
            answer=answer,
            holds=holds,
            reason=reason or ("" if holds is not None else "its answer is not the JSON asked for"),
            turn=turn,
            calibration=self._worth(question),
        )

    def _unanswered(self, question: JudgeQuestion, error: str, answer: str = "") -> Opinion:
        return Opinion(
            model=self._settings.shown_model,
            prompt=PROMPT_VERSION,
            question=question.text,
            answer=answer,
            error=error,
        )

    def _worth(self, question: JudgeQuestion) -> str:
        worth = self._settings.worth_of(question.statement)
        return "" if worth is None else worth.summary


def _request(question: JudgeQuestion) -> Compose:
    part = Part(type="input_text", text=question.text)
    asked = Item(id="question", type="message", role="user", content=[part])
    return Compose(
        job="judge",
        response="judge",
        conversation=(asked,),
        heard=None,
        instructions=INSTRUCTIONS,
        tools=(),
        spoken=False,
    )
