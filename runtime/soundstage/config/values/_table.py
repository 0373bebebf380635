"""The base of every table that people write."""

from collections.abc import Sequence
from typing import TypeGuard

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


class Table(BaseModel):
    """A table of a scenario file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a value read from TOML or JSON is a table."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a value read from TOML or JSON is a list."""
    return isinstance(value, list)


def fault_within(faults: Sequence[tuple[tuple[str | int, ...], str]]) -> ValidationError:
    """An error for a validator to raise that says where within its own value each fault is.

    Args:
        faults: the path from the value to the fault, and what is wrong.
    """
    return ValidationError.from_exception_data(
        "value",
        [
            InitErrorDetails(
                type=PydanticCustomError("wrong", "{error}", {"error": reason}),
                loc=path,
                input=None,
            )
            for path, reason in faults
        ],
    )
