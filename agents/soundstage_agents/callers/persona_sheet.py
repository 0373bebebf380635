"""What a persona is: its goal, the facts that it keeps to itself, and the prompt made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, GetJsonSchemaHandler, model_validator

from soundstage.config.values import Name, Phrase, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_Words = Annotated[str, Field(min_length=1, max_length=2000)]

MOST_FACTS: Final = 100

_PROMPT: Final = """\
You play a person who speaks on the telephone. You are not an assistant, and you never offer help. \
What the other side says reaches you as text, and what you answer is spoken.

Your goal: {goal}
{character}
{facts}
How you speak: one or two short sentences at a time, only words that are spoken, with no \
description of what you do, no list and no markup. Speak as this person in every reply, also when \
you are asked whether you are a machine.

How you end the call: when your goal is reached, say goodbye and call end_call with satisfied = \
true. When it has become clear that you will not reach it, say so in one sentence and call \
end_call with satisfied = false. Give the reason in one sentence. Do not end the call for any \
other reason."""

_FACTS: Final = """\
What you know. Say one of these only when you are asked for it, and no other one with it. Never \
say one of your own accord:
{listed}
When you are asked for anything else about yourself or your case, say that you do not know it.
"""

_NO_FACTS: Final = """\
When you are asked for anything about yourself or your case that is not written here, say that \
you do not know it.
"""


class Fact(Table):
    """Something that a persona says only when it is asked for it.

    Attributes:
        text: the fact, as the prompt has it.
        said: words by which it is known that the persona has said it; those of `text` where it is
            None.
    """

    text: _Words
    said: Phrase | None = None

    @model_validator(mode="before")
    @classmethod
    def _text_alone_is_enough(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_be_found(self) -> Fact:
        if self.said is None:
            try:
                Phrase(self.text)
            except ValueError as error:
                raise ValueError(f"give said, the words that it is found by: {error}") from None
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "string", "minLength": 1}]}

    def is_in(self, words: str) -> bool:
        """Whether it has been said with these words.

        Raises:
            PatternTimeout: its pattern took too long.
        """
        phrase = Phrase(self.text) if self.said is None else self.said
        return phrase.match(words) is not None


Facts = Annotated[dict[Name, Fact], Field(max_length=MOST_FACTS)]
"""Facts by their names."""


def persona_prompt(goal: str, character: str | None, facts: Mapping[str, Fact]) -> str:
    """The instructions of the language model that plays a persona.

    Args:
        goal: what it wants.
        character: who it is and how it speaks, in words; None to leave that to the model.
        facts: what it says only when it is asked.
    """
    listed = "\n".join(f"- {name}: {fact.text}" for name, fact in facts.items())
    return _PROMPT.format(
        goal=goal.strip(),
        character=f"\nWho you are: {character.strip()}\n" if character else "",
        facts=_FACTS.format(listed=listed) if facts else _NO_FACTS,
    )


class FactSheet:
    """Which facts a persona has said so far.

    Args:
        facts: all of them, by name.
    """

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._kept = dict(facts)

    def said(self, words: str) -> Iterable[tuple[str, Fact]]:
        """The facts that these words say for the first time, in the order of the file."""
        found = [(name, fact) for name, fact in self._kept.items() if fact.is_in(words)]
        for name, _ in found:
            del self._kept[name]
        return found
