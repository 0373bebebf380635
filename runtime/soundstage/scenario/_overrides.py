"""`--set PATH=VALUE`: one value of a scenario, changed from the command line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, cast

from soundstage.config.values import is_list, is_table, suggestion
from soundstage.scenario._faults import Place, written_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soundstage.scenario._document import Document
    from soundstage.scenario._faults import Faults, KeyPath

_NAMED = ("agents", "providers", "tools")


class _WrongPathError(Exception):
    """A path leads nowhere."""


def apply_sets(document: Document, sets: Sequence[str], faults: Faults) -> None:
    """Change single values of a document.

    Args:
        document: is changed in place.
        sets: `PATH=VALUE` each; the path as `end.turns` or `links.0.between`, the value in TOML,
            else taken as text.
        faults: collects what is wrong.
    """
    for text in sets:
        written, equals, value = text.partition("=")
        place = Place(f"--set {written.strip()}", Path.cwd())
        if not equals:
            faults.add(place, "a value is set with PATH=VALUE, as agents.alice.voice=ash")
            continue
        try:
            path = _put(document.tree, _keys(written), _value(value))
        except _WrongPathError as error:
            faults.add(place, str(error))
            continue
        document.say(path, place)
        for end in range(1, len(path)):
            document.places.setdefault(path[:end], place)


def written_set(path: str, value: object) -> str:
    """A value of Python's as `apply_sets` takes it; a text stays one, whatever is in it.

    Raises:
        ValueError: TOML has no such value.
    """
    return f"{path}={_written(value)}"


def _written(value: object) -> str:
    if is_table(value):
        pairs = (f"{json.dumps(key)} = {_written(item)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, cast('Sequence[object]', value)))}]"
    if isinstance(value, str | int | float):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    raise ValueError(f"a scenario has no values of the type {type(value).__name__}")


def _keys(written: str) -> tuple[str, ...]:
    try:
        found: object = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        raise _WrongPathError("is no path of keys, as agents.alice.voice") from None
    keys: list[str] = []
    while is_table(found):
        if len(found) != 1:
            raise _WrongPathError("is no path of keys, as agents.alice.voice")
        [(key, found)] = found.items()
        keys.append(key)
    return tuple(keys)


def _value(text: str) -> object:
    try:
        read = tomllib.loads(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return text.strip()
    return read["value"] if read.keys() == {"value"} else text.strip()


def _put(tree: dict[str, object], keys: tuple[str, ...], value: object) -> KeyPath:
    """Put a value into nested tables; missing tables are made, missing names are not."""
    holder: object = tree
    path: KeyPath = ()
    for depth, key in enumerate(keys):
        step = _step(holder, key, path)
        path = (*path, step)
        if depth == len(keys) - 1:
            _assign(holder, step, value)
        else:
            holder = _enter(holder, step)
    return path


def _step(holder: object, key: str, path: KeyPath) -> str | int:
    if is_list(holder):
        if not key.isdecimal() or int(key) >= len(holder):
            count = f"0 to {len(holder) - 1}" if holder else "none: it is empty"
            raise _WrongPathError(f"{written_path(path)} is a list; its indexes are {count}")
        return int(key)
    if not is_table(holder):
        raise _WrongPathError(f"{written_path(path)} is no table, so it has no {key}")
    if len(path) == 1 and path[0] in _NAMED and key not in holder:
        hint = suggestion(key, holder.keys())
        raise _WrongPathError(f'{path[0]} has no "{key}"; {hint}')
    return key


def _enter(holder: object, step: str | int) -> object:
    if isinstance(step, int):
        return holder[step] if is_list(holder) else None
    return holder.setdefault(step, {}) if is_table(holder) else None


def _assign(holder: object, step: str | int, value: object) -> None:
    if isinstance(step, int):
        if is_list(holder):
            holder[step] = value
    elif is_table(holder):
        holder[step] = value
