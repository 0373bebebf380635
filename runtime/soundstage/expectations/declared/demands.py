"""All that a scenario expects of a run, with what its judge must know of the agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from soundstage.expectations.declared.expectation_tables import Expectation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.expectations.llm_judge.judge_settings import JudgeSettings


class Expected(Struct, frozen=True):
    """One `[[expect]]`.

    Attributes:
        id: its id.
        instances: itself, or one for each agent of its `each`.
    """

    id: str
    instances: tuple[Expectation, ...]

    @property
    def tables(self) -> list[dict[str, Any]]:
        """Each instance as it would be written, as JSON can hold it."""
        return [
            each.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"each"})
            for each in self.instances
        ]


class Cast(Struct, frozen=True, kw_only=True):
    """What is known of the agents of a scenario before they run.

    Attributes:
        under_test: the agents whose failures fail a run.
        speakers: those that can speak at all.
        answerers: those that answer by themselves when they are spoken to.
        openers: those that speak before any other.
        floored: those that wait for the floor of their room.
    """

    under_test: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    answerers: frozenset[str] = frozenset()
    openers: frozenset[str] = frozenset()
    floored: frozenset[str] = frozenset()


class Demands(Struct, frozen=True, kw_only=True):
    """All that a scenario expects.

    Attributes:
        expected: its expectations, in the order of the file.
        cast: what is known of its agents.
        expects_answers: whether an agent that does not answer fails the run.
        judge: the language model that judges, if one is declared. It is not written down: a run is
            judged again by the answers that were kept.
    """

    expected: tuple[Expected, ...] = ()
    cast: Cast = Cast()
    expects_answers: bool = True
    judge: JudgeSettings | None = None

    def named(self, name: str) -> Expected | None:
        """The expectation of an id."""
        return next((each for each in self.expected if each.id == name), None)

    def written(self) -> dict[str, Any]:
        """All of it, as tables that JSON can hold."""
        return {
            "expect": [table for each in self.expected for table in each.tables],
            "expect_answers": self.expects_answers,
            **{name: sorted(getattr(self.cast, name)) for name in Cast.__struct_fields__},
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Demands:
        """What `written` gave; nothing is expected where that was of an earlier version.

        Raises:
            ValueError: it is something else.
        """
        instances: dict[str, list[Expectation]] = {}
        for table in written.get("expect", ()):
            one = Expectation.model_validate(table)
            instances.setdefault(one.id, []).append(one)
        members = {
            name: frozenset(map(str, written.get(name, ()))) for name in Cast.__struct_fields__
        }
        return cls(
            expected=tuple(Expected(name, tuple(each)) for name, each in instances.items()),
            cast=Cast(**members),
            expects_answers=written.get("expect_answers") is True,
        )
