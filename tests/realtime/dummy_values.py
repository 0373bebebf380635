"""Any value that a struct may have, field by field, for tests that try them all."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import NODEFAULT, UNSET, Struct, inspect

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=3,
)


def values_of(struct: type[Struct]) -> st.SearchStrategy[Any]:
    """Instances of a struct, with each field that may be left out now there and now not."""
    return _of(inspect.type_info(struct))


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StructType():
            return st.builds(kind.cls, **{field.name: _field(field) for field in kind.fields})
        case inspect.UnionType():
            return st.one_of(*(_of(one) for one in kind.types))
        case inspect.Metadata():
            return _of(kind.type)
        case inspect.ListType():
            return st.lists(_of(kind.item_type), max_size=2)
        case inspect.DictType():
            return st.dictionaries(_of(kind.key_type), _of(kind.value_type), max_size=2)
        case _:
            return PLAIN[type(kind)]


def _field(field: inspect.Field) -> st.SearchStrategy[Any]:
    values = _of(field.type)
    if field.default is UNSET:
        return st.just(UNSET) | values
    return values if field.default is NODEFAULT else st.just(field.default) | values


PLAIN: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.StrType: words,
    inspect.IntType: st.integers(-(2**40), 2**40),
    inspect.FloatType: st.floats(-1e6, 1e6),
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
    inspect.AnyType: anything,
}


def read(text: bytes, union: Any) -> Any:
    """An event, with no rule checked but its types."""
    return msgspec.json.decode(text, type=union)
