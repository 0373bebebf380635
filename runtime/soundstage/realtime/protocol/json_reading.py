"""Reading JSON that came from outside: as a type, or as far as it has the shape that is hoped for.

msgspec says what is wrong with a value in English, which is its own to change. So a value that it
refuses is walked a second time, beside the description of the type it should have had, and what is
wrong is told in the protocol's codes and with the protocol's paths.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import msgspec
from msgspec import inspect

from soundstage.errors import ClientFault
from soundstage.realtime.protocol.client_errors import (
    invalid_choice,
    invalid_type,
    missing_parameter,
    out_of_bounds,
    unknown_parameter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

Json: TypeAlias = dict[str, Any]
"""A JSON object."""

Shape = TypeVar("Shape")


def object_in(value: object) -> Json:
    """The value when it is a JSON object, otherwise an empty one."""
    return cast("Json", value) if isinstance(value, dict) else {}


def text_in(value: object) -> str:
    """The value when it is a text, otherwise an empty one."""
    return value if isinstance(value, str) else ""


def without_nulls(value: Json, shape: type[Any], *, but: tuple[type[Any], ...] = ()) -> Json:
    """What a client gave, less the nulls with which it leaves a field out.

    Args:
        value: a JSON object.
        shape: the struct that it should be; a null that it allows is a value, and stays.
        but: structs whose nulls stay, to be told as faults.
    """
    return cast("Json", _less_nulls(value, described(cast("Hashable", shape)), but))


def _less_nulls(value: object, kind: inspect.Type, but: tuple[type[Any], ...]) -> object:
    if isinstance(kind, inspect.UnionType):
        fitting = [one for one in kind.types if isinstance(one, inspect.StructType)]
        tag = object_in(value).get("type")
        # The tag says which of them it is; without a match nothing in it is known, and it stays.
        kind = next((one for one in fitting if one.tag is None or one.tag == tag), kind)
    if not isinstance(kind, inspect.StructType) or not isinstance(value, dict) or kind.cls in but:
        return value
    kept: Json = dict(cast("Json", value))
    for field in kind.fields:
        name = field.encode_name
        if name not in kept:
            continue
        if kept[name] is None and not field.required and not is_a(None, field.type):
            del kept[name]
        else:
            kept[name] = _less_nulls(kept[name], field.type, but)
    return kept


def read(value: object, shape: type[Shape], root: str = "") -> Shape:
    """Read what a client gave as a type.

    Args:
        value: JSON, decoded.
        shape: what it should be.
        root: the dotted path of `value`, with which the fault's `param` begins; empty for a
            whole event.

    Raises:
        ClientFault: it is something else.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError:
        fault = _fault(value, described(cast("Hashable", shape)), root)
        raise fault or ClientFault("invalid_value", "Invalid value.", param=root) from None


@lru_cache(maxsize=256)
def described(shape: Hashable) -> inspect.Type:
    """What a type is made of."""
    return inspect.type_info(shape)


def _fault(value: object, kind: inspect.Type, path: str) -> ClientFault | None:
    """What is wrong with a value, or None where nothing is."""
    check = _CHECKS.get(type(kind))
    return None if check is None else check(value, kind, path)


def _plain(value: object, kind: inspect.Type, path: str) -> ClientFault | None:
    return None if is_a(value, kind) else invalid_type(path, [_NAMES[type(kind)]], value)


def _number(
    value: object, kind: inspect.IntType | inspect.FloatType, path: str
) -> ClientFault | None:
    if not is_a(value, kind):
        return invalid_type(path, [_NAMES[type(kind)]], value)
    number = cast("float", value)
    if kind.ge is not None and number < kind.ge:
        return out_of_bounds(path, f"a value >= {kind.ge}", value)
    if kind.le is not None and number > kind.le:
        return out_of_bounds(path, f"a value <= {kind.le}", value)
    return None


def _text(value: object, kind: inspect.StrType, path: str) -> ClientFault | None:
    if not isinstance(value, str):
        return invalid_type(path, [_NAMES[type(kind)]], value)
    return _length(value, kind, path, "characters")


def _literal(value: object, kind: inspect.LiteralType, path: str) -> ClientFault | None:
    if not is_a(value, kind):
        return invalid_type(path, _names_of(kind), value)
    return None if value in kind.values else invalid_choice(path, value, kind.values)


def _array(value: object, kind: inspect.ListType, path: str) -> ClientFault | None:
    if not isinstance(value, list):
        return invalid_type(path, [_NAMES[type(kind)]], value)
    items = cast("list[object]", value)
    faults = (_fault(item, kind.item_type, f"{path}[{at}]") for at, item in enumerate(items))
    return _length(items, kind, path, "items") or _first(faults)


def _table(value: object, kind: inspect.DictType, path: str) -> ClientFault | None:
    if not isinstance(value, dict):
        return invalid_type(path, [_NAMES[type(kind)]], value)
    fields = cast("Json", value)
    # A fault of a key is told as one of the table that it is in.
    keys = (_fault(key, kind.key_type, path) for key in fields)
    values = (_fault(each, kind.value_type, _under(path, key)) for key, each in fields.items())
    return _length(fields, kind, path, "keys") or _first(keys) or _first(values)


