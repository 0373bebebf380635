"""A caller whose words a language model makes: a goal, facts that it keeps, and a decision."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, Self

from msgspec import Struct
from msgspec.structs import replace
from pydantic import Field, StrictInt, model_validator

from soundstage.config.values import Text, fault_within
from soundstage.endpoint import HasChat, WrittenReplies
from soundstage.kernel import handles
from soundstage.messages import Frame, Heard, Tick
from soundstage.messages.events import Turn, Warned
from soundstage.realtime import TurnStarted
from soundstage.tools import answer, never_waits, tool
from soundstage.units import FRAME_SAMPLES, Samples, samples_of_seconds
from soundstage_agents.callers.caller_agent import CallerAgent
from soundstage_agents.callers.persona_replies import (
    INTERRUPTS,
    NOT_UNDERSTOOD,
    ModelReplies,
    Remark,
    StandInReplies,
)
from soundstage_agents.callers.persona_sheet import Facts, FactSheet, persona_prompt

if TYPE_CHECKING:
    from soundstage.agent import AgentContext, Utterance
    from soundstage.realtime import Reply
    from soundstage_agents.callers.persona_replies import PersonaReplies

END_CALL: Final = "end_call"

_WORDS_WITHIN: Final[Samples] = samples_of_seconds(20)
"""How long after speech its words are waited for: on a busy machine recognition takes its time."""

_SAID_WITHIN: Final[Samples] = samples_of_seconds(1)
"""How long after a reply was made its sound has surely begun: then silence means its end."""


_HANGS_UP_AFTER: Final[Samples] = samples_of_seconds(0.5)
"""How long after its decision it leaves: an end that waits for the decision comes first."""


class Decision(Struct, frozen=True, kw_only=True):
    """Why a persona ends its call.

    Attributes:
        satisfied: whether it has reached its goal.
        reason: in a sentence.
    """

    satisfied: bool
    reason: str


class _ReplyDue(Struct, frozen=True):
    """A reply of the model may be said now: its declared latency has passed."""

    reply: Reply


class _HangsUp(Struct, frozen=True):
    """It has decided, and leaves now."""


class _OddReply(Struct, frozen=True):
    """Something to be logged about a reply, by a code and in words."""

    code: str
    message: str


class PersonaAgent(CallerAgent):
    """Calls for a goal of its own, and decides itself when the call is over.

    What it says comes from the language model of `chat`, or, where the table has none, from the
    hand-written `stand_in`. It emits `revealed` with each fact that was played for the first time,
    and `satisfied` or `gave_up` when its last words have been played; then it leaves the call. On
    the virtual clock the model takes no time, unless `chat.latency` declares some: its cached
    answers then give the same run on every machine.
    """

    class Settings(CallerAgent.Settings, HasChat):
        """The keys of a persona.

        Attributes:
            goal: what it wants, for the model.
            character: who it is and how it speaks, for the model.
            facts: what it says only when it is asked for it, by name.
            most_turns: after so many replies without a decision it gives up.
            stand_in: what it says where there is no `chat`.
        """

        goal: Text
        character: Text | None = None
        facts: Facts = Field(default_factory=dict)
        most_turns: Annotated[StrictInt, Field(ge=1, le=200)] = 20
        stand_in: WrittenReplies | None = None

        @model_validator(mode="after")
        def _has_a_goal_and_words(self) -> Self:
            if not self.goal.strip():
                raise fault_within([(("goal",), "is empty: it is what the persona wants")])
            if self.chat is None and (self.stand_in is None or not self.stand_in.is_given):
                raise ValueError(
                    "a persona needs chat, the language model that makes its words, or stand_in, "
                    "written words with rules, lines or otherwise"
                )
            if self.chat is not None and self.chat.sees:
                raise fault_within([(("chat", "sees"), "a persona is shown no images")])
            for number, rule in enumerate(self.stand_in.rules if self.stand_in else ()):
                place = ("stand_in", "rules", number)
                if rule.tool is not None:
                    raise fault_within([(place, "a persona gets no results of tools: use heard")])
                for call in rule.call:
                    if call.tool != END_CALL:
                        reason = f'a persona has no tool "{call.tool}", only {END_CALL}'
                        raise fault_within([(place, reason)])
            return self

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._remarks: list[Remark] = []
        self._sheet = FactSheet(self.settings.facts)
        self._replies_by = self._who_replies()
        self._marked: deque[str] = deque()
        self._made: set[str] = set()
        self._asked_at: Samples | None = None
        self._has_news = False
        self._awaits_words = False
        self._audible_until: Samples = 0
        self._given = 0
        self._decision: Decision | None = None
        self._last_words_at: Samples = 0

    @tool
    def end_call(self, satisfied: bool, reason: str) -> str:  # noqa: FBT001 - a model names it
        """End the call, after the words of the same reply have been spoken.

        Args:
            satisfied: true if the goal was reached, false if it will not be
            reason: why, in one sentence
        """
        self._decision = Decision(satisfied=satisfied, reason=reason)
        return "the call ends"

    @handles(Frame)
    def hear(self, frame: Frame) -> None:
        """Notice when it is quiet."""
        super().hear(frame)
        if frame.speakers:
            self._audible_until = frame.pts + FRAME_SAMPLES

    @handles(Heard)
    def understand(self, heard: Heard) -> None:
        """Words of another agent are known."""
        self._remarks.append(Remark("other", heard.text))
        self._awaits_words = False
        self._has_news = True

    @handles(Tick)
    def speak_frame(self, tick: Tick) -> None:
        """Speak when it is due, and end the call once the last words have been played."""
        super().speak_frame(tick)
        if self._decision is None or self._speech_queue.busy:
            return
        if tick.pts - self._last_words_at >= _SAID_WITHIN:
            self._end(self._decision)

    @handles(_ReplyDue)
    def take_reply(self, due: _ReplyDue) -> None:
        """Say what the model has answered, unless more was said meanwhile."""
        self._asked_at = None
        if self._is_over or self._decision is not None:
            return
        if self._has_news and self._replies_by.model:
            # It is about what was said before: with the new words it would be another one.
            if self._script.is_quiet(self.now):
                self._ask()
            return
        self._give(due.reply)

    @handles(_HangsUp)
    def hang_up(self, _: _HangsUp) -> None:
        """Leave the call."""
        self.leave()

    @handles(_OddReply)
    def tell_oddity(self, odd: _OddReply) -> None:
        """Log what is odd in a reply; it was found in a job, which logs nothing itself."""
        self.log_event(Warned(pts=self.now, agent=self.name, code=odd.code, message=odd.message))

    def _who_replies(self) -> PersonaReplies:
        settings = self.settings
        tools = (self._methods[END_CALL].definition(),)
        if settings.chat is not None:
            prompt = persona_prompt(settings.goal, settings.character, settings.facts)
            return ModelReplies(settings.chat, self.context.engines.cache, prompt, tools)
        if settings.stand_in is None:
            raise AssertionError("a persona has chat or stand_in")
        return StandInReplies(settings.stand_in, tools, self._warn)

    @property
    def _has_more(self) -> bool:
        return self._asked_at is None and self._decision is None and not self._is_over

    def _is_due(self, now: Samples) -> bool:
        if self._awaits_words and now - self._audible_until < _WORDS_WITHIN:
            return False
        return super()._is_due(now)

    def _is_impatient(self, now: Samples) -> bool:
        return self._has_more and super()._is_impatient(now)

    def _say_next(self, now: Samples) -> None:
        answered = self._script.has_spoken and self._script.is_answered
        if not self._script.is_quiet(now):
            self._remarks.append(Remark("note", INTERRUPTS))
        elif answered and not self._has_news:
            self._remarks.append(Remark("note", NOT_UNDERSTOOD))
        self._awaits_words = False
        self._script.spoke(now)
        self._wait_anew()
        self._ask()

    def _ask(self) -> None:
        self._asked_at, self._has_news = self.now, False
        job = partial(self._replies_by.reply, tuple(self._remarks))
        self.work(self._replies_by.kind, job, partial(self._wait_for_latency, self.now))

    def _wait_for_latency(self, asked_at: Samples, reply: Reply) -> None:
        chat = self.settings.chat
        latency = None if chat is None else chat.latency
        due = asked_at if latency is None else asked_at + latency.draw(self.context.stream("chat"))
        if due > self.now:
            self.after(due - self.now, _ReplyDue(reply))
        else:
            self.take_reply(_ReplyDue(reply))

    def _give(self, reply: Reply) -> None:
        """Say a reply, and note the decision that it makes."""
        now = self.now
        self._given += 1
        self._script.spoke(now)
        self._last_words_at = now if reply.text else now - _SAID_WITHIN
        self._note_what_is_odd(reply)
        for call in reply.calls:
            self._call(call.name, call.arguments)
        if reply.text:
            words = self._temper.spoken(reply.text)
            if self._replies_by.model:
                self._marked.append(words)
            self.say(words)
        elif self._floor_grant.held:
            self.give_floor()
        if self._decision is None and self._given >= self.settings.most_turns:
            self._decision = Decision(
                satisfied=False, reason=f"no decision after {self._given} replies"
            )

    def _note_what_is_odd(self, reply: Reply) -> None:
        if reply.unfinished:
            self._warn("unfinished_reply", f"the model's reply broke off ({reply.unfinished})")
        if not reply.text and not reply.calls and self._replies_by.model:
            self._warn("empty_reply", "the model replied with no words and no decision")

    def _call(self, name: str, arguments: str) -> None:
        told = answer(self._methods.get(name), name, arguments, await_result=never_waits)
        if told.error:
            self._warn("unreadable_decision", f"{name}({arguments}): {told.error}")

    def _hang_up(self) -> None:
        self._end(Decision(satisfied=False, reason="no answer came for too long"))

    def _end(self, decision: Decision) -> None:
        self._is_over, self._decision = True, None
        self.emit("satisfied" if decision.satisfied else "gave_up", reason=decision.reason)
        self.after(_HANGS_UP_AFTER, _HangsUp())

    def _warn(self, code: str, message: str) -> None:
        self.address.tell(_OddReply(code, message))

    # What its base does, which it looks at.

    def _notice(self, change: TurnStarted | Utterance) -> None:
        if isinstance(change, TurnStarted):
            self._awaits_words = True
        super()._notice(change)

    def _understand_nothing(self) -> None:
        self._awaits_words = False

    def _begin_reply(self, text: str, *, overlap: bool) -> str:
        response = super()._begin_reply(text, overlap=overlap)
        if self._marked and self._marked[0] == text:
            self._marked.popleft()
            self._made.add(response)
        return response

    def _log_speech(self) -> None:
        for event in self._speech_queue.events():
            if not isinstance(event, Turn):
                self.log_event(event)
                continue
            is_made = event.response in self._made
            self.log_event(replace(event, made_by=self._replies_by.model) if is_made else event)
            self._remember(event.said)

    def _remember(self, said: str) -> None:
        """Some of its own words have been played."""
        if not said:
            return
        self._remarks.append(Remark("own", said))
        for name, fact in self._sheet.said(said):
            self.emit("revealed", fact=name, text=fact.text)
