"""The base of every table that people write."""

from typing import TypeGuard

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of a scenario file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a value read from TOML or JSON is a table."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a value read from TOML or JSON is a list."""
    return isinstance(value, list)
