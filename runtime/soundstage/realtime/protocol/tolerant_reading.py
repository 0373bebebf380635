"""Reading what a server sent that is nearly what it should be: one odd field spoils no other.

Many servers speak the protocol, each with slips of its own. A field that is not of its type is
brought to it where that loses nothing, and left out otherwise; where it must be there, something
empty stands for it. What was odd is told, so that it can be reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from msgspec import inspect

from soundstage.realtime.protocol.json_reading import fits, is_a

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soundstage.realtime.protocol.json_reading import Json


class Hopeless(Exception):
    """A value that nothing can be made of."""


def read_nearly(value: Json, kind: inspect.StructType) -> tuple[Json, list[str]]:
    """Bring an object to the shape of a struct.

    Args:
        value: JSON, decoded.
        kind: the struct.

    Returns:
        The object as it can be converted to the struct, and the dotted paths of what was odd.

    Raises:
        Hopeless: it has no id where its id is all that tells what it is about.
    """
    odd: list[str] = []
    return cast("Json", _Reader(odd).struct(value, kind, "")), odd


class _Reader:
    def __init__(self, odd: list[str]) -> None:
        self._odd = odd

    def struct(self, value: object, kind: inspect.StructType, path: str) -> object:
        if not isinstance(value, dict):
            raise Hopeless
        read: Json = dict(cast("Json", value))
        for field in kind.fields:
            name = field.encode_name
            here = f"{path}.{name}" if path else name
            try:
                if name in read:
                    read[name] = self._read(read[name], field.type, here)
                elif field.required:
                    self._odd.append(here)
                    read[name] = _empty(name, field.type)
            except Hopeless:
                self._odd.append(here)
                if field.required:
                    read[name] = _empty(name, field.type)
                else:
                    del read[name]
        return read

    def _read(self, value: object, kind: inspect.Type, path: str) -> object:
        if fits(value, kind):
            return value
        if isinstance(kind, inspect.UnionType):
            return self._union(value, kind, path)
        if isinstance(kind, inspect.StructType):
            return self.struct(value, kind, path)
        if isinstance(kind, inspect.ListType) and isinstance(value, list):
            return self._array(cast("list[object]", value), kind, path)
        if isinstance(kind, inspect.DictType) and isinstance(value, dict):
            return self._table(cast("Json", value), kind, path)
        # Told even where nothing is lost: the server should know of it.
        made = _brought_to(value, kind)
        self._odd.append(path)
        return made

    def _union(self, value: object, kind: inspect.UnionType, path: str) -> object:
        # First what is of the same JSON type, then what it can be turned into.
        for one in sorted(kind.types, key=lambda one: not is_a(value, one)):
            before = len(self._odd)
            try:
                return self._read(value, one, path)
            except Hopeless:
                # What was odd to a kind that it is not says nothing about the value.
                del self._odd[before:]
        raise Hopeless

    def _array(self, values: list[object], kind: inspect.ListType, path: str) -> list[object]:
        read: list[object] = []
        for place, value in enumerate(values):
            here = f"{path}[{place}]"
            try:
                read.append(self._read(value, kind.item_type, here))
            except Hopeless:
                self._odd.append(here)
        return read

    def _table(self, values: Json, kind: inspect.DictType, path: str) -> Json:
        read: Json = {}
        for name, value in values.items():
            here = f"{path}.{name}"
            try:
                read[name] = self._read(value, kind.value_type, here)
            except Hopeless:
                self._odd.append(here)
        return read


def _brought_to(value: object, kind: inspect.Type) -> object:
    """The same value as another type, where nothing of it is lost.

    Raises:
        Hopeless: it cannot be.
    """
    if isinstance(kind, inspect.StrType):
        # Arguments of a function, mostly, which some servers send as the object that they are.
        if isinstance(value, dict | list):
            return msgspec.json.encode(value).decode()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    whole = isinstance(value, float) and value.is_integer()
    if isinstance(kind, inspect.IntType) and whole and fits(int(cast("float", value)), kind):
        return int(cast("float", value))
    raise Hopeless


def _empty(name: str, kind: inspect.Type) -> object:
    """What stands for a field that must be there and is not.

    Raises:
        Hopeless: nothing can, as without it the event is about nothing.
    """
    if name == "id":
        raise Hopeless
    for one in kind.types if isinstance(kind, inspect.UnionType) else (kind,):
        if isinstance(one, inspect.StructType):
            # The event may still say what it is about: xAI ends a part without the part.
            required = (field for field in one.fields if field.required)
            return {each.encode_name: _empty(each.encode_name, each.type) for each in required}
        if type(one) in _EMPTY:
            empty = _EMPTY[type(one)]
            # A copy: two events must not share what one of them changes.
            return empty.copy() if isinstance(empty, dict | list) else empty
    raise Hopeless


_EMPTY: Final[Mapping[type[inspect.Type], Any]] = {
    inspect.StrType: "",
    inspect.IntType: 0,
    inspect.FloatType: 0.0,
    inspect.BoolType: False,
    inspect.ListType: [],
    inspect.DictType: {},
    inspect.NoneType: None,
}
