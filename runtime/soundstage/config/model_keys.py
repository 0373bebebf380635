"""The keys that a pydantic model knows at a place within it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from soundstage.config.diagnostics import KeyPath


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A model's fields by the key that is written for each."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model of the table at a key path below a model's own; None where there is none."""
    shape = _shape_at(model, path)
    return shape if _is_model(shape) else None


def choices_at(model: type[BaseModel], path: KeyPath) -> tuple[object, ...]:
    """The values of the `Literal` at a key path below a model's table; none where it is not one."""
    shape = _shape_at(model, path)
    members = get_args(shape) if get_origin(shape) in (Union, UnionType) else (shape,)
    return tuple(
        value
        for member in map(plain_shape, members)
        if get_origin(member) is Literal
        for value in get_args(member)
    )


def _shape_at(model: type[BaseModel], path: KeyPath) -> Any:
    shape: Any = model
    for part in path:
        shape = inner_shape(shape, part)
    return shape


def inner_shape(shape: Any, part: str | int) -> Any:
    """The annotation of what a value of this annotation holds at a key or an index."""
    origin: Any = get_origin(shape)
    arguments: tuple[Any, ...] = get_args(shape)
    if origin is Annotated:
        return inner_shape(arguments[0], part)
    if origin in (Union, UnionType):
        return next((found for each in arguments if (found := inner_shape(each, part))), None)
    if _is_model(shape):
        field = fields_of(shape).get(str(part))
        return plain_shape(field.annotation) if field else None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return plain_shape(arguments[1])
    if isinstance(origin, type) and issubclass(origin, Collection) and isinstance(part, int):
        return plain_shape(arguments[0])
    return None


def plain_shape(shape: Any) -> Any:
    """An annotation without its metadata and without None."""
    while get_origin(shape) is Annotated:
        shape = get_args(shape)[0]
    if get_origin(shape) in (Union, UnionType):
        inner = [each for each in get_args(shape) if each is not type(None)]
        return plain_shape(inner[0]) if len(inner) == 1 else shape
    return shape


def _is_model(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, BaseModel)
