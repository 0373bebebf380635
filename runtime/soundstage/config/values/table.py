"""Tables that people write, and what they are validated with."""

import os
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeGuard, TypeVar, overload

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

_NO_PLUGINS: Final = "PYDANTIC_DISABLE_PLUGINS"


class Table(BaseModel):
    """A table of a scenario file: frozen, and an unknown key is an error."""

    # A command needs few of all tables, and what checks one takes long to make: only then it is.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def model_rebuild(
        cls,
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: Mapping[str, Any] | None = None,
    ) -> bool | None:
        """Make what checks the table, as pydantic does, but without pydantic's plugins."""
        with without_plugins():
            return super().model_rebuild(
                force=force,
                raise_errors=raise_errors,
                # The frame of this method lies between.
                _parent_namespace_depth=_parent_namespace_depth + 1,
                _types_namespace=_types_namespace,
            )


@contextmanager
def without_plugins() -> Generator[None]:
    """Let pydantic make what checks a value of ours without its plugins, which are others' to use.

    To look for them, it reads the metadata of every installed package.
    """
    before = os.environ.get(_NO_PLUGINS)
    os.environ[_NO_PLUGINS] = "__all__"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_NO_PLUGINS, None)
        else:
            os.environ[_NO_PLUGINS] = before


S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class HasSettings(Protocol[S_co]):
    """A class with the model of its table."""

    @property
    def Settings(self) -> Callable[..., S_co]:  # noqa: N802 - it is a class
        """The model."""
        ...


class SettingsOf:
    """The attribute `settings` of an agent or an effect: an instance of its class's `Settings`.

    It is a descriptor for type checkers only: so they know the keys of a subclass that says
    `class Settings(Agent.Settings)`, with no type parameter that would repeat it.
    """

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, instance: HasSettings[S], owner: type[object]) -> S: ...
    def __get__(self, instance: Any, owner: type[object]) -> Any:
        """The table."""
        return self if instance is None else vars(instance)["settings"]

    def __set__(self, instance: object, value: object) -> None:
        """Keep the table."""
        vars(instance)["settings"] = value


class PlacedTable(dict[str, object]):
    """A table as it was read, with the folders that paths in it are relative to.

    Attributes:
        folders: key to the folder of the file that says its value.
    """

    def __init__(self, table: Mapping[str, object], folders: Mapping[str, Path]) -> None:
        super().__init__(table)
        self.folders = folders

    def __reduce__(self) -> tuple[type["PlacedTable"], tuple[dict[str, object], dict[str, Path]]]:
        return PlacedTable, (dict(self), dict(self.folders))


@dataclass(frozen=True)
class ValidationContext:
    """What a validation knows beside the values, given to pydantic as `context`.

    Values work without one, too: names are then not looked up.

    Attributes:
        names: per collection (`agents`, `tools`, `effects`, `providers`, `cues`; `called`: tools by
            the names that models know), the names that can be referred to.
        files: every file that a value was read from, in order.
    """

    names: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    files: list[Path] = field(default_factory=list[Path])


def context_of(context: object) -> ValidationContext:
    """The context of a validation, or one that knows nothing."""
    return context if isinstance(context, ValidationContext) else ValidationContext()


def folder_of(table: object, key: str) -> Path:
    """The folder that the path at a key of a table is relative to; else the working folder."""
    return table.folders.get(key, Path()) if isinstance(table, PlacedTable) else Path()


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a value read from TOML or JSON is a table."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a value read from TOML or JSON is a list."""
    return isinstance(value, list)


CHOICE: Final = "one_of"
"""The only key of a table that stands for one of several values."""


DRAWN_FROM: Final = f'one of several, drawn from the seed, is {{ {CHOICE} = ["…", "…"] }}'
"""What is said where a list stands in the place of one value."""


def is_choice(value: object) -> bool:
    """Whether a value read from TOML is one of several: `{ one_of = ["ash", "coral"] }`."""
    return is_table(value) and len(value) == 1 and is_list(value.get(CHOICE))


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