def _struct(value: object, kind: inspect.StructType, path: str) -> ClientFault | None:
    if not isinstance(value, dict):
        return invalid_type(path, [_NAMES[type(kind)]], value)
    given, fields = cast("Json", value), {field.encode_name: field for field in kind.fields}
    # A missing field first: what else is wrong may follow from it.
    for name, field in fields.items():
        if field.required and name not in given:
            return missing_parameter(_under(path, name))
    return _first(_field(name, each, kind, fields, path) for name, each in given.items())


def _field(
    name: str,
    value: object,
    kind: inspect.StructType,
    fields: Mapping[str, inspect.Field],
    path: str,
) -> ClientFault | None:
    here = _under(path, name)
    if name in fields:
        return _fault(value, fields[name].type, here)
    if name == kind.tag_field:
        return _literal(value, inspect.LiteralType((str(kind.tag),)), here)
    return unknown_parameter(here) if kind.forbid_unknown_fields else None


def _union(value: object, kind: inspect.UnionType, path: str) -> ClientFault | None:
    fitting = [one for one in kind.types if is_a(value, one)]
    if not fitting:
        # Each name once: a literal text and a text are both strings to a client.
        names = dict.fromkeys(name for one in kind.types for name in _names_of(one))
        return invalid_type(path, list(names), value)
    tagged = {str(one.tag): one for one in fitting if isinstance(one, inspect.StructType)}
    # Where there is one kind of object only, its tag may be left out.
    if len(tagged) > 1:
        return _tagged(cast("Json", value), tagged, path)
    faults = [_fault(value, one, path) for one in fitting]
    # Two kinds of one JSON type: it is right where it is right for either.
    return None if None in faults else faults[0]


def _tagged(value: Json, kinds: Mapping[str, inspect.StructType], path: str) -> ClientFault | None:
    name = next(iter(kinds.values())).tag_field or ""
    here = _under(path, name)
    if name not in value:
        return missing_parameter(here)
    tag = value[name]
    if not isinstance(tag, str):
        return invalid_type(here, [_JSON_NAMES[str]], tag)
    return _fault(value, kinds[tag], path) if tag in kinds else invalid_choice(here, tag, kinds)


def _length(
    value: str | list[object] | Json,
    kind: inspect.StrType | inspect.ListType | inspect.DictType,
    path: str,
    unit: str,
) -> ClientFault | None:
    if kind.min_length is not None and len(value) < kind.min_length:
        return out_of_bounds(path, f"at least {kind.min_length} {unit}", len(value))
    if kind.max_length is not None and len(value) > kind.max_length:
        return out_of_bounds(path, f"at most {kind.max_length} {unit}", len(value))
    return None


def _first(faults: Iterable[ClientFault | None]) -> ClientFault | None:
    return next((fault for fault in faults if fault is not None), None)


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def fits(value: object, kind: inspect.Type) -> bool:
    """Whether a value is what it should be."""
    return _fault(value, kind, "") is None


def is_a(value: object, kind: inspect.Type) -> bool:
    """Whether a value is of the JSON type of a kind, whatever is in it."""
    if isinstance(kind, inspect.LiteralType):
        return type(value) in {type(choice) for choice in kind.values}
    if isinstance(kind, inspect.UnionType):
        return any(is_a(value, one) for one in kind.types)
    accepted = _TYPES.get(type(kind))
    return accepted is None or (
        # To Python, True is an integer as well.
        isinstance(value, accepted) and (bool in accepted or not isinstance(value, bool))
    )


def _names_of(kind: inspect.Type) -> list[str]:
    if isinstance(kind, inspect.LiteralType):
        types = {type(choice) for choice in kind.values}
        return [name for each, name in _JSON_NAMES.items() if each in types]
    return [_NAMES.get(type(kind), "a value")]


_JSON_NAMES: Final[Mapping[type[Any], str]] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    type(None): "null",
}
_TYPES: Final[Mapping[type[inspect.Type], tuple[type[Any], ...]]] = {
    inspect.StructType: (dict,),
    inspect.DictType: (dict,),
    inspect.ListType: (list,),
    inspect.StrType: (str,),
    inspect.BoolType: (bool,),
    inspect.IntType: (int,),
    inspect.FloatType: (float, int),
    inspect.NoneType: (type(None),),
}
_NAMES: Final = {kind: _JSON_NAMES[accepted[0]] for kind, accepted in _TYPES.items()}
_CHECKS: Final[Mapping[type[inspect.Type], Callable[[Any, Any, str], ClientFault | None]]] = {
    inspect.StructType: _struct,
    inspect.DictType: _table,
    inspect.ListType: _array,
    inspect.StrType: _text,
    inspect.BoolType: _plain,
    inspect.IntType: _number,
    inspect.FloatType: _number,
    inspect.NoneType: _plain,
    inspect.LiteralType: _literal,
    inspect.UnionType: _union,
}
