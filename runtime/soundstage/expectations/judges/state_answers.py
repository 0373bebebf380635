"""What an object outside the conversation says after the run: a ledger, a basket, a table."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import Struct
from pydantic_core import PydanticSerializationError, to_jsonable_python

from soundstage.errors import UsageError, error_text, is_interrupt
from soundstage.expectations.declared.slot_values import contains
from soundstage.expectations.judges.findings import Finding, failed, passed, unknown
from soundstage.json_text import is_too_deep
from soundstage.kernel import call_within
from soundstage.messages import Owner

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from soundstage.config.values import ObjectReference
    from soundstage.expectations.declared.expectation_tables import Expectation

ANSWERS_WITHIN: Final = 10.0
"""Seconds that an object has to say what it holds."""

_LONGEST_SHOWN: Final = 200


class StateAnswer(Struct, frozen=True, omit_defaults=True):
    """What was answered; kept with the results, so that it can be compared again.

    Attributes:
        value: the answer, as JSON can hold it.
        error: why there is none; empty where there is one.
    """

    value: Any = None
    error: str = ""


def ask(reference: ObjectReference, folder: Path) -> StateAnswer:
    """Ask an object what it holds: a value, or a function that gives it.

    A function may take the folder of the run as its only argument. It has 10 s.

    Args:
        reference: the object.
        folder: of the run.
    """
    try:
        return call_within(lambda: _asked(reference, folder), ANSWERS_WITHIN, "state")
    except TimeoutError:
        return StateAnswer(error=f"{reference} did not answer within {ANSWERS_WITHIN:g} s")


def _asked(reference: ObjectReference, folder: Path) -> StateAnswer:
    try:
        found = reference.load()
        if callable(found):
            found = found(folder) if _takes_folder(found) else found()
        value = cast("JsonValue", to_jsonable_python(found))
    except UsageError as error:
        return StateAnswer(error=str(error))
    except PydanticSerializationError as error:
        return StateAnswer(error=f"{reference} is nothing that JSON can hold: {error}")
    except BaseException as error:
        if is_interrupt(error):
            raise
        return StateAnswer(error=f"{reference} raised {error_text(error)}")
    if is_too_deep(value):
        return StateAnswer(error=f"{reference} is nested too deep")
    return StateAnswer(value)


def _takes_folder(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = (each for each in parameters if each.default is each.empty)
    return any(each.kind in {each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD} for each in needed)


def judge_state(expectation: Expectation, answer: StateAnswer | None) -> Finding:
    """Whether the answer has all that was wanted."""
    if answer is None:
        return unknown(
            "state_unavailable",
            f"{expectation.state} was not asked: only a run that has just ended can ask it",
            Owner.SIMULATOR,
        )
    if answer.error:
        return unknown("state_unavailable", answer.error, Owner.SIMULATOR)
    told = f"{expectation.state} is {_shown(answer.value)}"
    if contains(answer.value, expectation.equals):
        return passed(told, is_final=True)
    return failed("state_differs", told, is_final=True)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
